"""Somebody who stands in the database and not in the signed roster is nobody: never sealed to."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import change, give, insert, rows
from tests.support.house import sign_in_as
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.custody import rosters
from vault.errors import RefusedError, WitnessVaultError
from vault.members import people
from vault.storage.tables.cases import assignments, grants
from vault.storage.tables.people import enrolments, invitations, members

ATTACKER = "ab" * 16


@pytest.fixture
def planted(house):
    """A member and an enrolment that an attacker wrote with keys of their own."""
    (row,) = rows(house, members, login="lawyer")
    (true,) = rows(house, enrolments, member_id=row.id)
    (code,) = rows(house, invitations, used_by=row.id)
    insert(house, members, **{**row._mapping, "id": ATTACKER, "login": "attacker"})
    fresh = {"id": "cd" * 16, "public_key": random(32), "used_by": ATTACKER}
    insert(house, invitations, **{**code._mapping, **fresh})
    keys = {"signing": SigningKey(random(32)).public, "opening": OpeningKey.generate().public}
    insert(house, enrolments, **{**true._mapping, "member_id": ATTACKER, **keys})


@pytest.mark.usefixtures("planted")
def test_they_are_no_reader_get_no_case_and_no_testimony(house):
    house.send()
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assert ATTACKER not in [reader.id for reader in assign.readers(house.vault)]
    with pytest.raises(RefusedError):
        assign.give(house.vault, officer, line.id, ATTACKER, None)
    assert not rows(house, grants, member_id=ATTACKER)


@pytest.mark.usefixtures("planted")
def test_an_assignment_written_for_them_brings_no_key(house):
    _, case = give(house, "a story")
    (mine,) = rows(house, assignments, member_id=house.actors["lawyer"].id, case_id=case)
    insert(house, assignments, **{**mine._mapping, "member_id": ATTACKER})
    messages.reply(house.vault, house.actors["lawyer"], case, "We read it.")
    assert not rows(house, grants, member_id=ATTACKER)


@pytest.mark.usefixtures("planted")
def test_nobody_confirms_them(house):
    with pytest.raises(RefusedError, match="does not verify"):
        rosters.propose_member(house.vault, house.actors["admin"], ATTACKER, None)
    assert ATTACKER not in {member.id for member in house.letterbox.roster().members}


def test_keys_exchanged_in_the_database_are_not_those_that_are_sealed_to(house):
    """The lawyer's enrolment shows other keys; the roster's are used."""
    lawyer, other = house.actors["lawyer"], OpeningKey.generate().public
    change(house, enrolments, {"member_id": lawyer.id}, opening=other)
    _, case = give(house, "a story")
    assert open_case(house.vault, lawyer, case).records
    (line,) = [one for one in people.list_members(house.vault) if one.id == lawyer.id]
    assert line.fingerprint == house.vault.roster().member(lawyer.id).fingerprint


def test_a_role_written_into_the_database_is_none(house):
    lawyer = house.actors["lawyer"]
    change(house, enrolments, {"member_id": lawyer.id}, roles='["administrator","lawyer"]')
    again = sign_in_as(house.vault, "lawyer")
    assert again.roles == {"lawyer"}
    boasting = dataclasses.replace(again, roles=frozenset({"administrator"}))
    with pytest.raises(WitnessVaultError):
        rosters.end(house.vault, "deputy", boasting)
    with pytest.raises(WitnessVaultError):
        rosters.propose_roles(house.vault, boasting, lawyer.id, ["administrator", "lawyer"])
