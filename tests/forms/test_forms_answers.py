"""Answers: kept exactly as typed, refused when no form asks for them, cut by compartment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages import fitting
from vault.errors import EncodingError, FormatError, InputError, TooLongError, WitnessVaultError
from vault.forms.answers import Limits, check, clean_text, merge, split
from vault.forms.load import load_forms
from vault.forms.model import COMPARTMENTS

DATA = Path(__file__).parent.parent / "data"
TESTIMONIES = json.loads((DATA / "testimonies.json").read_text("utf-8"))
FORMS = load_forms()
VICTIM = FORMS.get("victim")
KEEP = {"consent": {"C01": "yes"}}
LIMITS = Limits()

each_testimony = pytest.mark.parametrize("testimony", TESTIMONIES, ids=lambda t: t["form"])


def checked(**answers):
    return check(VICTIM, answers, LIMITS, whole=False)


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["a\r\nb", "a\rb", "a\nb"])
def test_every_kind_of_line_end_becomes_one(typed):
    assert clean_text(typed, 10) == "a\nb"


@pytest.mark.parametrize(
    "typed",
    [
        "  spaces stay  ",
        "\ttab",
        "e\u0301 is not composed",
        "ﬁ ½ Å are not folded",
        "Ұлым жиырма үште, құрылыста істейді",
        "\u202bقال لي\u202c",
        "\u2067isolated\u2069",
        "zero\u200bwidth\u2028separator",
        "👩‍👧",
        "",
    ],
)
def test_everything_else_is_kept_exactly(typed):
    assert clean_text(typed, 100) == typed


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\ud800"])
def test_controls_and_lone_surrogates_are_refused(bad):
    with pytest.raises(EncodingError) as caught:
        clean_text(f"secret{bad}word", 100)
    assert "secret" not in str(caught.value)


def test_the_limit_counts_characters_after_cleaning():
    assert clean_text("ә\r\nә", 3) == "ә\nә"
    with pytest.raises(TooLongError):
        clean_text("әәәә", 3)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    try:
        once = clean_text(text, 1000)
    except WitnessVaultError:
        return
    assert clean_text(once, 1000) == once
    assert "\r" not in once


# --- whole answers -------------------------------------------------------------------------------


@each_testimony
def test_every_testimony_passes_as_it_is_apart_from_the_receipt(testimony):
    answers = testimony["answers"]
    expected = {key: value for key, value in answers.items() if key != "receipt"}
    assert check(FORMS.get(testimony["form"]), answers, LIMITS) == expected


@each_testimony
def test_every_testimony_comes_together_again(testimony):
    form = FORMS.get(testimony["form"])
    answers = check(form, testimony["answers"], LIMITS)
    assert merge(split(form, answers)) == answers


def test_the_receipt_is_not_kept_with_the_answers():
    answers = check(FORMS.get("followup"), {**KEEP, "receipt": "twelve words"}, LIMITS)
    assert answers == KEEP


@pytest.mark.parametrize("consent", [{}, {"C01": "no"}, {"C01": None}, {"C02": "yes"}])
def test_nothing_is_sent_without_leave_to_keep_it(consent):
    with pytest.raises(InputError, match=r"consent\.C01 is required"):
        check(VICTIM, {"story": "x", "consent": consent}, LIMITS)


def test_an_addendum_of_one_module_needs_no_new_leave():
    assert checked(risk=["family_threat"]) == {"risk": ["family_threat"]}


@pytest.mark.parametrize("nothing", [None, [], "x", 1, 1.5, True])
def test_only_an_object_is_a_set_of_answers(nothing):
    with pytest.raises(InputError, match="answers is not an object"):
        check(VICTIM, nothing, LIMITS)


def test_text_deep_inside_is_cleaned_too():
    assert checked(facts=[{"text": "a\r\nb"}]) == {"facts": [{"text": "a\nb"}]}


@pytest.mark.parametrize(
    "answers",
    [
        {"safe_now": "yes", "about_others": "rather_not", "filmed": False, "help_refused": None},
        {"people": [{"masked": None}, {"masked": "some"}, {}]},
        {"charges": [{"part": None}, {"part": 2}]},
        {"released": {"from": "2022", "to": None, "precision": "year", "text": "в тот год"}},
        {"released": {}},
        {"events": []},
        {"consent": {"C02": "not_yet", "C08": "yes_confidential", "C12": "paused"}},
        {"consent": {"C02": "no", "C17": "lawyer_decides", "C09_threshold": 3}},
        {"story": None},
    ],
)
def test_real_answers_pass(answers):
    assert checked(**answers) == answers


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"stori": "x"}, "answers has an unknown field"),
        ({"people": [{"agnecy": "army"}]}, "people has an unknown field"),
        ({"identity": {"person": {"nam": "x"}}}, r"identity\.person has an unknown field"),
        ({"story": 1}, "story is not a text"),
        ({"story": ["x"]}, "story is not a text"),
        ({"people": {}}, "people is not a list"),
        ({"people": None}, "people is not a list"),
        ({"people": ["x"]}, "people is not an object"),
        ({"about": []}, "about is not an object"),
        ({"safe_now": "maybe"}, "safe_now is not in its list"),
        ({"safe_now": 1}, "safe_now is not a code"),
        ({"who_writes": "me!"}, "who_writes is not a code"),
        ({"who_writes": "x" * 65}, "who_writes is not a code"),
        ({"who_writes": "king"}, "who_writes is not in its list"),
        ({"who_writes": "self\n"}, "who_writes is not a code"),
        ({"risk": "return"}, "risk is not a list"),
        ({"risk": ["return", "return"]}, "risk has one code twice"),
        ({"risk": [["return"]]}, "risk is not a code"),
        ({"consent": {"C01": True}}, r"consent\.C01 is not a code"),
        ({"consent": {"C01": "not_yet"}}, r"consent\.C01 is not in its list"),
        ({"consent": {"C19": "yes"}}, "consent has an unknown field"),
        ({"consent": {"C09_threshold": 1.0}}, "C09_threshold is not a whole number"),
        ({"consent": {"C09_threshold": True}}, "C09_threshold is not a whole number"),
        ({"consent": {"C09_threshold": -1}}, "C09_threshold is out of range"),
        ({"consent": {"C09_threshold": 1001}}, "C09_threshold is out of range"),
        ({"released": "2022"}, "released is not a date"),
        ({"released": {"when": "2022"}}, "released is not a date"),
        ({"released": {"from": "2022-1-1"}}, "released needs YYYY"),
        ({"released": {"from": 2022}}, "released needs YYYY"),
        ({"released": {"from": "٢٠٢٢"}}, "released needs YYYY"),
        ({"released": {"to": "2022-02-30"}}, "no day of the calendar"),
        ({"released": {"to": "0000"}}, "no day of the calendar"),
        ({"released": {"precision": "hour"}}, "released is not in its list"),
        ({"released": {"precision": ["day"]}}, "released is not a code"),
        ({"released": {"text": 1}}, "released is not a text"),
    ],
)
def test_what_no_form_asks_for_is_refused(answers, named):
    with pytest.raises(InputError, match=named):
        checked(**answers)


def test_an_unknown_field_is_not_repeated_in_the_error():
    with pytest.raises(InputError) as caught:
        checked(**{"my name is Sanzhar": "x"})
    assert "Sanzhar" not in str(caught.value)


@pytest.mark.parametrize(
    ("answers", "limits"),
    [
        ({"story": "xxxx"}, Limits(text=3)),
        ({"facts": [{"text": "x" * 4001}]}, LIMITS),
        ({"released": {"text": "x" * 401}}, LIMITS),
        ({"people": [{}] * 51}, LIMITS),
        ({"risk": ["return"] * 101}, LIMITS),
        ({"story": "x" * 100}, Limits(total=100)),
    ],
)
def test_everything_is_bounded(answers, limits):
    with pytest.raises(TooLongError):
        check(VICTIM, answers, limits, whole=False)


# --- compartments --------------------------------------------------------------------------------


def test_each_answer_goes_to_the_compartment_of_its_field():
    parts = split(
        VICTIM,
        {
            "story": "s",
            "injury": ["bruise"],
            "people": [{"agency": "army"}, {"agency": "knb", "name": "N"}],
            "identity": {"given": True, "person": {"name": "P"}},
        },
    )
    assert parts == {
        "account": {
            "story": "s",
            "people": [{"agency": "army"}, {"agency": "knb"}],
            "identity": {"given": True},
        },
        "medical": {"injury": ["bruise"]},
        "identity": {"people": [{}, {"name": "N"}], "identity": {"person": {"name": "P"}}},
    }


def test_the_name_of_the_dead_stays_out_of_the_fields_of_the_account():
    testimony = next(t for t in TESTIMONIES if t["form"] == "death")
    parts = split(FORMS.get("death"), testimony["answers"])
    assert parts["account"]["identity"] == {"given": True}
    assert parts["identity"] == {"identity": {"person": testimony["answers"]["identity"]["person"]}}


def test_every_compartment_is_returned_even_when_empty():
    assert split(VICTIM, {}) == {name: {} for name in COMPARTMENTS}


def test_a_reader_of_one_compartment_sees_that_part_alone():
    parts = split(VICTIM, {"story": "s", "injury": ["bruise"]})
    assert merge({"medical": parts["medical"]}) == {"injury": ["bruise"]}


def test_cutting_refuses_a_field_that_the_form_does_not_have():
    with pytest.raises(InputError):
        split(VICTIM, {"death": {}})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"story": "a"}, {"story": "a"}),
        ({"people": [{}]}, {"people": [{}, {}]}),
        ({"people": []}, {"people": {}}),
        ({"risk": ["a"]}, {"risk": ["a"]}),
    ],
)
def test_parts_of_different_answers_are_not_joined(left, right):
    with pytest.raises(FormatError):
        merge({"account": left, "medical": right})


# --- any answers to any form ---------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)


def values(field):
    """Make any answer that a field accepts."""
    if field.type == "object":
        return objects(field.fields)
    if field.type == "list":
        return st.lists(objects(field.fields), max_size=3)
    codes = st.sampled_from(sorted(field.codes)) if field.codes else st.just("any.code")
    leaf = {
        "text": texts,
        "code": codes,
        "consent": codes,
        "codes": st.lists(codes, unique=True, max_size=3),
        "yes_no": st.booleans() | codes,
        "number": st.integers(0, field.limit if field.type == "number" and field.limit else 9),
        "date": st.fixed_dictionaries(
            {}, optional={"from": st.just("2022-01"), "precision": codes, "text": texts}
        ),
    }[field.type]
    return st.none() | leaf


def objects(fields):
    found = st.fixed_dictionaries({}, optional={f.name: values(f) for f in fields if f.kept})
    return found.map(lambda said: fitting(fields, said))


@pytest.mark.parametrize("seen", ["no", "not_sure"])
def test_what_goes_with_another_answer_is_refused_and_not_dropped(seen):
    with pytest.raises(InputError, match="doctor_wrote_it goes with another answer"):
        check(
            FORMS.get("victim"),
            {"doctor_seen": seen, "doctor_wrote_it": "yes"},
            LIMITS,
            whole=False,
        )


@given(st.data(), st.sampled_from(FORMS.forms))
def test_whatever_passes_comes_together_again(data, form):
    answers = data.draw(objects(form.fields))
    assert check(form, answers, LIMITS, whole=False) == answers
    assert merge(split(form, answers)) == answers


@given(st.data(), st.sampled_from(FORMS.forms))
def test_no_leaf_stands_in_two_compartments(data, form):
    answers = data.draw(objects(form.fields))
    parts = [leaves(part) for part in split(form, answers).values()]
    assert sum(len(part) for part in parts) == len(set().union(*parts))


def leaves(value, path=()):
    """Return the paths of everything that is no container of other answers."""
    if isinstance(value, dict):
        return {p for key, item in value.items() for p in leaves(item, (*path, key))}
    if isinstance(value, list):
        return {p for i, item in enumerate(value) for p in leaves(item, (*path, i))}
    return {path}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(VICTIM.by_name)), json_values, max_size=3))
def test_any_json_is_taken_or_refused_by_our_own_errors(answers):
    try:
        result = check(VICTIM, answers, LIMITS, whole=False)
    except InputError:
        return
    assert merge(split(VICTIM, result)) == result
