"""What a page posts, read as answers: each kind of question, and what cannot be taken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.pages import fitting, posted
from vault.forms import answers as checking
from vault.forms.load import load_forms
from vault.forms.reading import Fault, places, read

FORMS = load_forms()
VICTIM = FORMS.get("victim")
LIMIT = 200_000


def module(name, form=VICTIM):
    return next(found for found in form.pages if found.name == name)


def reading(name, *pairs):
    many = {}
    for key, value in pairs:
        many.setdefault(key, []).append(value)
    return read(module(name).fields, many, LIMIT)


def answers(name, *pairs):
    found = reading(name, *pairs)
    assert found.faults == ()
    return found.answers


def faults(name, *pairs):
    return reading(name, *pairs).faults


# --- each kind -----------------------------------------------------------------------------------


def test_a_text_is_kept_exactly_but_for_its_line_ends():
    typed = "  Первая строка.\r\n\r\n\tВторая \u202e!  "
    assert answers("risk", ("risk_when", typed)) == {"risk_when": typed.replace("\r\n", "\n")}


@pytest.mark.parametrize("empty", ["", "   ", "\r\n \t"])
@pytest.mark.parametrize("name", ["risk_when", "risk_when.unknown", "nothing", "risk.0.text"])
def test_what_is_empty_or_belongs_to_no_question_is_left_out(name, empty):
    assert answers("risk", (name, empty)) == {}


def test_names_of_other_questions_are_passed_over():
    typed = [("story", "x"), ("receipt", "words"), ("consent.C02", "yes"), ("send_id", "1")]
    assert answers("risk", *typed) == {}


def test_one_code_is_taken_and_no_answer_is_an_answer():
    assert answers("safety", ("safe_now", "no")) == {"safe_now": "no"}
    assert answers("safety", ("safe_now", "?")) == {"safe_now": None}
    assert answers("safety", ("safe_now", "")) == {}


def test_several_codes_keep_their_order_and_stand_once():
    typed = [("told_before", "ngo"), ("told_before", "lawyer"), ("told_before", "ngo")]
    assert answers("safety", *typed) == {"told_before": ["ngo", "lawyer"]}


def test_a_number_is_whole_and_not_knowing_it_is_an_answer():
    assert answers("lawyer_family", ("family_told_days", " 12 ")) == {"family_told_days": 12}
    assert answers("lawyer_family", ("family_told_days", "0")) == {"family_told_days": 0}
    unknown = ("family_told_days.unknown", "yes")
    assert answers("lawyer_family", unknown) == {"family_told_days": None}
    assert answers("lawyer_family", unknown, ("family_told_days", "3")) == {"family_told_days": 3}


def test_a_date_is_stored_the_iso_way_with_what_else_is_known():
    typed = [
        ("released.from", "11.01.2022"),
        ("released.to", "01.2023"),
        ("released.precision", "about"),
        ("released.text", "до снега"),
    ]
    day = {"from": "2022-01-11", "to": "2023-01", "precision": "about", "text": "до снега"}
    assert answers("places", *typed) == {"released": day}


def test_what_is_no_date_goes_word_for_word_into_its_text():
    typed = [
        ("released.from", " после Наурыза "),
        ("released.to", "31.02.2022"),
        ("released.text", "снег ещё лежал"),
    ]
    text = " после Наурыза \n31.02.2022\nснег ещё лежал"
    assert answers("places", *typed) == {"released": {"text": text}}


@pytest.mark.parametrize("day", ["0001", "01.01.1900", "31.12.9999"])
def test_no_date_is_too_early_or_too_late_and_no_order_is_asked_for(day):
    found = answers("places", ("released.from", day), ("released.to", "1900"))
    assert found["released"].keys() == {"from", "to"}


def test_entries_keep_their_order_and_empty_ones_are_left_out():
    typed = [
        ("facts.2.text", "B"),
        ("facts.0.text", "A"),
        ("facts.1.text", " "),
        ("facts.1.source", ""),
        ("facts.10.source", "saw"),
    ]
    assert answers("story", *typed) == {"facts": [{"text": "A"}, {"text": "B"}, {"source": "saw"}]}


def test_what_nobody_is_asked_is_not_read():
    assert answers("story", ("facts.0.episode", "1"), ("facts.0.text", "A")) == {
        "facts": [{"text": "A"}]
    }
    assert answers("consent", ("consent.C01", "yes"), ("consent.C02", "yes")) == {}
    assert answers("identity", ("identity.given", "yes")) == {}


def test_dotted_questions_gather_in_one_object():
    typed = [
        ("consent.C06", "yes"),
        ("consent.C09_threshold", "3"),
        ("consent.C18_until.to", "2030"),
    ]
    consent = {"C06": "yes", "C09_threshold": 3, "C18_until": {"to": "2030"}}
    assert answers("consent", *typed) == {"consent": consent}


def test_whether_the_envelope_was_filled_is_seen_from_the_page():
    filled = answers("identity", ("identity.person.name", "N"))
    assert filled == {"identity": {"person": {"name": "N"}, "given": "yes"}}
    empty = answers("identity", ("contact.way", "receipt_only"))
    assert empty == {"contact": {"way": "receipt_only"}, "identity": {"given": "no"}}
    assert answers("identity", ("identity.person.name", " ")) == {}


# --- what cannot be taken ------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["три", "3.5", "-1", "1e3", "٣", "²", "12345678901", "0x1"])
def test_a_number_that_is_none_is_said_at_its_field(typed):
    fault = Fault("charges.1.part", "number")
    assert faults("statement", ("charges.1.part", typed), ("charges.0.part", "1")) == (fault,)


def test_a_number_that_is_too_high_is_said_at_its_field():
    assert faults("statement", ("charges.0.part", "101")) == (Fault("charges.0.part", "high", 100),)


def test_a_text_that_is_too_long_is_said_at_its_field():
    assert faults("risk", ("risk_when", "x" * 2001)) == (Fault("risk_when", "long", 2000),)
    assert faults("story", ("story", "x" * (LIMIT + 1))) == (Fault("story", "long", LIMIT),)
    assert answers("risk", ("risk_when", "\r\n" * 999 + "x"))["risk_when"].count("\n") == 999


@pytest.mark.parametrize("typed", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_a_text_that_cannot_be_kept_is_said_at_its_field(typed):
    assert faults("risk", ("risk_when", typed)) == (Fault("risk_when", "marks"),)


def test_a_date_whose_words_are_too_many_is_said_at_its_words():
    typed = ("released.from", "x" * 401)
    assert faults("places", typed) == (Fault("released.text", "long", 400),)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("safety", "safe_now"),
        ("safety", "told_before"),
        ("consent", "consent.C06"),
        ("places", "released.precision"),
        ("people", "people.0.agency"),
    ],
)
def test_a_code_that_was_not_offered_is_refused(page, name):
    assert faults(page, (name, "made.up")) == (Fault(name, "choice"),)


def test_a_name_needs_its_source_and_nothing_else_does():
    name = ("people.1.name", "А. Б.")
    needed = Fault("people.1.name_source", "needed")
    assert faults("people", name) == (needed,)
    assert faults("people", name, ("people.1.name_source", " ")) == (needed,)
    assert faults("people", name, ("people.0.name_source", "бейдж")) == (needed,)
    found = answers("people", name, ("people.1.name_source", "бейдж"))
    assert found == {"people": [{"name": "А. Б.", "name_source": "бейдж"}]}
    assert answers("people", ("people.0.name_source", "бейдж"))


def test_the_name_of_somebody_who_knows_needs_its_source_too():
    name = ("others_names.0.name", "А. Б.")
    assert faults("others", name) == (Fault("others_names.0.source", "needed"),)
    found = answers("others", name, ("others_names.0.source", "told"))
    assert found == {"others_names": [{"name": "А. Б.", "source": "told"}]}
    # "I cannot say how I know it" is an answer as well.
    assert answers("others", name, ("others_names.0.source", "?"))


def test_what_belongs_to_one_consent_item_goes_with_its_yes_alone():
    number = ("consent.C09_threshold", "3")
    assert faults("consent", ("consent.C09", "no"), number) == (
        Fault("consent.C09_threshold", "beside"),
    )
    found = answers("consent", ("consent.C09", "yes"), number)
    assert found == {"consent": {"C09": "yes", "C09_threshold": 3}}
    assert answers("consent", number) == {"consent": {"C09_threshold": 3}}


def test_what_goes_with_another_answer_is_said_at_its_field_and_never_dropped():
    wrote = ("doctor_wrote_it", "yes")
    assert faults("health", ("doctor_seen", "no"), wrote) == (Fault("doctor_wrote_it", "beside"),)
    assert answers("health", ("doctor_seen", "hospital"), wrote)
    step = [("remedy_steps.3.step", "filed"), ("remedy_steps.3.grounds", "no_event")]
    assert faults("complaints", *step) == (Fault("remedy_steps.3.grounds", "beside"),)


@pytest.mark.parametrize("said", [(), [("doctor_seen", "?")]])
def test_silence_and_not_knowing_leave_room_for_every_answer(said):
    assert answers("health", *said, ("doctor_wrote_it", "yes"))["doctor_wrote_it"] == "yes"
    assert answers("health", ("doctor_seen", "no"), ("doctor_wrote_it", "?"))


def test_yes_no_not_sure_rather_not_and_cannot_say_differ_from_each_other_and_from_silence():
    given = ["yes", "no", "not_sure", "rather_not", "?", ""]
    found = [answers("safety", ("safe_now", code)).get("safe_now", "silence") for code in given]
    assert found == ["yes", "no", "not_sure", "rather_not", None, "silence"]


def test_every_fault_of_a_page_is_found_at_once():
    found = reading(
        "statement",
        ("charges.0.part", "x"),
        ("charges.1.part", "y"),
        ("signed", "forced"),
    )
    assert [fault.name for fault in found.faults] == ["charges.0.part", "charges.1.part"]
    assert found.answers == {"signed": "forced"}


def test_neither_answers_nor_faults_show_what_was_typed():
    found = reading("statement", ("charges.0.part", "secret"), ("charges.0.article", "secret"))
    assert "secret" not in repr(found)


def test_places_are_those_of_this_list_alone():
    many = {
        name: ["x"] for name in ("people.3.name", "people.1.count", "people.x.a", "people2.9.a")
    }
    assert places(many, "people") == (1, 3)
    assert places({"people.12345.name": ["x"], "people.": ["x"], "people": ["x"]}, "people") == ()


# --- the pair: answers, as typed into a page, read again -----------------------------------------

TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t"), min_size=1
).filter(str.strip)
DAYS = st.dates().map(lambda day: day.isoformat())
ISO = st.one_of(DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4]))


def value_of(field):
    """Return a strategy of answers that a page can give to one question."""
    codes = st.sampled_from(sorted(field.codes)) if field.codes else st.nothing()
    if field.type == "object":
        return object_of(field.asked)
    if field.type == "list":
        return st.lists(object_of(field.asked), min_size=1, max_size=3)
    kinds = {
        "text": TEXT.map(lambda text: text[: field.limit]).filter(str.strip),
        "code": codes | st.none(),
        "yes_no": codes | st.none(),
        "consent": codes.filter(lambda code: code != "yes" or field.code_list == "consent"),
        "codes": st.lists(codes, min_size=1, max_size=4, unique=True),
        "number": st.integers(0, field.limit or 9) | st.none(),
        "date": st.fixed_dictionaries(
            {},
            optional={
                "from": ISO,
                **({"to": ISO} if field.lasts else {}),
                "precision": codes,
                "text": TEXT.map(lambda text: text[:300]).filter(str.strip),
            },
        ).filter(bool),
    }
    return kinds[field.type]


def object_of(fields):
    parts = {field.name: value_of(field) for field in fields}
    return (
        st.fixed_dictionaries({}, optional=parts)
        .filter(bool)
        .map(lambda found: fitting(fields, found))
        .map(lambda found: _with_what_is_needed(found, fields))
        .filter(bool)
    )


def _with_what_is_needed(found, fields):
    alone = {field.name for field in fields if field.needs and field.needs not in found}
    return {name: value for name, value in found.items() if name not in alone}


def page_of(fields):
    """Return a strategy of answers of one page, dotted ids gathered."""

    def gathered(found):
        result = {}
        for field_id, value in found.items():
            *above, last = field_id.split(".")
            place = result
            for name in above:
                place = place.setdefault(name, {})
            place[last] = value
        return result

    said = st.fixed_dictionaries({}, optional={field.id: value_of(field) for field in fields})
    return said.map(lambda found: gathered(fitting(fields, found)))


PAGES = [(form, module) for form in FORMS.ready for module in form.pages]


@pytest.mark.parametrize(
    ("form", "page"), PAGES, ids=[f"{form.id}-{module.name}" for form, module in PAGES]
)
def test_whatever_a_page_can_say_is_read_as_it_was_said(form, page):
    @settings(max_examples=25)
    @given(page_of(page.asked))
    def check(said):
        many = {}
        for name, value in posted(page.asked, said):
            many.setdefault(name, []).append(value)
        found = read(page.fields, many, LIMIT)
        assert found.faults == ()
        if page.name == "identity" and said:
            given = "yes" if "person" in said.get("identity", {}) else "no"
            said = {**said, "identity": {**said.get("identity", {}), "given": given}}
        assert found.answers == said
        assert checking.check(form, found.answers, checking.Limits(), whole=False) == said

    check()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "x",
                "story",
                "injury",
                "people.0.name",
                "people.1.masked",
                "events.0.when.from",
                "facts.9.text",
                "charges.0.part",
                "consent.C09_threshold.unknown",
                "identity.person.phone",
            ]
        ),
        st.lists(st.text(), max_size=3),
    )
)
def test_nothing_that_is_posted_stops_the_reading_or_gives_unchecked_answers(many):
    for page in VICTIM.pages:
        found = read(page.fields, many, LIMIT)
        assert checking.check(VICTIM, found.answers, checking.Limits(), whole=False) is not None
