"""Pausing everything: one press on the page of the box; answering anew undoes it item by item."""

import pytest

from vault.crypto.receipt import Receipt, encode


@pytest.fixture
def inside(witness):
    """A witness whose box is open."""
    witness.open_box(witness.tell(**{"consent.C02": "yes"}).words)
    return witness


def press(witness, **changes):
    page = witness.get("/return/box?lang=en")
    typed = {name: page.hidden(name) for name in ("token", "send_id")}
    return witness.post("/return/pause?lang=en", {**typed, **changes})


def test_one_press_sends_the_answers_and_the_instruction_and_the_box_says_so(inside):
    before = inside.packets
    typed = {n: inside.get("/return/box?lang=en").hidden(n) for n in ("token", "send_id")}
    for _ in range(2):  # a double click, or two windows
        page = inside.post("/return/pause?lang=en", typed)
        assert (page.status, page.location) == (303, "/return/box?lang=en")
    assert inside.packets == before + 2
    shown = inside.get("/return/box?lang=en")
    assert "You paused everything on" in shown.text
    assert "you paused everything" in shown.text
    assert "/return/pause" not in shown.source


def test_answering_anew_offers_the_button_again_and_the_box_names_no_answer(inside):
    press(inside)
    page = inside.get("/return/more/consent?lang=en")
    typed = {name: page.hidden(name) for name in ("send_id", "token", "form")}
    answer = {**typed, "then": "on", "consent.C09": "yes"}
    assert inside.post("/return/more/consent?lang=en", answer).status == 303
    shown = inside.get("/return/box?lang=en")
    assert "/return/pause" in shown.source
    assert "you answered what may be done" in shown.text
    assert "compared" not in shown.text


def test_a_foreign_token_pauses_nothing(inside):
    before = inside.packets
    assert press(inside, token="x").status == 403
    assert inside.packets == before


def test_without_a_visit_nothing_is_paused(witness):
    assert witness.post("/return/pause", {"token": "x"}).status == 403


def test_words_without_a_box_pause_in_the_same_way(make_witness):
    stranger, own = make_witness(), make_witness()
    stranger.open_box(encode(Receipt.generate().entropy, "ru"))
    own.open_box(own.tell(**{"consent.C02": "yes"}).words)
    pages = []
    for one in (stranger, own):
        answer = press(one)
        assert (answer.status, answer.location) == (303, "/return/box?lang=en")
        pages.append("You paused everything on" in one.get("/return/box?lang=en").text)
    assert pages == [True, True]
