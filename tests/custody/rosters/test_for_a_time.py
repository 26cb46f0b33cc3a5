"""A role that always ends: an interpreter's. It never stands in a roster without its end."""

from __future__ import annotations

import pytest

from vault import clock
from vault.custody import rosters
from vault.custody.rosters import changing
from vault.errors import RefusedError
from vault.members.actor import Actor
from vault.roster.roles import INTERPRETER

DAY = 86_400


def member(house, login):
    return house.vault.roster().member(house.actors[login].id)


def test_who_is_confirmed_as_interpreter_is_one_for_the_time_of_the_settings(house, later):
    house.add("passing", "interpreter", "analyst")
    (term,) = member(house, "passing").terms
    lasts = house.settings.roster.for_a_time
    assert (term.role, term.valid_to) == (INTERPRETER, clock.moment(clock.now() + lasts))
    later(lasts - 1)
    assert member(house, "passing").holds(INTERPRETER, clock.moment())
    later(1)
    assert not member(house, "passing").holds(INTERPRETER, clock.moment())
    actor = Actor.from_secret(house.vault, house.actors["passing"].to_secret())
    assert actor.roles == {"analyst"}


def test_given_again_it_lasts_another_such_time_and_nothing_stops_between(house, later):
    house.add("passing", "interpreter")
    lasts = house.settings.roster.for_a_time
    later(lasts - DAY)
    house.change_roles("passing", "interpreter")
    first, second = member(house, "passing").terms
    assert second.valid_from < first.valid_to
    assert second.valid_to == clock.moment(clock.now() + lasts)
    later(2 * DAY)
    assert member(house, "passing").holds(INTERPRETER, clock.moment())


def test_left_out_it_ends_at_once(house, later):
    house.add("passing", "interpreter", "analyst")
    later(DAY)
    house.change_roles("passing", "analyst")
    (term,) = member(house, "passing").terms
    assert term.valid_to == clock.moment()
    later(1)
    assert not member(house, "passing").holds(INTERPRETER, clock.moment())


def test_one_who_becomes_it_later_has_an_end_as_well(house, later):
    later(1)
    house.change_roles("lawyer", "lawyer", "interpreter")
    (term,) = [t for t in member(house, "lawyer").terms if t.role == INTERPRETER]
    assert term.valid_to is not None


def test_other_roles_are_not_given_again(house):
    with pytest.raises(RefusedError, match=changing.SAME_ROLES):
        house.change_roles("lawyer", "lawyer")


def test_another_time_needs_the_second_signature_like_a_role_that_is_added(house, later):
    house.add("passing", "interpreter")
    later(1)
    admin = house.actors["admin"]
    with pytest.raises(RefusedError):
        changing.change_roles_id(house.vault, member(house, "passing").id, ["interpreter"], admin)
    assert rosters.change_or_propose(
        house.vault, admin, member(house, "passing").id, ["interpreter"]
    )
    assert len(rosters.list_proposals(house.vault)) == 1
