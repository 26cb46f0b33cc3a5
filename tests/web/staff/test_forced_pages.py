"""Being forced, as the lawyer's pages tell it: above everything else, in three languages."""

from __future__ import annotations

import re

import pytest

from tests.support.house import STORY
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.model import code_of

SAID = {"en": "second words", "ru": "со вторыми словами", "kk": "екінші сөздермен"}


@pytest.fixture
def forced(house):
    """A case to whose box somebody came with the second words; something was added afterwards."""
    officer, back = house.actors["officer"], house.come_back
    before = {line.id for line in inbox.new_cases(house.vault, officer)}
    send_id = house.tell.new_send_id()
    own = house.tell.send("victim", "ru", STORY, send_id).receipt
    back.add(own, "ru", {"withdrawal": {"anticipatory_statement": "yes"}}, "")
    back.visited(house.tell.receipt_of(send_id, second=True))
    back.add(own, "ru", {"story": "I take it all back"}, "")
    house.collect()
    lines = inbox.new_cases(house.vault, officer)
    case = next(line.id for line in lines if line.id not in before)
    assign.give(house.vault, officer, case, house.actors["lawyer"].id, None)
    return case


@pytest.mark.parametrize("language", SAID)
def test_the_case_says_it_above_the_facts_and_marks_what_came_since(as_member, forced, language):
    page = as_member("lawyer").get(f"/staff/cases/{forced}?lang={language}").get_data(as_text=True)
    notice, facts = page.index('id="forced"'), page.index('<dl class="facts">')
    assert page.index('id="foretold"') < facts
    assert notice < facts
    said = page[notice:facts]
    assert SAID[language] in said
    assert ".".join(reversed(clock.day().split("-"))) in said
    (since,) = re.findall(r'<article[^>]*from-witness">(.*?)I take it all back', page, re.DOTALL)
    assert 'class="fault"' in since


@pytest.mark.parametrize("language", SAID)
def test_the_list_says_it_beside_the_case(as_member, forced, language):
    page = as_member("lawyer").get(f"/staff/cases?lang={language}").get_data(as_text=True)
    (row,) = (row for row in page.split("<tr>") if code_of(forced) in row)
    assert SAID[language] in row


def test_of_a_case_without_it_nothing_is_said(as_member, given_case):
    case = given_case()
    page = as_member("lawyer").get(f"/staff/cases/{case}?lang=en").get_data(as_text=True)
    assert 'id="forced"' not in page
    assert 'id="foretold"' not in page
    assert "Possibly forced" not in page


PRESSED = {"en": "tells of pressure", "ru": "сообщает о давлении", "kk": "қысым туралы айтады"}
URGENT = {
    "en": "Someone is pressed or threatened",
    "ru": "На кого-то из-за этого давят",
    "kk": "Осы үшін біреуге қысым",
}


@pytest.fixture
def pressed(house):
    """A case whose witness came back and said what was done to them."""
    return _pressed(house, {"duress_word": "none"})


def _pressed(house, more):
    officer, back = house.actors["officer"], house.come_back
    before = {line.id for line in inbox.new_cases(house.vault, officer)}
    own = house.tell.send("victim", "ru", STORY, house.tell.new_send_id()).receipt
    answers = {
        "happened_since": "Принесли лист.",
        "risk": ["threat_419"],
        "withdrawal": {"asked_to_sign": "yes", "signed": "not_yet", "deadline": "до <b>пятницы"},
        **more,
    }
    back.add(own, "ru", answers, back.new_send_id())
    house.collect()
    lines = inbox.new_cases(house.vault, officer)
    case = next(line.id for line in lines if line.id not in before)
    assign.give(house.vault, officer, case, house.actors["lawyer"].id, None)
    return case


@pytest.mark.parametrize("language", PRESSED)
def test_pressure_stands_above_the_facts_with_what_is_needed_at_once(as_member, pressed, language):
    page = as_member("lawyer").get(f"/staff/cases/{pressed}?lang={language}").get_data(as_text=True)
    notice, facts = page.index('id="pressed"'), page.index('<dl class="facts">')
    assert notice < facts
    said = page[notice:facts]
    assert PRESSED[language] in said
    assert "до &lt;b&gt;пятницы" in said
    assert 'href="#s-followup"' in said
    assert 'id="s-followup"' in page


def test_pressure_is_shown_where_nothing_was_said_about_a_word(as_member, house):
    page = as_member("lawyer").get(f"/staff/cases/{_pressed(house, {})}?lang=en")
    assert page.status_code == 200
    assert 'id="pressed"' in page.text


@pytest.mark.parametrize("language", PRESSED)
def test_the_list_marks_pressure_as_urgent(as_member, pressed, language):
    lawyer = as_member("lawyer")
    lawyer.get(f"/staff/cases/{pressed}")
    page = lawyer.get(f"/staff/cases?lang={language}&urgent=yes").get_data(as_text=True)
    (row,) = (row for row in page.split("<tr>") if code_of(pressed) in row)
    assert URGENT[language] in row


def test_of_a_case_without_pressure_nothing_is_said(as_member, given_case):
    page = as_member("lawyer").get(f"/staff/cases/{given_case()}?lang=en").get_data(as_text=True)
    assert 'id="pressed"' not in page
