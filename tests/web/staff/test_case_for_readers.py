"""The page of a case for a doctor and an interpreter: their part, and nothing they cannot use."""

from __future__ import annotations

import re

import pytest

from vault import clock
from vault.cases.holders import assign

DAY = 86_400
STORY, HURTS = "what happened to them", "what hurts now"
ANSWERS = {
    "story": STORY,
    "symptoms_now": HURTS,
    "consent": {"C01": "yes", "C02": "yes", "C04": "yes", "C05": "yes"},
}


@pytest.fixture(scope="module")
def readers(house):
    house.add("doctor", "doctor")
    house.add("interpreter", "interpreter")


@pytest.fixture
def case(house, readers, given_case):
    made = given_case(answers=ANSWERS)
    for capacity in ("doctor", "interpreter"):
        reader = house.actors[capacity].id, capacity
        until = clock.day(clock.now() + DAY)
        assign.add_reader(house.vault, house.actors["lawyer"], made, reader, until)
    return made


def forms(page):
    return set(re.findall(r'action="/staff/cases/\w+/([\w-]+)', page))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_doctor_sees_one_part_under_its_own_heading(as_member, case, language):
    page = as_member("doctor").get(f"/staff/cases/{case}?lang={language}").text
    heading = {"kk": "Денсаулық", "ru": "Здоровье", "en": "Health"}[language]
    assert f'<h2 id="account">{heading}</h2>' in page
    assert HURTS in page
    assert STORY not in page
    assert 'id="thread"' not in page
    assert 'id="notes"' not in page
    assert forms(page) <= {"label"}


def test_an_interpreter_reads_the_account_and_the_conversation_without_a_form(as_member, case):
    page = as_member("interpreter").get(f"/staff/cases/{case}?lang=en").text
    assert STORY in page
    assert HURTS not in page
    assert 'id="thread"' in page
    assert 'id="notes"' not in page
    assert "Those who handle it write to the witness." in page
    assert forms(page) <= {"label"}


@pytest.mark.parametrize("login", ["doctor", "interpreter"])
def test_they_find_it_in_their_list(as_member, case, login):
    member = as_member(login)
    assert member.get("/staff/").headers["Location"] == "/staff/cases"
    assert f"/staff/cases/{case}" in member.get("/staff/cases").text
