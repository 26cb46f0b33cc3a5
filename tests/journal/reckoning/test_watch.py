import json

import pytest

from tests.journal.reckoning.conftest import ANNA, AUDITOR, BOLAT
from vault.journal.reckoning import watch as watching
from vault.journal.reckoning.rules import parse
from vault.journal.reckoning.watch import Watch

CASES = [f"{number:032x}" for number in range(1, 30)]
CASE = CASES[0]
# A Monday; 12:00 where the organisation is.
NOON = "2026-11-23T07:{minute:02}:00Z"


@pytest.fixture
def watch():
    """Make a watch with one rule."""
    return lambda line: Watch(parse([line]))


def found(watch):
    return [(flag.member, flag.case, flag.first, flag.last, flag.count) for flag in watch.flags]


def test_many_different_cases_in_a_short_time_are_one_flag(watch, entry):
    held = watch("many reveal 3 600")
    for minute in range(4):
        held.add(entry("reveal", ANNA, NOON.format(minute=minute), CASES[minute]))
    assert found(held) == [(ANNA, None, 0, 3, 4)]
    assert (held.flags[0].since, held.flags[0].until) == ("2026-11-23T12:00", "2026-11-23T12:03")


def test_a_flag_says_of_how_many_cases_it_was_and_no_answer_covers_what_comes_after(watch, entry):
    """Else whoever was asked about ten opens nine more at once, and is asked nothing."""
    held = watch("many reveal 3 600")
    for number in range(3):
        held.add(entry("reveal", ANNA, NOON.format(minute=number), CASES[number]))
    named = {"rule": "many", "entries": ["0", "2"], "why": "duty"}
    held.add(entry("flag.explained", AUDITOR, NOON.format(minute=3), None, ANNA, **named))
    assert held.flags[0].explained
    for number in range(2):
        held.add(entry("reveal", ANNA, NOON.format(minute=4), CASES[3 + number]))
    assert found(held) == [(ANNA, None, 0, 5, 5)]
    assert not held.flags[0].explained
    held.add(entry("reveal", ANNA, NOON.format(minute=5), CASES[0]))
    assert held.flags[0].count == 5, "the same case again is ordinary work"


def test_a_rush_that_ended_and_another_are_two_flags(watch, entry):
    held = watch("many reveal 3 600")
    for number, minute in enumerate((0, 1, 2, 40, 41, 42)):
        held.add(entry("reveal", ANNA, NOON.format(minute=minute), CASES[number]))
    assert found(held) == [(ANNA, None, 0, 2, 3), (ANNA, None, 3, 5, 3)]


def test_the_same_case_again_is_ordinary_work(watch, entry):
    held = watch("many reveal 3 600")
    for minute in range(9):
        held.add(entry("reveal", ANNA, NOON.format(minute=minute), CASES[minute % 2]))
    assert held.flags == []


def test_slowly_or_by_different_members_is_not_many(watch, entry):
    held = watch("many reveal 3 600")
    for number in range(6):
        held.add(entry("reveal", ANNA, NOON.format(minute=number * 6), CASES[number]))
        held.add(entry("reveal", BOLAT, NOON.format(minute=number * 6 + 1), CASES[number]))
    assert held.flags == []


@pytest.mark.parametrize(
    ("time", "flagged"),
    [
        ("2026-11-23T02:59:59Z", True),  # 07:59
        ("2026-11-23T03:00:00Z", False),  # 08:00
        ("2026-11-23T14:59:59Z", False),  # 19:59
        ("2026-11-23T15:00:00Z", True),  # 20:00
        ("2026-11-28T07:00:00Z", False),  # Saturday
        ("2026-11-29T07:00:00Z", True),  # Sunday
        ("2026-11-28T20:00:00Z", True),  # by UTC still Saturday
    ],
)
def test_hours_and_days_of_work_are_those_of_the_place(watch, entry, time, flagged):
    held = watch("hours reveal 8-20 1-6")
    held.add(entry("reveal", ANNA, time, CASE))
    assert bool(held.flags) == flagged


def test_one_night_is_one_flag_and_the_next_another(watch, entry):
    held = watch("hours reveal 8-20 1-6")
    for time in ("2026-11-23T17:00:00Z", "2026-11-23T22:00:00Z", "2026-11-24T18:00:00Z"):
        held.add(entry("reveal", ANNA, time, CASE))
    assert found(held) == [(ANNA, None, 0, 1, 2), (ANNA, None, 2, 2, 1)]


