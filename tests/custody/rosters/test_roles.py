"""Changing roles: adding one by two, after the delay; what was signed stays signed."""

from __future__ import annotations

import contextlib
import dataclasses

import pytest

from tests.support.attacks import give, insert, rows
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.sign import SigningKey
from vault.custody import rosters
from vault.errors import NotFoundError, RefusedError
from vault.members import people
from vault.members.actor import Actor
from vault.roster.model import Roster
from vault.storage.tables.cases import grants

DAY = 86_400
WAIT = DAY + 43_200  # and the time that the second signature may take


def change(house, login, *roles):
    return house.change_roles(login, *roles)


def line_of(house, login):
    (line,) = [line for line in people.list_members(house.vault) if line.login == login]
    return line


def test_a_new_reader_can_be_sealed_to_only_after_the_delay(slow, later):
    changed = change(slow, "officer", "intake_officer", "lawyer")
    begins = clock.moment(clock.now() + WAIT)
    assert changed.id not in [line.id for line in assign.readers(slow.vault)]
    assert line_of(slow, "officer").later == (("lawyer", begins),)
    later(WAIT)
    assert changed.id in [line.id for line in assign.readers(slow.vault)]


def test_a_new_member_is_listed_with_the_moment_from_which_they_count(slow, later):
    slow.add("new", "lawyer")
    assert line_of(slow, "new").sealed_from == clock.moment(clock.now() + WAIT)
    later(WAIT)
    assert line_of(slow, "new").sealed_from is None


def test_what_they_are_already_goes_on_meanwhile(slow, later):
    slow.add("deputy", "lawyer")
    later(WAIT)
    _, case = give(slow, "a story")
    change(slow, "lawyer", "lawyer", "doctor")
    assert "lawyer" in [line.login for line in assign.readers(slow.vault)]
    assert open_case(slow.vault, slow.actors["lawyer"], case).records


@pytest.mark.parametrize("role", ["administrator", "analyst"])
def test_a_role_that_opens_nothing_waits_as_well(slow, role):
    assert not change(slow, "lawyer", "lawyer", role).holds(role, clock.moment())


def test_until_a_role_begins_nobody_acts_in_it(slow, later):
    change(slow, "lawyer", "lawyer", "administrator")
    secret = slow.actors["lawyer"].to_secret()
    assert Actor.from_secret(slow.vault, secret).roles == {"lawyer"}
    later(WAIT)
    assert Actor.from_secret(slow.vault, secret).roles == {"lawyer", "administrator"}


def test_a_role_left_out_ends_at_once(house, later):
    later(1)
    change(house, "lawyer", "doctor")
    assert "lawyer" not in [line.login for line in assign.readers(house.vault)]


def test_with_the_last_role_that_opens_anything_their_grants_go(house, later):
    _, case = give(house, "a story")
    lawyer = house.actors["lawyer"]
    later(1)
    change(house, "lawyer", "lawyer", "doctor")
    assert rows(house, grants, member_id=lawyer.id)
    later(1)
    change(house, "lawyer", "analyst")
    assert not rows(house, grants, member_id=lawyer.id)
    with pytest.raises(NotFoundError):
        open_case(house.vault, lawyer, case)


def test_who_stops_being_a_lawyer_loses_their_cases_whatever_else_they_become(house, later):
    _, case = give(house, "a story")
    lawyer = house.actors["lawyer"]
    for roles in (("doctor",), ("intake_officer",)):
        later(1)
        now = change(house, "lawyer", *roles)
        assert not rows(house, grants, member_id=lawyer.id)
        with pytest.raises(NotFoundError):
            open_case(house.vault, dataclasses.replace(lawyer, roles=now.roles), case)
    assert open_case(house.vault, house.actors["deputy"], case).records


def test_who_stops_being_an_officer_keeps_the_cases_given_to_them_and_no_other(house, later):
    both = house.add("both", "intake_officer", "lawyer")
    _, given = give(house, "a story")
    house.send()
    (new,) = inbox.new_cases(house.vault, both)
    house.send()
    other = next(one for one in inbox.new_cases(house.vault, both) if one.id != new.id)
    assign.give(house.vault, both, new.id, both.id, None)
    later(1)
    now = change(house, "both", "lawyer")
    both = dataclasses.replace(both, roles=now.roles)
    assert open_case(house.vault, both, new.id).records
    for case in (other.id, given):
        with pytest.raises(NotFoundError):
            open_case(house.vault, both, case)


