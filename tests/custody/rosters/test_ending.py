"""Ending a member: at once, by the root key, and for everything that comes after."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.house import House, sign_in_as
from vault.agents.kdf import LocalKdf
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto.sign import SigningKey
from vault.custody import keys, rosters
from vault.errors import NotFoundError, NotOpenYetError, RefusedError, SignInError
from vault.members.actor import Actor
from vault.storage.tables.cases import grants


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path).staff()
    yield house
    house.close()


def end(house, login):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    return rosters.end(house.vault, login, root)


def test_an_ended_member_signs_in_no_more_and_their_session_is_over(house):
    lawyer = house.actors["lawyer"]
    end(house, "lawyer")
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer")
    with pytest.raises(Exception, match="session has ended"):
        Actor.from_secret(house.vault, lawyer.to_secret())


def test_their_grants_go_and_the_deputy_goes_on(house):
    house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, deputy.id)
    end(house, "lawyer")
    assert not rows(house, grants, member_id=lawyer.id)
    with pytest.raises(NotFoundError):
        open_case(house.vault, lawyer, line.id)
    assert open_case(house.vault, deputy, line.id).records


def test_nothing_is_given_or_sealed_to_them(house):
    house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    end(house, "lawyer")
    assert "lawyer" not in [reader.login for reader in assign.readers(house.vault)]
    lawyer = house.actors["lawyer"].id
    with pytest.raises(RefusedError):
        assign.give(house.vault, house.actors["officer"], line.id, lawyer, None)


def test_without_an_officer_intake_closes(house):
    end(house, "officer")
    with pytest.raises(NotOpenYetError):
        house.tell.check_open()


def test_the_entry_says_who_and_until_when(house):
    ended = end(house, "lawyer")
    published = [e for e in house.vault.journal.read() if e.kind == "roster.published"][-1]
    assert published.subject["member"] == ended.id
    assert published.detail["valid_to"] == ended.valid_to
    assert tuple(published.detail["roles"]) == ("lawyer",)


def test_another_root_key_ends_nobody_and_only_whom_there_is(house):
    with pytest.raises(RefusedError):
        rosters.end(house.vault, "lawyer", SigningKey(bytes(32)))
    with pytest.raises(NotFoundError):
        end(house, "nobody")
    end(house, "lawyer")
    with pytest.raises(NotFoundError):
        end(house, "lawyer")


def test_an_administrator_ends_somebody_at_once_and_alone(house):
    admin = house.actors["admin"]
    ended = rosters.end(house.vault, "lawyer", admin)
    assert house.letterbox.roster().member(ended.id).valid_to is not None
    entries = [e for e in house.vault.journal.read() if e.subject.get("member") == ended.id]
    assert {(e.kind, e.actor) for e in entries[-2:]} == {
        ("roster.published", admin.id),
        ("grant.removed", admin.id),
    }


@pytest.mark.parametrize("login", ["lawyer", "officer", "auditor"])
def test_nobody_else_does(house, login):
    before = house.vault.roster()
    with pytest.raises(RefusedError):
        rosters.end(house.vault, "deputy", house.actors[login])
    assert house.vault.roster() == before


def test_an_administrator_cannot_end_so_many_that_the_root_rules_alone(house):
    """Neither themselves, as the only one, nor the last second member."""
    admin = house.actors["admin"]
    with pytest.raises(RefusedError):
        rosters.end(house.vault, "admin", admin)
    for login in ("lawyer", "deputy", "auditor"):
        rosters.end(house.vault, login, admin)
    with pytest.raises(RefusedError):
        rosters.end(house.vault, "officer", admin)
    assert rosters.two_sign(house.vault)
    end(house, "officer")
    assert not rosters.two_sign(house.vault)
