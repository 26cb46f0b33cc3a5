"""A deletion on a lawyer's pages: seen with its day, stopped, and what a list says afterwards."""

from __future__ import annotations

import pytest

from vault import clock


@pytest.fixture
def case(house, given_case):
    """A given case of which the house keeps the receipt."""
    send = house.send

    def remember(**options):
        house.receipt = send(**options)
        return house.receipt

    house.send = remember
    yield given_case()
    house.send = send


def ask(house):
    house.come_back.delete(house.receipt, house.come_back.open(house.receipt).deletion.stand)
    house.collect()


def test_lawyer_and_deputy_see_the_day_and_why_to_stop_it(house, case, as_member):
    ask(house)
    due = clock.day(clock.now() + 7 * clock.DAY)
    for login in ("lawyer", "deputy"):
        text = as_member(login).get(f"/staff/cases/{case}?lang=en").text
        assert "Deletion was asked for" in text
        assert ".".join(reversed(due.split("-"))) in text
        assert "Stop it only if you have reason to believe that somebody forced it" in text


def test_the_list_says_it_to_who_does_not_open_the_case(house, case, as_member):
    ask(house)
    due = ".".join(reversed(clock.day(clock.now() + 7 * clock.DAY).split("-")))
    for login in ("lawyer", "deputy"):
        assert f"deletion from {due} on" in as_member(login).get("/staff/cases?lang=en").text


def test_the_lawyer_stops_it(house, case, as_member):
    ask(house)
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}?lang=en")
    assert browser.post(f"/staff/cases/{case}/keep?lang=en", {}).status_code == 303
    text = browser.get(f"/staff/cases/{case}?lang=en").text
    assert "The deletion is stopped" in text
    assert "Deletion was asked for" not in text
    house.collect()
    assert house.come_back.open(house.receipt).deletion.stopped == clock.day()


def test_where_nothing_was_asked_there_is_nothing_to_stop(house, case, as_member):
    browser = as_member("lawyer")
    assert "Deletion was asked for" not in browser.get(f"/staff/cases/{case}?lang=en").text
    assert browser.post(f"/staff/cases/{case}/keep?lang=en", {}).status_code == 403


def test_the_list_says_when_it_was_deleted_and_until_when_a_backup_opens_it(
    house, case, as_member, monkeypatch
):
    ask(house)
    real = clock.now
    with monkeypatch.context() as later:
        for days in (6, 7):  # a leap of a week alone would not be believed
            later.setattr(clock, "now", lambda days=days: real() + days * clock.DAY)
            house.collect()
        day, until = clock.day(), clock.day(clock.now() + 14 * clock.DAY)
    browser = as_member("lawyer")
    text = browser.get("/staff/cases?lang=en").text
    said = [".".join(reversed(one.split("-"))) for one in (day, until)]
    assert f"deleted on {said[0]}; the last backup that still opens it ends on {said[1]}" in text
    assert browser.get(f"/staff/cases/{case}?lang=en").status_code == 404
