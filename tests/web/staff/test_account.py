"""An account by sections: everything that was answered, once for each record, never merged."""

import pytest

from vault.cases.model import RecordView
from vault.web.staff.account import sections


@pytest.fixture(autouse=True)
def page(app):
    with app.test_request_context("/staff/me?lang=en"):
        app.preprocess_request()
        yield


def record(answers, kind="statement", form="victim", compartment="account", **more):
    return RecordView(
        id=more.pop("id", kind),
        compartment=compartment,
        kind=kind,
        day="2026-01-01",
        author="witness",
        form=form,
        answers=answers,
        **more,
    )


def names(section):
    return [answer.name for part in section.parts for answer in part.answers]


def test_answers_stand_under_the_pages_of_the_form_in_its_order():
    answers = {"people": [{"count": "4"}], "story": "x", "safe_now": "yes", "moved_by": "bus"}
    found = sections([record(answers)], "victim")
    assert [section.name for section in found] == ["safety", "story", "places", "people"]
    assert [section.title for section in found][1] == "In your own words"


def test_what_was_added_later_has_its_own_part():
    later = record({"moved_by": "on foot"}, "addendum")
    (section,) = sections([record({"released": {"from": "2022-01-14"}}), later], "victim")
    assert [part.later for part in section.parts] == [False, True]
    assert not section.beside


def test_a_question_answered_twice_shows_both_answers_beside_each_other():
    first = record({"detained_from": {"from": "2022-01-11"}, "registered_from": {"from": "2022"}})
    later = record({"detained_from": {"from": "2022-01-10"}}, "addendum")
    (section,) = sections([first, later], "victim")
    assert section.beside
    texts = [
        p.text for part in section.parts for a in part.answers for p in (a, *a.parts) if p.text
    ]
    assert texts == ["11.01.2022", "2022", "10.01.2022"]


def test_parts_of_different_compartments_stand_in_one_section():
    account = record({"methods_named_by_person": ["beat.hand"]})
    medical = record({"injury": ["bruise"]}, compartment="medical")
    (section,) = sections([account, medical], "victim")
    assert [part.record.compartment for part in section.parts] == ["account", "medical"]


def test_later_free_words_and_consent_have_places_of_their_own():
    answers = {"story": "more", "consent": {"C06": "yes"}}
    assert sections([record(answers, "addendum")], "victim") == ()
    assert sections([record({"consent": {"C06": "yes"}})], "victim") == ()


def test_groups_that_several_pages_fill_are_cut_along_them_and_nothing_is_lost():
    answers = {"identity": {"given": False, "odd": "kept"}, "contact": {"way": "receipt_only"}}
    found = sections([record(answers)], "victim")
    assert {section.name for section in found} == {"identity", "other"}
    assert answers["identity"] == {"given": False, "odd": "kept"}


@pytest.mark.parametrize("form", ["of another version", None])
def test_an_unknown_form_loses_nothing(form):
    answers = {"story": "x", "anything": [{"deep": {"er": "y"}}]}
    (section,) = sections([record(answers, form=form)], form)
    assert (section.name, sorted(names(section))) == ("other", ["anything", "story"])


def test_an_addendum_of_another_form_follows_the_accounts_own_pages():
    later = record({"relation": "mother"}, "addendum", form="relative")
    found = sections([record({"safe_now": "no"}), later], "victim")
    assert [section.name for section in found] == ["safety", "relative"]


def test_facts_say_how_they_are_known():
    facts = [{"text": "A gym", "source": "inferred", "certainty": "not_sure"}, {"text": "B"}, {}]
    (section,) = sections([record({"facts": facts})], "victim")
    (answer,) = section.parts[0].answers
    assert answer.numbered
    assert [part.text for part in answer.parts][:2] == ["A gym", "B"]
    assert answer.parts[0].note == "I think so; I did not see or hear it · I am not sure"
    assert answer.parts[1].note is None
    assert answer.parts[2].text == "answered in a part that is not shown here"


def test_what_a_paper_says_and_what_the_witness_says_stand_side_by_side():
    paper = {"document": "discharge", "says": "7 January", "i_say": "8 January"}
    (section,) = sections([record({"documents_say": [paper, {"says": "alone"}]})], "victim")
    both, alone = section.parts[0].answers[0].parts
    assert [part.beside for part in both.parts] == [False, True]
    assert [part.text for part in both.parts[1].parts] == ["7 January", "8 January"]
    assert (alone.text, alone.parts) == ("alone", ())


def test_the_real_and_the_registered_start_stand_side_by_side_with_the_hours_between():
    answers = {"detained_from": {"from": "2022-01-11"}, "registered_from": {"from": "2022-01-12"}}
    (section,) = sections([record(answers)], "victim")
    (pair,) = section.parts[0].answers
    assert pair.beside
    assert [part.name for part in pair.parts] == ["detained_from", "registered_from"]
    assert "24 hours" in pair.note


def test_an_account_is_not_repeated_where_objects_are_printed():
    assert "secret" not in repr(sections([record({"story": "secret"})], "victim"))
