"""Whom a box believes: who begins an epoch is active now; a reply is from a lawyer of its day."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import give
from vault import canonical, clock
from vault.cases.written import messages
from vault.crypto.receipt import Receipt
from vault.keyring.compartments import Compartment
from vault.packet.box import REPLY_FORMAT, VOUCHED
from vault.testimony import boxes

DAY = 86_400


def a_reply_is_delivered(house):
    house.receipt, case = give(house, "a story")
    messages.reply(house.vault, house.actors["lawyer"], case, "a reply")
    house.collect()


@pytest.fixture
def content(house):
    """A box after the assignment, with a reply by the lawyer."""
    house.after(a_reply_is_delivered)
    return boxes.look(house.letterbox, house.receipt).content


def changed(house, who, **values):
    """Return the roster with one member changed."""
    roster, member_id = house.letterbox.roster(), house.actors[who].id
    members = tuple(
        dataclasses.replace(member, **values) if member.id == member_id else member
        for member in roster.members
    )
    return dataclasses.replace(roster, members=members)


def from_now(seconds):
    return clock.moment(clock.now() + seconds)


def epochs_at(content, roster):
    return {name: placed(content, roster)[name][0] for name in VOUCHED}


def placed(content, roster):
    """Return epoch and key that an addendum of each compartment goes to."""
    named = (1, content.publics[Compartment.IDENTITY])
    return boxes.place(content, roster, named).publics


def replies(content, roster):
    shown = boxes.view(boxes.Look(Receipt(bytes(16)), content, (), there=True), roster)
    assert len(shown.replies) + shown.unverified == 1
    return [reply.text for reply in shown.replies]


# --- epochs --------------------------------------------------------------------------------------


def maker(house, content):
    made_by = content.current.epoch["document"]["made_by"]
    return next(login for login, actor in house.actors.items() if actor.id == made_by)


def test_an_epoch_of_an_active_maker_counts(house, content):
    assert set(epochs_at(content, house.letterbox.roster()).values()) == {2}


def first_keys(content):
    return {name: (1, key) for name, key in content.publics.items()}


@pytest.mark.parametrize("seconds", [0, -DAY])
def test_an_epoch_of_somebody_who_left_gives_the_first_keys(house, content, seconds):
    roster = changed(house, maker(house, content), valid_to=from_now(seconds))
    assert placed(content, roster) == first_keys(content)


def test_an_epoch_of_somebody_who_is_not_valid_yet_gives_the_first_keys(house, content):
    roster = changed(house, maker(house, content), valid_from=from_now(DAY))
    assert placed(content, roster) == first_keys(content)


@pytest.mark.parametrize("roles", [(), ("administrator", "doctor", "trustee")])
def test_an_epoch_of_somebody_who_may_make_none_gives_the_first_keys(house, content, roles):
    roster = changed(house, maker(house, content), roles=frozenset(roles))
    assert placed(content, roster) == first_keys(content)


def test_an_epoch_of_somebody_who_will_leave_still_counts(house, content):
    roster = changed(house, maker(house, content), valid_to=from_now(DAY))
    assert set(epochs_at(content, roster).values()) == {2}


# --- replies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_midnight", [1, DAY, 2 * DAY])
def test_a_reply_outlives_the_leaving_of_its_author(house, content, after_midnight):
    """Also one of the very day, which says no hour."""
    ended = clock.moment(clock.seconds_of(clock.day()) + after_midnight)
    assert replies(content, changed(house, "lawyer", valid_to=ended)) == ["a reply"]


@pytest.mark.parametrize("roles", [set(), {"intake_officer"}, {"doctor", "interpreter"}])
def test_a_reply_by_somebody_who_is_no_lawyer_is_counted_and_left_out(house, content, roles):
    assert replies(content, changed(house, "lawyer", roles=frozenset(roles))) == []


def test_a_reply_dated_after_its_author_left_is_left_out(house, content):
    midnight = clock.moment(clock.seconds_of(clock.day()))
    assert replies(content, changed(house, "lawyer", valid_to=midnight)) == []
    assert replies(content, changed(house, "lawyer", valid_to=from_now(-DAY))) == []


def test_a_reply_dated_before_its_author_came_is_left_out(house, content):
    tomorrow = clock.moment(clock.seconds_of(clock.day()) + DAY)
    assert replies(content, changed(house, "lawyer", valid_from=tomorrow)) == []


@pytest.mark.parametrize("day", ["", "soon", "2026-13-01", "0", 5, None, ["2026-11-22"]])
def test_a_signed_reply_without_a_day_is_left_out(house, content, day):
    (item,) = content.current.replies
    document = {**item["document"], "day": day}
    signing = house.actors["lawyer"].signing
    signature = signing.sign(REPLY_FORMAT, canonical.dumps(document))
    forged = {"document": document, "signature": canonical.b64(signature)}
    current = dataclasses.replace(content.current, replies=(forged,))
    assert replies(dataclasses.replace(content, current=current), house.letterbox.roster()) == []