def test_a_key_that_was_put_back_opens_nothing_for_another_role(house, later):
    _, case = give(house, "a story")
    lawyer = house.actors["lawyer"]
    kept = [dict(row._mapping) for row in rows(house, grants, member_id=lawyer.id)]
    later(1)
    now = change(house, "lawyer", "doctor")
    for row in kept:
        insert(house, grants, **{**row, "sealed": bytes(row["sealed"])})
    with pytest.raises(NotFoundError):
        open_case(house.vault, dataclasses.replace(lawyer, roles=now.roles), case)
    opened = [e for e in house.vault.journal.read() if e.kind == "reveal"]
    assert lawyer.id not in [entry.actor for entry in opened]


def test_the_delay_stays_while_nobody_can_sign_by_two(slow, later):
    later(1)
    rosters.end(slow.vault, "admin", slow.root)
    changed = rosters.change_roles(slow.vault, "officer", ["lawyer"], slow.root)
    assert not changed.holds("lawyer", clock.moment())
    later(DAY)
    assert changed.holds("lawyer", clock.moment())


def test_replies_of_a_former_lawyer_are_still_believed(house, later):
    receipt, case = give(house, "a story")
    messages.reply(house.vault, house.actors["lawyer"], case, "We read it.")
    house.collect()
    later(1)
    change(house, "lawyer", "analyst")
    shown = house.come_back.open(receipt)
    assert [reply.text for reply in shown.replies] == ["We read it."]
    assert open_case(house.vault, house.actors["deputy"], case).records


def test_who_opened_testimony_never_becomes_an_auditor(house, later):
    later(1)
    change(house, "lawyer", "analyst")
    with pytest.raises(RefusedError, match="exclude each other"):
        change(house, "lawyer", "auditor")


def test_roles_that_exclude_each_other_are_refused(house):
    with pytest.raises(RefusedError):
        change(house, "lawyer", "lawyer", "auditor")
    with pytest.raises(RefusedError):
        change(house, "lawyer")


def test_another_root_key_changes_nothing_and_only_whom_there_is(house, later):
    later(1)
    change(house, "lawyer", "lawyer", "doctor")
    with pytest.raises(RefusedError):
        rosters.change_roles(house.vault, "lawyer", ["doctor"], SigningKey(bytes(32)))
    with pytest.raises(NotFoundError):
        change(house, "nobody", "doctor")
    with pytest.raises(RefusedError, match="already"):
        change(house, "lawyer", "lawyer", "doctor")


def test_an_administrator_alone_takes_a_role_away_and_never_gives_one(house, later):
    change(house, "lawyer", "lawyer", "doctor")
    later(1)
    admin = house.actors["admin"]
    with pytest.raises(RefusedError, match="second member"):
        rosters.change_roles(house.vault, "lawyer", ["lawyer", "doctor", "interpreter"], admin)
    with pytest.raises(RefusedError, match="only an administrator"):
        rosters.change_roles(house.vault, "lawyer", ["lawyer"], house.actors["officer"])
    changed = rosters.change_roles(house.vault, "lawyer", ["lawyer"], admin)
    assert changed.roles == {"lawyer"}
    assert house.letterbox.roster() == house.vault.roster()


def test_the_root_alone_gives_no_role_while_two_can_sign(house):
    before = house.vault.roster()
    with pytest.raises(RefusedError, match="second member"):
        rosters.change_roles(house.vault, "lawyer", ["lawyer", "doctor"], house.root)
    assert house.vault.roster() == before


def test_to_and_fro_within_a_second_no_unreadable_roster_is_signed(house, later):
    for roles in (("lawyer", "administrator"), ("lawyer",), ("lawyer", "administrator")):
        with contextlib.suppress(RefusedError):
            change(house, "lawyer", *roles)
    assert Roster.from_json(house.vault.roster().to_json()) == house.vault.roster()
    assert house.letterbox.roster() == house.vault.roster()


def test_a_role_that_never_began_leaves_no_trace(slow):
    before = slow.vault.roster().member(slow.actors["lawyer"].id)
    change(slow, "lawyer", "lawyer", "doctor")
    assert change(slow, "lawyer", "lawyer") == before


def test_the_entry_names_the_member_and_the_roles(house):
    changed = change(house, "lawyer", "lawyer", "doctor")
    entry = [e for e in house.vault.journal.read() if e.kind == "roster.published"][-1]
    assert entry.subject["member"] == changed.id
    assert tuple(entry.detail["roles"]) == ("doctor", "lawyer")


def test_an_officer_who_is_no_longer_one_takes_nothing_new(house, later):
    later(1)
    change(house, "officer", "analyst")
    house.add("second", "intake_officer")
    house.send()
    assert inbox.new_cases(house.vault, house.actors["second"])
