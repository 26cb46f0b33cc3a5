"""What may need a question, and the auditors' answers."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault import clock
from vault.journal.reading import Filter
from vault.journal.reckoning import watch
from vault.journal.reckoning.watch import EXPLAINED, REASONS
from vault.web.audit import create_app

CASE = "c" * 32
NOON = "2026-11-23T07:00:00Z"
NIGHT = "2026-11-23T17:30:00Z"
FIELD = re.compile(r'name="(rule|first|last)" value="([^"]+)"')


@pytest.fixture
def house(tmp_path):
    built = House.found(tmp_path).staff()
    yield built
    built.close()


@pytest.fixture
def auditor(house):
    browser = Browser(create_app(house.vault), "/audit")
    browser.sign_in("auditor")
    return browser


def happen(house, *, time=NIGHT, kind="reveal", case=CASE, **subject):
    with house.vault.journal.transaction() as transaction:
        lawyer = house.actors["lawyer"].id
        transaction.log(kind, lawyer, {"case": case, **subject}, {"as": "lawyer"}, time)


def with_rules(house, lines):
    """Return an auditor of the same vault after its settings were changed."""
    stated = house.vault.settings
    flags = replace(stated.flags, rules=tuple(lines))
    vault = replace(house.vault, settings=replace(stated, flags=flags))
    browser = Browser(create_app(vault), "/audit")
    browser.sign_in("auditor")
    return browser


def named(page):
    """Return the fields of the first question on a page."""
    return dict(FIELD.findall(page)[:3])


def answers(house):
    return house.vault.journal.read(Filter(kind=EXPLAINED))


def test_a_quiet_log_asks_nothing(auditor):
    assert "Nothing waits for an explanation" in auditor.get("/audit/flags").text
    assert "Nothing waits that may need a question" in auditor.get("/audit/").text


def test_each_rule_is_said_in_words(auditor):
    page = auditor.get("/audit/flags").text
    for said in (
        "10 different cases or more within 60 min",
        "Before 8 or after 20 o’clock, or not on days 1–6 of the week",
        "Within 24 h after the member was given the case",
    ):
        assert said in page


def test_an_opening_at_night_is_asked_about_with_the_hour_of_the_place(auditor, house):
    happen(house, time=NOON)
    happen(house)
    page = html.unescape(auditor.get("/audit/flags").text)
    assert "Lawyer (lawyer), outside 8–20 o’clock of a working day: 1 (" in page
    assert "23.11.2026 22:30" in page
    assert "What may need a question: 1" in auditor.get("/audit/").text


def test_a_proof_soon_after_being_given_and_identity_after_its_release(auditor, house):
    happen(house, time=NOON, kind="assign", member=house.actors["lawyer"].id)
    happen(house, time=NOON, kind="proof.made")
    with house.vault.journal.transaction() as transaction:
        transaction.log("identity.released", "witness", {"case": CASE})
    happen(house, time=NOON, kind="identity.opened")
    page = auditor.get("/audit/flags").text
    assert "Taken soon after it was given" in page
    assert "The first time since it was released" in page


def test_an_answer_is_an_entry_with_a_reason_from_the_list_and_is_shown_afterwards(auditor, house):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    assert auditor.post("/audit/flags/explain", fields | {"why": "duty"}).status_code == 303
    (answer,) = answers(house)
    assert answer.actor == house.actors["auditor"].id
    assert dict(answer.subject) == {"member": house.actors["lawyer"].id}
    stated = {"rule": "hours", "entries": (fields["first"], fields["last"]), "why": "duty"}
    assert dict(answer.detail) == stated
    page = auditor.get("/audit/flags").text
    assert "It is written down" in page
    assert "Nothing waits for an explanation" in page
    every = auditor.get("/audit/flags?show=all").text
    assert "Explained: ordinary work of that day. Auditor (auditor)" in every
    listed = auditor.get(f"/audit/entries?kind={EXPLAINED}").text
    assert "Auditor (auditor) explained a question about Lawyer (lawyer)" in listed
    assert "reason: ordinary work of that day" in listed


def test_what_comes_after_an_answer_is_asked_about_again(auditor, house):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    auditor.post("/audit/flags/explain", fields | {"why": "agreed"})
    happen(house, time="2026-11-23T18:00:00Z")
    page = auditor.get("/audit/flags").text
    assert "Since then there was more" in page
    assert named(page)["last"] != fields["last"]


@pytest.mark.parametrize("why", ["", "She is my friend", "duty agreed", REASONS[0].upper()])
def test_no_reason_or_words_of_ones_own_are_refused_at_the_field_and_not_written(
    auditor, house, why
):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    answer = auditor.post("/audit/flags/explain", fields | {"why": why})
    assert answer.status_code == 400
    assert re.search(r'id="why-1-fault"[^>]*>Choose one of the reasons', answer.text)
    assert answers(house) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "7"},
        {"last": "9" * 16},
        {"rule": "many"},
        {"first": "x"},
        {"first": "9" * 400},
        {"rule": ""},
    ],
)
def test_a_question_that_is_not_there_is_not_answered(auditor, house, wrong):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    auditor.post("/audit/flags/explain", fields | {"why": "duty"} | wrong)
    assert "Nothing was written down" in auditor.get("/audit/flags").text
    assert answers(house) == []


def test_the_same_answer_twice_is_one_entry(auditor, house):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', auditor.page.text).group(1)
    for _ in range(2):
        auditor.post("/audit/flags/explain", fields | {"why": "duty"}, token)
    assert len(answers(house)) == 1


def test_an_answer_needs_the_token_of_the_page(auditor, house):
    happen(house)
    fields = named(auditor.get("/audit/flags").text)
    answer = auditor.post("/audit/flags/explain", fields | {"why": "duty"}, "forged")
    assert answer.status_code == 403
    assert answers(house) == []


def test_many_questions_come_page_by_page(auditor, house):
    for number in range(12):
        happen(house, time=f"2026-10-{number + 5:02}T17:30:00Z")
    first = auditor.get("/audit/flags").text
    more = html.unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))
    second = auditor.get(f"/audit/flags{more}").text
    assert (first.count("<article"), second.count("<article")) == (10, 2)
    assert 'rel="next"' not in second


def test_looking_at_the_questions_is_an_entry(auditor, house):
    before = house.vault.journal.size()
    auditor.get("/audit/flags")
    (entry,) = house.vault.journal.read(Filter(first=before))
    assert (entry.kind, dict(entry.detail)) == ("ledger.read", {"what": "flags"})


def test_the_hours_of_a_rule_are_those_of_today_here(auditor, house):
    """An opening of this moment is asked about exactly when it is out of hours here."""
    with house.vault.journal.transaction() as transaction:
        transaction.log("reveal", house.actors["lawyer"].id, {"case": CASE}, {"as": "lawyer"})
    here = datetime.fromtimestamp(clock.now(), ZoneInfo("Asia/Almaty"))
    outside = not (8 <= here.hour < 20 and here.isoweekday() <= 6)
    assert ("Outside the hours of work" in auditor.get("/audit/flags").text) == outside


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("many reveal 3 90", "within 90 s"),
        ("many reveal 3 604800", "within 168 h"),
        ("soon proof.made assign 1800", "Within 30 min after"),
        ("hours reveal 9-18 2-6", "or not on days 2–6 of the week"),
    ],
)
def test_a_rule_of_the_settings_is_said_as_it_stands(house, line, said):
    assert said in with_rules(house, [line]).get("/audit/flags").text


def test_the_overview_says_how_many_questions_are_not_shown_any_more(house, monkeypatch):
    monkeypatch.setattr(watch, "MAX_FLAGS", 1)
    browser = with_rules(house, ["hours reveal 9-18 1-5"])
    happen(house, time=NIGHT)
    happen(house, time="2026-11-24T17:30:00Z")
    assert "1 older ones are not shown any more" in browser.get("/audit/").text