def test_taking_something_soon_after_being_given_the_case(watch, entry):
    held = watch("soon proof.made,note.written assign 3600")
    held.add(entry("assign", BOLAT, NOON.format(minute=0), CASE, ANNA))
    held.add(entry("proof.made", BOLAT, NOON.format(minute=1), CASE))
    held.add(entry("proof.made", ANNA, NOON.format(minute=2), CASES[1]))
    assert held.flags == []
    held.add(entry("proof.made", ANNA, NOON.format(minute=3), CASE))
    held.add(entry("note.written", ANNA, NOON.format(minute=4), CASE))
    assert found(held) == [(ANNA, CASE, 0, 4, 2)]


def test_taking_something_later_is_none(watch, entry):
    held = watch("soon proof.made assign 600")
    held.add(entry("assign", BOLAT, NOON.format(minute=0), CASE, ANNA))
    held.add(entry("proof.made", ANNA, NOON.format(minute=11), CASE))
    assert held.flags == []


def test_what_was_given_long_ago_is_forgotten(watch, entry):
    held = watch("soon proof.made assign 600")
    for number in range(20):
        time = f"2026-11-{number + 1:02}T07:00:00Z"
        held.add(entry("assign", BOLAT, time, CASES[number], ANNA))
    assert len(held.memory[0]) == 1


def test_the_first_opening_after_identity_was_released_and_no_other(watch, entry):
    held = watch("first identity.opened identity.released")
    held.add(entry("identity.opened", ANNA, NOON.format(minute=0), CASE))
    assert held.flags == []
    held.add(entry("identity.released", "witness", "2026-11-23", CASE))
    held.add(entry("identity.opened", ANNA, NOON.format(minute=1), CASES[1]))
    held.add(entry("identity.opened", ANNA, NOON.format(minute=2), CASE))
    held.add(entry("identity.opened", ANNA, NOON.format(minute=3), CASE))
    assert found(held) == [(ANNA, CASE, 1, 3, 1)]


def explained(entry, first, last, why="duty", rule="hours"):
    detail = {"rule": rule, "entries": [str(first), str(last)], "why": why}
    return entry("flag.explained", AUDITOR, NOON.format(minute=30), member=ANNA, **detail)


def test_an_answer_explains_a_flag_until_it_grows(watch, entry):
    held = watch("hours reveal 8-20 1-6")
    held.add(entry("reveal", ANNA, "2026-11-23T17:00:00Z", CASE))
    held.add(explained(entry, 0, 0))
    (flag,) = held.flags
    assert flag.explained
    assert (flag.answer.reason, flag.answer.by, flag.answer.seq) == ("duty", AUDITOR, 1)
    held.add(entry("reveal", ANNA, "2026-11-23T18:00:00Z", CASE))
    assert not flag.explained
    assert flag.answer.last == 0


@pytest.mark.parametrize(
    "values",
    [
        {"first": 1},
        {"last": 1},
        {"rule": "many"},
        {"rule": "nothing"},
        {"why": "she is my friend"},
        {"first": "x"},
    ],
)
def test_an_answer_to_another_flag_or_for_no_reason_of_ours_explains_nothing(watch, entry, values):
    held = watch("hours reveal 8-20 1-6")
    held.add(entry("reveal", ANNA, "2026-11-23T17:00:00Z", CASE))
    held.add(explained(entry, **({"first": 0, "last": 0} | values)))
    assert held.flags[0].answer is None


def test_only_the_newest_flags_are_kept_and_all_are_counted(watch, entry, monkeypatch):
    monkeypatch.setattr(watching, "MAX_FLAGS", 3)
    held = watch("hours reveal 8-20 1-6")
    for day in range(1, 6):
        held.add(entry("reveal", ANNA, f"2026-11-{day:02}T20:00:00Z", CASE))
    assert [flag.first for flag in held.flags] == [2, 3, 4]
    assert held.raised == 5
    assert held.find("hours", 0, 0) is None


def test_what_was_kept_goes_on_as_if_nothing_had_been(entry):
    rules = parse(["many reveal 3 600", "hours reveal 8-20 1-6", "soon proof.made assign 3600"])
    one = Watch(rules)
    one.add(entry("assign", BOLAT, NOON.format(minute=0), CASE, ANNA))
    one.add(entry("reveal", ANNA, NOON.format(minute=0), CASES[1]))
    one.add(entry("reveal", ANNA, "2026-11-23T17:00:00Z", CASES[2]))
    one.add(explained(entry, 2, 2))
    other = Watch.from_json(rules, json.loads(json.dumps(one.to_json())))
    for more in (
        entry("proof.made", ANNA, NOON.format(minute=1), CASE),
        entry("reveal", ANNA, "2026-11-23T17:01:00Z", CASES[3]),
        entry("reveal", ANNA, "2026-11-23T17:02:00Z", CASES[4]),
    ):
        one.add(more)
        other.add(more)
    assert other.flags == one.flags
    assert len(one.flags) == 3
