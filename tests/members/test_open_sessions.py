"""A member sees their open sessions and ends one; nothing else about them is kept."""

from __future__ import annotations

import pytest

from tests.support.exported import exported
from tests.support.house import sign_in_as
from vault import clock
from vault.crypto.suite import random
from vault.errors import NotFoundError, SessionEndedError
from vault.members import open_sessions, sessions

HERE, THERE = b"h" * 16, b"t" * 16


@pytest.fixture
def lawyer(house):
    return house.actors["lawyer"]


@pytest.fixture
def two(house, lawyer):
    now = clock.now()
    open_sessions.note(house.vault, lawyer, HERE, "staff", now)
    open_sessions.note(house.vault, lawyer, THERE, "audit", now - 60)
    return open_sessions.of(house.vault, lawyer, HERE)


def test_each_session_says_where_and_when_and_which_one_asks(two):
    now = clock.now()
    assert [(one.interface, one.here) for one in two] == [("staff", True), ("audit", False)]
    assert all(abs(one.seen - now) < 30 for one in two)
    assert 55 < two[0].began - two[1].began < 65


def test_a_handle_is_no_session_id(two):
    assert not {one.handle for one in two} & {HERE.hex(), THERE.hex()}


def test_ending_one_leaves_the_other(house, lawyer, two):
    sealed = {key: house.vault.agent.seal("staff", key, b"x") for key in (HERE, THERE)}
    open_sessions.end(house.vault, lawyer, two[1].handle)
    assert house.vault.agent.open("staff", sealed[HERE])
    with pytest.raises(SessionEndedError):
        house.vault.agent.open("staff", sealed[THERE])
    assert [one.here for one in open_sessions.of(house.vault, lawyer, HERE)] == [True]
    entry = house.vault.journal.read()[-1]
    assert (entry.kind, entry.actor, entry.detail) == ("sessions.ended", lawyer.id, {"count": 1})


def test_nobody_ends_a_session_of_somebody_else(house, two):
    size = house.entered()
    with pytest.raises(NotFoundError):
        open_sessions.end(house.vault, house.actors["deputy"], two[1].handle)
    with pytest.raises(NotFoundError):
        open_sessions.end(house.vault, house.actors["lawyer"], random(16).hex())
    assert house.entered() == size


def test_nobody_sees_sessions_of_somebody_else(house, two):
    assert open_sessions.of(house.vault, house.actors["deputy"], HERE) == []


@pytest.mark.parametrize("limit", ["session_idle", "session_absolute"])
def test_what_is_over_by_itself_is_not_listed(house, lawyer, two, monkeypatch, limit):
    later = clock.now() + getattr(house.settings.staff, limit) + 1
    monkeypatch.setattr("vault.clock.now", lambda: later)
    assert open_sessions.of(house.vault, lawyer, HERE) == []


def test_what_was_ended_with_all_others_is_not_listed(house, lawyer, two):
    going_on = sessions.end_others(house.vault, lawyer)
    open_sessions.note(house.vault, going_on, HERE, "staff", clock.now())
    assert [one.here for one in open_sessions.of(house.vault, going_on, HERE)] == [True]


def test_a_session_that_ended_meanwhile_is_not_noted(house, lawyer):
    house.vault.agent.end(HERE, 60)
    with pytest.raises(SessionEndedError):
        open_sessions.note(house.vault, lawyer, HERE, "staff", clock.now())


def test_nothing_of_it_is_on_disk(house, lawyer, two):
    sign_in_as(house.vault, "lawyer")
    assert "t" * 16 not in repr(exported(house.vault.journal))
    files = [path for path in house.settings.paths.root.rglob("*") if path.is_file()]
    assert files
    assert not any(HERE in path.read_bytes() or THERE in path.read_bytes() for path in files)
