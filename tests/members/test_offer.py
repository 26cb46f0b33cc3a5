"""A secret in a page counts for one page of one session, for an hour, once."""

from __future__ import annotations

import pytest

from vault import canonical, clock
from vault.errors import LockedError, SessionEndedError
from vault.members import offer

HERE, ELSEWHERE = b"s" * 16, b"t" * 16


@pytest.fixture
def made(house):
    return offer.make(house.vault, offer.ENROL, HERE)


def refused(house, sealed, purpose=offer.ENROL, bound=HERE):
    with pytest.raises(SessionEndedError) as caught:
        offer.read(house.vault, purpose, bound, sealed)
    assert not caught.value.detail


def test_a_page_shown_again_keeps_its_secret(house, made):
    for _ in range(3):
        assert offer.read(house.vault, offer.ENROL, HERE, made.sealed) == made


def test_no_two_pages_have_the_same_secret(house):
    made = [offer.make(house.vault, offer.ENROL, HERE) for _ in range(10)]
    assert len({each.secret for each in made}) == 10


def test_the_page_does_not_hold_the_secret_in_clear(made):
    assert made.secret not in canonical.unb64(made.sealed)


def test_in_another_session_it_is_worth_nothing(house, made):
    refused(house, made.sealed, bound=ELSEWHERE)


def test_for_another_purpose_it_is_worth_nothing(house, made):
    refused(house, made.sealed, purpose=offer.RENEW)


def test_once_used_it_is_worth_nothing(house, made):
    offer.end(house.vault, made)
    refused(house, made.sealed)


@pytest.mark.parametrize(("age", "counts"), [(0, True), (3600, True), (3601, False), (-1, False)])
def test_it_counts_for_an_hour(house, made, monkeypatch, age, counts):
    now = clock.now() + age
    monkeypatch.setattr("vault.clock.now", lambda: now)
    if counts:
        assert offer.read(house.vault, offer.ENROL, HERE, made.sealed)
    else:
        refused(house, made.sealed)


@pytest.mark.parametrize("junk", ["", "x", "ЖЖ", "A" * 200, "A" * 1_000_000, "\ud800"])
def test_what_is_none_is_refused(house, junk):
    refused(house, junk)


def test_a_changed_one_is_refused(house, made):
    other = "A" if made.sealed[30] != "A" else "B"
    refused(house, made.sealed[:30] + other + made.sealed[31:])


def test_what_was_sealed_for_something_else_is_refused(house):
    for plain in (b"{}", b"junk", canonical.dumps({"bound": "", "made": 0, "secret": ""})):
        sealed = house.vault.agent.seal(offer.ENROL, bytes(16), plain)
        refused(house, canonical.b64(sealed))


def test_a_lock_ends_all_of_them(house, made):
    house.vault.agent.lock()
    with pytest.raises((SessionEndedError, LockedError)):
        offer.read(house.vault, offer.ENROL, HERE, made.sealed)
