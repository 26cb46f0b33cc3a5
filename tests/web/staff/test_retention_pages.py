"""How long a case is kept, on pages: the day, another one, a hold; each asked once more."""

from __future__ import annotations

import pytest

from vault import clock
from vault.cases.ending import retention
from vault.web.inside.pages import date

REASON = "court proceedings are under way"


@pytest.fixture
def case(given_case):
    return given_case()


def day(ahead):
    return clock.day(clock.now() + ahead * clock.DAY)


def page(browser, case):
    return browser.get(f"/staff/cases/{case}?lang=en").text


def post(browser, case, what, **fields):
    return browser.post(f"/staff/cases/{case}/{what}?lang=en", fields)


def test_lawyer_and_deputy_see_the_day_and_what_they_can_do(case, as_member, house):
    for login in ("lawyer", "deputy"):
        text = page(as_member(login), case)
        assert f"It is kept until {date(retention.first_day(house.vault))}" in text
        for title in ("Set another end day", "Hold it until a day"):
            assert title in text
        assert "Take the hold away" not in text


def test_another_day_is_asked_once_more_and_then_set(case, as_member):
    browser = as_member("lawyer")
    page(browser, case)
    asked = post(browser, case, "end", until=day(40)).text
    assert "Are you sure?" in asked
    assert f"from {date(day(40))} on, for good" in asked
    assert "The end day is set" not in page(browser, case)
    assert post(browser, case, "end", until=day(40), sure="yes").status_code == 303
    text = page(browser, case)
    assert f"This case is erased by itself from {date(day(40))} on" in text
    assert f"erased by itself from {date(day(40))} on" in browser.get("/staff/cases?lang=en").text


def test_a_day_without_notice_is_refused_before_it_is_asked_once_more(case, as_member):
    browser = as_member("lawyer")
    page(browser, case)
    for until in (day(29), day(-1), "x", ""):
        for sure in ("", "yes"):
            assert post(browser, case, "end", until=until, sure=sure).status_code == 400
    assert "This case is erased by itself" not in page(browser, case)


def test_a_hold_is_asked_once_more_shown_with_its_reason_and_taken_away(case, as_member):
    browser = as_member("deputy")
    page(browser, case)
    fields = {"until": day(90), "reason": "proceedings"}
    assert f"held until {date(day(90))}" in post(browser, case, "hold", **fields).text
    assert post(browser, case, "hold", **fields, sure="yes").status_code == 303
    held = f"It is held until {date(day(90))}: {REASON}"
    assert held in page(as_member("lawyer"), case)
    browser = as_member("deputy")
    page(browser, case)
    assert "no longer be held" in post(browser, case, "free").text
    assert post(browser, case, "free", sure="yes").status_code == 303
    assert "It is held until" not in page(browser, case)


def test_a_hold_without_a_reason_or_an_end_is_refused(case, as_member):
    browser = as_member("lawyer")
    page(browser, case)
    for until, reason in ((day(90), "mine"), (day(0), "un"), (day(2000), "un")):
        assert post(browser, case, "hold", until=until, reason=reason).status_code == 400
    assert post(browser, case, "free").status_code == 403


def test_auditors_read_who_set_it_and_why_it_is_held(house, case, as_member):
    browser = as_member("lawyer")
    page(browser, case)
    post(browser, case, "hold", until=day(90), reason="order", sure="yes")
    (entry,) = [one for one in house.vault.journal.read() if one.kind == "retention.held"][-1:]
    assert entry.actor == house.actors["lawyer"].id
    assert dict(entry.detail) == {"until": day(90), "reason": "order"}
