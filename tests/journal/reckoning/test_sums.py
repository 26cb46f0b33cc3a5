import json

import pytest

from tests.journal.reckoning.conftest import ANNA, AUDITOR, BOLAT
from vault.journal.reckoning.sums import Case, Sums, summed, within
from vault.ledger.entry import MAX_SEQ

CASE = "c" * 32


@pytest.fixture
def sums():
    return Sums()


def test_openings_are_counted_by_the_day_of_the_place_by_member_and_by_role(sums, entry):
    sums.add(entry("reveal", ANNA, "2026-11-22T10:00:00Z", CASE, **{"as": "lawyer"}))
    sums.add(entry("reveal", ANNA, "2026-11-22T20:00:00Z", CASE, **{"as": "lawyer"}))
    sums.add(entry("identity.opened", BOLAT, "2026-11-22T20:00:01Z", CASE, **{"as": "doctor"}))
    sums.add(entry("list", BOLAT, "2026-11-22T20:00:01Z"))
    assert sums.openings == {"2026-11-22": {ANNA: 1}, "2026-11-23": {ANNA: 1, BOLAT: 1}}
    assert sums.roles == {"2026-11-22": {"lawyer": 1}, "2026-11-23": {"lawyer": 1, "doctor": 1}}
    assert sums.ever() == {"reveal": 2, "identity.opened": 1, "list": 1}


def test_hours_are_of_members_only_and_not_of_who_watches_them(sums, entry):
    sums.add(entry("intake", "witness", "2026-11-22", CASE))
    sums.add(entry("backup", "system", "2026-11-22T10:00:00Z"))
    sums.add(entry("ledger.read", AUDITOR, "2026-11-22T10:00:00Z"))
    sums.add(entry("signin", ANNA, "2026-11-22T10:00:00Z"))
    sums.add(entry("reveal", ANNA, "2026-11-22T19:59:59Z", CASE))
    assert summed(sums.hours.values()) == {"15": 1, "0": 1}


def test_a_refusal_counts_for_as_many_as_its_entry_stands_for(sums, entry):
    sums.add(entry("refused", "system", "2026-11-22T10:00:00Z", count=1))
    sums.add(entry("refused", "system", "2026-11-22T10:01:00Z", more=499))
    sums.add(entry("signin.refused", "system", "2026-11-22T10:00:00Z", count=1))
    assert sums.refusals == {"2026-11-22": {"refused": 500, "signin.refused": 1}}


def test_a_case_is_known_by_when_it_came_was_given_and_was_opened(sums, entry):
    sums.add(entry("intake", "witness", "2026-11-20", CASE))
    assert sums.cases[CASE] == Case("2026-11-20", entries=1)
    sums.add(entry("assign", BOLAT, "2026-11-21T10:00:00Z", CASE, ANNA))
    sums.add(entry("reveal", ANNA, "2026-11-22T10:00:00Z", CASE))
    sums.add(entry("reveal", ANNA, "2026-11-24T10:00:00Z", CASE))
    assert sums.cases[CASE] == Case("2026-11-20", "2026-11-22", given=True, entries=4)
    sums.add(entry("erased", "system", "2026-11-25", CASE))
    assert sums.cases[CASE].ended


def test_a_filter_by_member_finds_who_did_it_and_whom_it_is_about(sums, entry):
    sums.add(entry("assign", BOLAT, "2026-11-21T10:00:00Z", CASE, ANNA))
    sums.add(entry("signin", ANNA, "2026-11-21T10:00:00Z"))
    assert (sums.actors[BOLAT], sums.actors[ANNA]) == (1, 1)
    assert (sums.about[BOLAT], sums.about[ANNA]) == (0, 2)


@pytest.fixture
def three_days(sums, entry):
    """Places 0-1 on the 21st, 2 by a witness between, 3-4 on the 22nd, 5 on the 24th."""
    for kind, actor, time in (
        ("signin", ANNA, "2026-11-21T05:00:00Z"),
        ("signout", ANNA, "2026-11-21T06:00:00Z"),
        ("intake", "witness", "2026-11-21"),
        ("signin", ANNA, "2026-11-21T19:00:00Z"),
        ("signout", ANNA, "2026-11-22T06:00:00Z"),
        ("signin", ANNA, "2026-11-24T06:00:00Z"),
    ):
        sums.add(entry(kind, actor, time))
    return sums


@pytest.mark.parametrize(
    ("first", "last", "places"),
    [
        ("2026-11-21", "2026-11-21", (0, 2)),
        ("2026-11-22", "2026-11-22", (3, 4)),
        ("2026-11-22", "", (3, MAX_SEQ)),
        ("", "2026-11-22", (0, 4)),
        ("2026-11-23", "2026-11-23", (MAX_SEQ, 0)),
        ("2026-11-24", "2026-11-24", (5, MAX_SEQ)),
        ("2027-01-01", "", (MAX_SEQ, 0)),
        ("2026-11-24", "2026-11-21", (MAX_SEQ, 0)),
    ],
)
def test_days_are_found_as_places_and_an_entry_without_a_moment_where_it_stands(
    three_days, first, last, places
):
    assert three_days.places(first, last) == places


def test_a_clock_that_was_set_forward_hides_no_later_entry(sums, entry):
    sums.add(entry("signin", ANNA, "2030-01-01T06:00:00Z"))
    sums.add(entry("signin", ANNA, "2026-11-22T06:00:00Z"))
    sums.add(entry("signin", ANNA, "2026-11-23T06:00:00Z"))
    first, last = sums.places("2026-11-22", "2026-11-22")
    assert first <= 1 <= last
    assert sums.places("2026-11-23", "2026-11-23")[0] == 2


def test_a_period_is_the_sum_of_its_days(three_days):
    found = summed(row for _, row in within(three_days.kinds, "2026-11-21", "2026-11-22"))
    assert found == {"signin": 2, "signout": 2, "intake": 1}


def test_what_was_kept_is_what_was_counted(three_days, entry):
    three_days.add(entry("reveal", ANNA, "2026-11-24T07:00:00Z", CASE, **{"as": "lawyer"}))
    held = json.loads(json.dumps(three_days.to_json()))
    again = Sums.from_json(held)
    assert again == three_days
    more = entry("reveal", BOLAT, "2026-11-24T08:00:00Z", CASE, **{"as": "lawyer"})
    again.add(more)
    three_days.add(more)
    assert again == three_days
