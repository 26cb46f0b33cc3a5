"""Who the witness is, on the pages of a lawyer: for a purpose, shown once, kept nowhere."""

from __future__ import annotations

import re

import pytest

from tests.support.attacks import insert, rows
from vault import clock
from vault.cases.reveal.identity import PURPOSES
from vault.journal.reading import Filter
from vault.storage.tables.cases import grants

NAME, OTHER = "Планета Имярековна", "Юпитер Спутников"
ANSWERS = {
    "story": "what happened",
    "consent": {"C01": "yes", "C02": "yes"},
    "identity": {"person": {"name": NAME, "phone": "\u202e000"}},
    "people": [{"name": OTHER, "source": "heard"}],
}


@pytest.fixture
def case(house, new_case, given_case):
    """A given case with a name in it, not released."""
    house.receipt = None

    def remember(**options):
        house.receipt = house_send(**options)
        return house.receipt

    house_send, house.send = house.send, remember
    case = given_case(answers=ANSWERS)
    house.send = house_send
    house.collect()
    return case


@pytest.fixture
def released(house, case):
    house.come_back.release(house.receipt, house.come_back.open(house.receipt).identity.stand)
    house.collect()
    return case


def page(browser, case):
    return browser.get(f"/staff/cases/{case}/identity?lang=en").text


def opened(browser, case, **form):
    """Ask from a page of one's own that has a form, as there is none for who may not."""
    browser.get("/staff/me")
    return browser.post(f"/staff/cases/{case}/identity?lang=en", form or {"purpose": "safety"})


def kinds(house):
    return [entry.kind for entry in house.vault.journal.read(Filter(), 10_000)]


def test_before_a_release_the_case_and_the_page_say_so(as_member, case):
    lawyer = as_member("lawyer")
    for text in (lawyer.get(f"/staff/cases/{case}?lang=en").text, page(lawyer, case)):
        assert "Not released" in text
        assert 'name="purpose"' not in text
        assert NAME not in text
    assert opened(lawyer, case).status_code == 403


def test_after_it_the_case_says_since_when_and_shows_nothing_by_itself(as_member, released):
    text = as_member("lawyer").get(f"/staff/cases/{released}?lang=en").text
    day = ".".join(reversed(clock.day().split("-")))
    assert f"Released to you on {day}" in text
    assert f"/staff/cases/{released}/identity" in text
    assert NAME not in text
    assert OTHER not in text
    assert 'data-compartment="identity"' not in text


def test_the_page_asks_for_a_purpose_and_opens_nothing(as_member, released, house):
    text = page(as_member("lawyer"), released)
    assert re.findall(r'name="purpose" value="([^"]*)"', text) == list(PURPOSES)
    assert "checked" not in text
    assert NAME not in text
    assert "identity.opened" not in kinds(house)[-5:]


@pytest.mark.parametrize("form", [{"purpose": ""}, {"other": "x"}, {"purpose": NAME}])
def test_without_a_purpose_of_the_list_it_asks_again(as_member, released, form, house):
    before = kinds(house).count("identity.opened")
    answer = opened(as_member("lawyer"), released, **form)
    assert answer.status_code == 400
    assert "Choose what you need it for. Nothing was opened." in answer.text
    assert NAME not in answer.text
    assert kinds(house).count("identity.opened") == before


def test_the_answer_shows_it_with_the_names_of_others(as_member, released):
    answer = opened(as_member("lawyer"), released, purpose="un_experts")
    assert answer.status_code == 200
    assert NAME in answer.text
    assert OTHER in answer.text
    assert "You opened this to: write to UN experts" in answer.text
    assert re.search(
        r'<article data-record="[0-9a-f]{32}" data-compartment="identity"', answer.text
    )
    assert "[U+202E]000" in answer.text


def test_nothing_may_keep_the_answer(as_member, released):
    answer = opened(as_member("lawyer"), released)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers


def test_the_deputy_and_the_officer_do_not_reach_it(as_member, released):
    deputy = as_member("deputy")
    assert "Not released" in page(deputy, released)
    assert opened(deputy, released).status_code == 403
    officer = as_member("officer")
    assert officer.get(f"/staff/cases/{released}/identity").status_code == 404
    assert opened(officer, released).status_code == 404


def test_taken_back_the_page_says_not_released(as_member, released, house):
    back = house.come_back
    back.withdraw(house.receipt, back.open(house.receipt).identity.stand)
    house.collect()
    lawyer = as_member("lawyer")
    assert "Not released" in page(lawyer, released)
    assert opened(lawyer, released).status_code == 403


def test_what_came_after_a_withdrawal_is_counted_and_not_shown(as_member, released, house):
    back = house.come_back
    held = rows(house, grants, compartments='["identity"]')
    back.withdraw(house.receipt, back.open(house.receipt).identity.stand)
    house.collect()
    back.add(
        house.receipt,
        "ru",
        {"identity": {"person": {"name": "told later"}}},
        back.new_send_id(),
    )
    house.collect()
    still = {row.id for row in rows(house, grants)}
    for row in held:
        if row.id not in still:
            insert(house, grants, **row._mapping)  # of the copy that a lawyer kept
    answer = opened(as_member("lawyer"), released)
    assert "told later" not in answer.text
    assert "Not released to you: 1" in answer.text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_language_has_the_pages(as_member, released, language):
    lawyer = as_member("lawyer")
    address = f"/staff/cases/{released}/identity?lang={language}"
    assert lawyer.get(address).status_code == 200
    answer = lawyer.post(address, {"purpose": "care"})
    assert answer.status_code == 200
    assert NAME in answer.text
