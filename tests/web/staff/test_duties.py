"""Who does nothing on these pages is told what they are, and when it begins and ends."""

from __future__ import annotations

import dataclasses

import pytest

from vault import clock
from vault.roster.model import Term

DAY = 86_400


@pytest.fixture(scope="module")
def people(house):
    house.add("analyst", "analyst")
    house.add("trustee", "trustee")


def first_page(member):
    answer = member.get("/staff/")
    return answer.headers["Location"]


@pytest.mark.parametrize("login", ["analyst", "trustee"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_analyst_and_trustee_come_to_a_page_that_says_what_they_do(
    as_member, people, login, language
):
    member = as_member(login)
    assert first_page(member) == "/staff/duties"
    page = member.get(f"/staff/duties?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.text.count("<section>") == 1


def test_who_has_sections_comes_to_the_first_of_them(as_member, people):
    assert first_page(as_member("officer")) == "/staff/new"
    assert first_page(as_member("lawyer")) == "/staff/cases"
    assert first_page(as_member("admin")) == "/staff/well"
    assert first_page(as_member("auditor")) == "/staff/audit"


def test_a_lawyer_who_has_not_begun_has_no_list_and_is_told_from_when(
    as_member, house, monkeypatch
):
    member = as_member("lawyer")
    roster, begin = house.vault.roster(), clock.moment(clock.now() + DAY)
    changed = dataclasses.replace(
        roster,
        members=tuple(
            dataclasses.replace(one, valid_from=begin)
            if one.id == house.actors["lawyer"].id
            else one
            for one in roster.members
        ),
    )
    monkeypatch.setattr(type(house.vault), "roster", lambda _: changed)
    assert first_page(member) == "/staff/duties"
    assert "This begins on" in member.get("/staff/duties?lang=en").text
    assert member.get("/staff/cases").status_code == 404


def test_a_role_for_a_time_says_when_it_ends(as_member, house, monkeypatch):
    member = as_member("lawyer")
    now = clock.now()
    term = Term("lawyer", clock.moment(now - DAY), clock.moment(now + DAY))
    roster = house.vault.roster()
    changed = dataclasses.replace(
        roster,
        members=tuple(
            dataclasses.replace(one, terms=(term,)) if one.id == house.actors["lawyer"].id else one
            for one in roster.members
        ),
    )
    monkeypatch.setattr(type(house.vault), "roster", lambda _: changed)
    assert "This ends on" in member.get("/staff/duties?lang=en").text
