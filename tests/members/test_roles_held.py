"""Somebody is what they are at the moment: neither before a role begins nor after it is over."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.house import sign_in_as
from vault import clock
from vault.errors import RefusedError
from vault.members import people, sessions
from vault.members.actor import Actor
from vault.roster.model import Term

DAY = 86_400


def with_member(house, monkeypatch, login, **changes):
    """Let the verified roster say something else of one member."""
    roster = house.vault.roster()
    members = tuple(
        dataclasses.replace(one, **changes) if one.id == house.actors[login].id else one
        for one in roster.members
    )
    changed = dataclasses.replace(roster, members=members)
    monkeypatch.setattr(type(house.vault), "roster", lambda _: changed)


def moment(days):
    return clock.moment(clock.now() + days * DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": moment(1)},
        {"terms": (Term("administrator", moment(1)),)},
        {"terms": (Term("administrator", moment(-2), moment(-1)),)},
    ],
    ids=["member not begun", "role not begun", "role over"],
)
def test_a_role_that_is_not_held_now_does_nothing(house, monkeypatch, changes):
    admin = house.actors["admin"]
    with_member(house, monkeypatch, "admin", **changes)
    for actor in (
        Actor.from_secret(house.vault, admin.to_secret()),
        sign_in_as(house.vault, "admin"),
    ):
        assert actor.roles == frozenset()
        assert not actor.may("members")
        with pytest.raises(RefusedError):
            people.invite(house.vault, actor, "Somebody", ["lawyer"])
        with pytest.raises(RefusedError):
            sessions.end_all(house.vault, actor, house.actors["lawyer"].id)


def test_a_second_role_begins_without_the_first_pausing(house, monkeypatch):
    with_member(
        house,
        monkeypatch,
        "lawyer",
        roles=frozenset({"lawyer", "doctor"}),
        terms=(Term("doctor", moment(1)),),
    )
    actor = Actor.from_secret(house.vault, house.actors["lawyer"].to_secret())
    assert actor.roles == {"lawyer"}
