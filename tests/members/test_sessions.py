"""Ending sessions: whoever stole one has nothing, and the next one begins at once."""

from __future__ import annotations

import pytest

from tests.support.house import sign_in_as
from vault.errors import NotFoundError, RefusedError, SessionEndedError
from vault.members import sessions
from vault.members.actor import Actor


def ended(house, actor):
    try:
        Actor.from_secret(house.vault, actor.to_secret())
    except SessionEndedError:
        return True
    return False


def last(house):
    entry = house.vault.journal.read()[-1]
    return entry.kind, entry.actor, entry.subject.get("member")


def test_the_administrator_ends_every_session_of_a_member_and_of_nobody_else(house):
    admin, lawyer = house.actors["admin"], house.actors["lawyer"]
    another = sign_in_as(house.vault, "lawyer")
    sessions.end_all(house.vault, admin, lawyer.id)
    assert last(house) == ("sessions.ended", admin.id, lawyer.id)
    assert [ended(house, actor) for actor in (lawyer, another)] == [True, True]
    assert not any(ended(house, house.actors[name]) for name in ("admin", "deputy", "officer"))


def test_a_session_begun_in_the_same_second_after_it_lives(house):
    sessions.end_all(house.vault, house.actors["admin"], house.actors["lawyer"].id)
    assert not ended(house, sign_in_as(house.vault, "lawyer"))


def test_a_member_ends_their_other_sessions_and_goes_on(house):
    stolen, here = house.actors["lawyer"], sign_in_as(house.vault, "lawyer")
    going_on = sessions.end_others(house.vault, here)
    assert last(house) == ("sessions.ended", here.id, here.id)
    assert [ended(house, actor) for actor in (stolen, here, going_on)] == [True, True, False]


@pytest.mark.parametrize("who", ["officer", "lawyer", "deputy", "auditor"])
def test_nobody_else_ends_sessions_of_others(house, who):
    with pytest.raises(RefusedError):
        sessions.end_all(house.vault, house.actors[who], house.actors["lawyer"].id)
    assert not ended(house, house.actors["lawyer"])


def test_there_must_be_such_a_member(house):
    size = house.entered()
    with pytest.raises(NotFoundError):
        sessions.end_all(house.vault, house.actors["admin"], "0" * 32)
    assert house.entered() == size
