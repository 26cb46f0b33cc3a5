"""Taking access away needs no key: what opened something is gone, and the next epoch is due."""

from __future__ import annotations

import pytest

from tests.support.attacks import give, rows, stored_testimony
from vault.agents.kdf import LocalKdf
from vault.cases.epochs import due
from vault.custody import keys, rosters
from vault.custody.revoking import of_ended_roles, remove_grants, take_away
from vault.journal.reading import Filter
from vault.roster.roles import DOCTOR, INTAKE_OFFICER, LAWYER, ROLES
from vault.storage.tables.cases import assignments, cases, grants, records, summaries


@pytest.fixture
def case(house):
    return give(house, "a story")[1]


def of(house, name):
    member = house.actors[name].id
    return [len(rows(house, table, member_id=member)) for table in (grants, summaries, assignments)]


def is_due(house, case):
    return rows(house, cases, id=case)[0].keys_due == 1


def ending(house, name, *roles):
    with house.vault.journal.transaction() as transaction:
        transaction.log("sessions.ended", "root")  # an entry of the caller, who changes the roster
        remove_grants(transaction, house.actors[name].id, frozenset(roles or ROLES))


def test_one_case_is_taken_from_one_member_and_from_nobody_else(house, case):
    other = give(house, "another")[1]
    with house.vault.journal.transaction() as transaction:
        take_away(transaction, "root", case, house.actors["lawyer"].id)
    assert of(house, "lawyer") == [2, 1, 1]
    assert of(house, "deputy") == [4, 2, 2]
    assert (is_due(house, case), is_due(house, other)) == (True, False)
    (entry,) = house.vault.journal.read(Filter(kind="revoke"))
    assert (entry.subject["case"], entry.detail["capacity"]) == (case, "lawyer")


def test_whoever_ends_leaves_no_grant_summary_or_assignment(house, case):
    new = house.send()
    ending(house, "lawyer")
    assert of(house, "lawyer") == [0, 0, 0]
    assert is_due(house, case)
    ending(house, "officer")
    assert new
    assert of(house, "officer") == [0, 0, 0]


def test_of_a_role_that_ends_only_what_it_opened_goes(house, case):
    house.send()
    before = of(house, "officer")
    ending(house, "officer", LAWYER)
    ending(house, "lawyer", INTAKE_OFFICER, DOCTOR)
    assert (of(house, "officer"), of(house, "lawyer")) == (before, [2, 1, 1])
    assert not is_due(house, case)
    ending(house, "officer", INTAKE_OFFICER)
    assert of(house, "officer") == [0, 0, 0]
    assert [row.keys_due for row in rows(house, cases, status="new")] == [1]


def test_where_who_left_signed_the_newest_epoch_another_is_due(house):
    """A witness seals to no epoch of somebody who left, but to the first keys: not for long."""
    receipt, case = give(house, "a story")
    house.add("other", "intake_officer")
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    rosters.end(house.vault, "officer", root)
    assert is_due(house, case)
    assert due.begin_due(house.vault, house.actors["lawyer"]) == 1
    house.collect()
    back = house.come_back
    back.add(receipt, "ru", {"story": "Ещё."}, back.new_send_id())
    house.collect()
    subject = stored_testimony(house, case).id
    added = rows(house, records, subject=subject, kind="addendum", compartment="account")
    assert [row.epoch for row in added] == [3]


def test_roles_that_are_left_out_end(house):
    member = house.vault.roster().member(house.actors["lawyer"].id)
    assert of_ended_roles(member, frozenset({DOCTOR})) == ROLES - {DOCTOR}
