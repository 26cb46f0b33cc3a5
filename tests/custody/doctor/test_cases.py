"""Who holds which cases, without opening any."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, drop, give, insert, rows, stored_testimony
from tests.support.house import STORY
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.custody import keys, rosters
from vault.storage.tables.cases import assignments, cases, deletions, grants


def counts(finding):
    return {
        name: finding(name).values["count"] for name in ("holders", "readers", "due", "orphaned")
    }


def give_alone(house):
    house.send()
    officer = house.actors["officer"]
    (line,) = [one for one in inbox.new_cases(house.vault, officer) if one.status == "new"]
    assign.give(house.vault, officer, line.id, house.actors["lawyer"].id, None)
    return line.id


def end(house, login):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    rosters.end(house.vault, login, root)


def test_a_case_with_lawyer_and_deputy_is_well_and_so_is_a_new_one(house, finding):
    give(house, "a story")
    house.send()
    assert counts(finding) == {"holders": 0, "readers": 0, "due": 0, "orphaned": 0}


def test_one_that_may_not_be_read_yet_misses_nobody(house, finding):
    house.send({**STORY, "consent": {"C01": "yes", "C02": "not_yet"}})
    assert finding("holders").well


def test_a_case_without_a_deputy_has_one_reader(house, finding):
    give_alone(house)
    found = finding("readers")
    assert (found.well, found.values) == (False, {"count": 1, "all": 1})
    assert finding("holders").well


def test_when_its_only_reader_ends_nobody_can_open_it(house, finding):
    give_alone(house)
    end(house, "lawyer")
    assert counts(finding)["holders"] == 1
    assert finding("due").well  # nobody is left who could begin new keys by signing in
    assert finding("readers").well  # said once


def test_with_a_deputy_it_goes_on(house, finding):
    give(house, "a story")
    end(house, "lawyer")
    assert finding("holders").well
    assert finding("readers").values["count"] == 1


def test_cases_that_wait_for_new_keys_are_counted(house, finding):
    _, case = give(house, "a story")
    change(house, cases, {"id": case}, keys_due=1)
    found = finding("due")
    assert (found.well, found.values["count"]) == (False, 1)


@pytest.mark.parametrize("whose", ["admin", "auditor", "nobody"])
def test_a_grant_of_somebody_who_should_have_none_is_counted(house, finding, whose):
    _, case = give(house, "a story")
    kept = rows(house, grants, subject=stored_testimony(house, case).id)[0]
    member = house.actors[whose].id if whose in house.actors else "0" * 32
    insert(house, grants, **{**kept._mapping, "id": "f" * 32, "member_id": member})
    assert finding("orphaned").values["count"] == 1


def test_a_lawyer_without_the_assignment_holds_what_nobody_gave_them(house, finding):
    _, case = give(house, "a story")
    drop(house, assignments, case_id=case, member_id=house.actors["deputy"].id)
    assert finding("orphaned").values["count"] == 2  # of the testimony, and of the work on it
    assert finding("readers").values["count"] == 1


def test_a_grant_of_more_than_the_role_may_open_is_counted(house, finding):
    _, case = give(house, "a story")
    testimony = stored_testimony(house, case).id
    change(
        house,
        grants,
        {"subject": testimony, "member_id": house.actors["lawyer"].id},
        compartments='["account","everything"]',
    )
    assert finding("orphaned").values["count"] == 1


def test_a_case_that_was_erased_misses_nobody(house, finding):
    receipt, _ = give(house, "a story")
    house.come_back.delete(receipt, house.come_back.open(receipt).deletion.stand)
    house.collect()
    change(house, deletions, {}, due_day=clock.day())
    house.collect()
    assert counts(finding) == {"holders": 0, "readers": 0, "due": 0, "orphaned": 0}
