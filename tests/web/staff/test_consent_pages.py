"""What the witness allowed, as the lawyer sees it: whether it counts, what waits, what they say."""

from __future__ import annotations

import re

import pytest

from tests.support.house import FORMS, House
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto import receipt as receipts
from vault.forms.codes import load_codes
from vault.forms.wording import load_wordings
from vault.web.intake import Services
from vault.web.intake import create_app as intake_app
from vault.web.staff import create_app

YES = {"C01": "yes", "C02": "yes"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault"), consent={"delay": 86_400}).staff()
    yield built
    built.close()


@pytest.fixture(scope="module")
def app(house):
    return create_app(house.vault)


@pytest.fixture
def opened(house, as_member):
    """The lawyer's browser on the page of a case whose witness said more later."""
    receipt = house.send({"story": "on the 6th", "consent": YES})
    back = house.come_back
    for answers in (
        {"consent": {"C06": "yes", "C09": "yes", "C12": "yes", "C13": "paused"}},
        {"story": "on the 7th", "added_as": ["correction"]},
    ):
        back.add(receipt, "en", answers, back.new_send_id())
    house.collect()
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, house.actors["lawyer"].id, None)
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{line.id}?lang=en")
    return browser, line.id


def text(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def item(page, name):
    """Return the part of the page that is about one item."""
    return re.search(rf'data-field="consent.{name}".*?</dd>', page.text, re.DOTALL).group()


def test_it_says_what_waits_and_why_something_does_not_count(opened):
    browser, _ = opened
    assert "Does not count yet. Counts from" in item(browser.page, "C09")
    assert "Not allowed: paused by the witness." in item(browser.page, "C13")
    assert "it needs a second “yes”" in item(browser.page, "C12")
    assert "/consent/stop" not in item(browser.page, "C13")


def test_the_lawyer_stops_what_waits(opened):
    browser, case = opened
    records = re.findall(r'name="record" value="([0-9a-f]{32})"', item(browser.page, "C09"))
    answer = browser.post(f"/staff/cases/{case}/consent/stop", {"item": "C09", "record": records})
    assert (answer.status_code, answer.location) == (303, f"/staff/cases/{case}#allowed")
    page = browser.get(f"/staff/cases/{case}?lang=en")
    assert "Stopped by who handles the case." in item(page, "C09")
    assert "/consent/stop" not in item(page, "C09")
    assert "/consent/stop" in item(page, "C06")


def test_the_lawyer_states_that_the_note_was_read(opened):
    browser, case = opened
    assert "/consent/note-read" in item(browser.page, "C12")
    answer = browser.post(f"/staff/cases/{case}/consent/note-read")
    assert answer.status_code == 303
    assert "Your statement is kept with the account." in text(browser.get(answer.location))


def test_a_correction_stands_above_what_it_corrects(opened):
    browser, _ = opened
    page = text(browser.page)
    thread = page.rpartition("Conversation")[2]
    assert thread.index("corrects what was said before") < thread.index("on the 7th")
    assert thread.index("on the 7th") < thread.index("Said before") < thread.index("on the 6th")


# --- a complaint, played through both houses ------------------------------------------------------

AGAIN = {"en": "it needs a second “yes”", "ru": "нужно второе «да»", "kk": "екінші «иә»"}


@pytest.fixture(scope="module")
def intake(house):
    services = Services(
        settings=house.settings,
        agent=house.intake_agent,
        forms=FORMS,
        codes=load_codes(),
        questions=load_wordings(FORMS),
        tell=house.tell,
        back=house.come_back,
    )
    return intake_app(services)


class Days:
    """Days that pass, for both houses."""

    def __init__(self, monkeypatch):
        self._patch, self._begin = monkeypatch, clock.now()

    def pass_to(self, day):
        moment = self._begin + day * clock.DAY
        self._patch.setattr(clock, "now", lambda: moment)


def allows_a_complaint(intake, house, receipt, language):
    """Come back with the words and say yes on the page "what you allow"."""
    browser = intake.test_client()
    browser.post("/return", data={"receipt": " ".join(receipts.encode(receipt.entropy, "ru"))})
    page = browser.get(f"/return/more/consent?lang={language}").get_data(as_text=True)
    hidden = dict(re.findall(r'name="(send_id|token|form)" value="([^"]*)"', page))
    answers = {**hidden, "consent.C12": "yes", "then": "stop"}
    assert browser.post(f"/return/more/consent?lang={language}", data=answers).status_code == 303
    house.collect()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_complaint_counts_after_the_note_and_a_second_yes_two_days_later_and_the_delay(
    house, intake, as_member, monkeypatch, language
):
    days = Days(monkeypatch)
    receipt = house.send({"story": "x", "consent": YES})
    line = inbox.new_cases(house.vault, house.actors["officer"])[0]
    assign.give(house.vault, house.actors["officer"], line.id, house.actors["lawyer"].id, None)

    def shown():
        page = as_member("lawyer").get(f"/staff/cases/{line.id}?lang={language}")
        return item(page, "C12")

    allows_a_complaint(intake, house, receipt, language)
    assert AGAIN[language] in shown()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{line.id}")
    assert browser.post(f"/staff/cases/{line.id}/consent/note-read", {}).status_code == 303
    days.pass_to(1)
    allows_a_complaint(intake, house, receipt, language)
    assert AGAIN[language] in shown()
    days.pass_to(2)
    allows_a_complaint(intake, house, receipt, language)
    begins = ".".join(reversed(clock.day(clock.now() + 2 * clock.DAY).split("-")))
    assert begins in shown()
    assert "/consent/stop" in shown()
    days.pass_to(4)
    assert AGAIN[language] not in shown()
    assert "/consent/stop" not in shown()
    record = as_member("lawyer").get(f"/staff/cases/{line.id}/consent?lang={language}").text
    said = record.partition('aria-labelledby="r-C12"')[2].partition("</section>")[0]
    assert said.count("<article") == 4  # three times yes, and the note
