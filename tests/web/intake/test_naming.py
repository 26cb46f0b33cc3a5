"""The hint that a text names its writer: once, before sending; it stops and loses nothing."""

import logging

import pytest

NAMED = "Меня зовут Ару, мой номер 8 700 000 00 00."
QUIET = "Меня везли минут двадцать."
HINT = 'id="named"'


def pressed(witness, page, form="victim", **answers):
    """Post what a page that shows the hint posts, whichever of its buttons is pressed."""
    kept = {"send_id": page.hidden("send_id"), "seen": page.hidden("seen")}
    given = {"story": page.textarea("story"), "consent.C01": "yes", "consent.C02": "not_yet"}
    return witness.post(f"/tell/{form}?lang=en", {**kept, **given, **answers})


def test_before_it_is_sent_the_page_shows_what_was_found_and_keeps_the_text(witness):
    page = witness.tell(language="en", story=NAMED)
    assert (page.status, witness.packets) == (200, 0)
    assert "<li><bdi>8 700 000 00 00</bdi></li>" in page.source
    assert "Nothing was sent yet" in page.text
    assert page.textarea("story") == NAMED
    assert 'value="not_yet" autocomplete="off" checked' in page.source


def test_one_press_sends_it_as_it_is(witness):
    page = pressed(witness, witness.tell(story=NAMED))
    assert (page.status, len(page.words), witness.packets) == (200, 12, 1)


def test_it_is_said_once_whatever_is_changed_afterwards(witness):
    page = pressed(witness, witness.tell(story=NAMED), story=f"{NAMED} a@b.invalid")
    assert (len(page.words), witness.packets) == (12, 1)


def test_a_text_that_names_nobody_is_sent_at_once(witness):
    assert HINT not in witness.tell(story=QUIET).source
    assert witness.packets == 1


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_changing_the_language_keeps_the_hint_and_sends_nothing(witness, language):
    page = witness.tell(story=NAMED)
    posted = {"story": NAMED, "seen": page.hidden("seen"), "send_id": page.hidden("send_id")}
    again = witness.post(f"/tell/victim/again?lang={language}", posted)
    assert HINT in again.source
    assert again.hidden("seen") == page.hidden("seen")
    assert witness.packets == 0


def test_what_is_refused_shows_both_at_once_and_then_the_hint_no_more(witness):
    page = witness.tell(language="en", story=NAMED, **{"consent.C01": ""})
    assert page.status == 400
    assert HINT in page.source
    assert "Please tick" in page.text
    assert len(pressed(witness, page).words) == 12


def test_what_was_found_is_shown_as_text_and_cannot_change_the_page(witness):
    page = witness.tell(story="My name is <b>\u202eA</b>")
    assert "<li><bdi>My name is &lt;b&gt;[U+202E]A&lt;/b&gt;</bdi></li>" in page.source


def test_nothing_of_it_is_logged(witness, caplog):
    caplog.set_level(logging.DEBUG)
    witness.tell(story=NAMED)
    assert caplog.text == ""


def test_a_text_over_its_limit_is_refused_as_such(make_witness, config):
    page = make_witness().tell(story=NAMED + "a" * config.intake.story_limit)
    assert page.status == 413
    assert HINT not in page.source


# --- the pages of a box --------------------------------------------------------------------------


@pytest.fixture
def inside(witness, told):
    witness.open_box(told.words)
    return witness


def send(inside, module, **answers):
    shown = inside.get(f"/return/more/{module}?lang=en")
    hidden = {name: shown.hidden(name) for name in ("send_id", "token", "form")}
    return inside.post(f"/return/more/{module}?lang=en", {**hidden, "then": "on", **answers})


def test_a_page_for_more_shows_it_too_and_then_goes_where_was_pressed(inside):
    before = inside.packets
    page = send(inside, "risk", safe_contact_rule=NAMED, then="stop")
    assert HINT in page.source
    assert NAMED in page.source
    assert inside.packets == before
    assert 'name="then" value="stop">Send it as it is' in page.source
    hidden = {name: page.hidden(name) for name in ("send_id", "token", "form", "seen")}
    answer = inside.post(
        "/return/more/risk", {**hidden, "safe_contact_rule": NAMED, "then": "stop"}
    )
    assert answer.location.startswith("/return/done?sent=new")
    assert inside.packets == before + 1


def test_the_page_about_who_one_is_does_not_hint_at_what_belongs_there(inside):
    answer = send(inside, "identity", **{"identity.person.name": NAMED})
    assert answer.status == 303


def test_texts_in_entries_of_a_list_are_looked_at(inside):
    page = send(inside, "people", **{"people.0.description": NAMED})
    assert HINT in page.source
