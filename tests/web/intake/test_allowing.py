"""Allowing later: one button in the box of whoever chose "not yet"."""

import pytest


@pytest.fixture
def held_back(witness):
    """A witness in the box of an account that nobody may read yet."""
    told = witness.tell(**{"consent.C02": "not_yet"})
    witness.open_box(told.words)
    return witness


def allow(witness, **changes):
    token = witness.get("/return/box?lang=en").hidden("token")
    return witness.post("/return/allow?lang=en", {"token": token, **changes})


def test_the_box_offers_to_allow_reading(held_back):
    assert "Allow reading" in held_back.get("/return/box?lang=en").source


def test_allowing_sends_one_packet_and_the_box_says_so(held_back):
    before = held_back.packets
    token = held_back.get("/return/box").hidden("token")
    for _ in range(2):
        page = held_back.post("/return/allow?lang=en", {"token": token})
        assert (page.status, page.location) == (303, "/return/box?lang=en")
    assert held_back.packets == before + 1
    shown = held_back.get("/return/box?lang=en").source
    assert "you allowed reading" in shown
    assert "Allow reading" not in shown


def test_a_foreign_token_allows_nothing(held_back):
    before = held_back.packets
    assert allow(held_back, token="x").status == 403
    assert held_back.packets == before


def test_without_a_visit_nothing_is_allowed(witness):
    assert witness.post("/return/allow", {"token": "x"}).status == 403


def test_a_box_that_may_be_read_offers_nothing(witness):
    witness.open_box(witness.tell(**{"consent.C02": "yes"}).words)
    assert "/return/allow" not in witness.get("/return/box").source
    assert allow_status(witness) == 403


def allow_status(witness):
    token = witness.get("/return/more/story").hidden("token")
    return witness.post("/return/allow", {"token": token}).status
