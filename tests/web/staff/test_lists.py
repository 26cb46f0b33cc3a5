"""The lists in a browser: what they show, choose and find, and what stays out of addresses."""

import re

import pytest

from tests.support.house import STORY
from vault.cases.lists import summaries, triage
from vault.cases.lists.choosing import PAGE
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.errors import StorageError
from vault.web.staff import lists

ROW = re.compile(r"<tr><th scope=\"row\">.*?</tr>", re.DOTALL)


def row(page, case):
    (found,) = [row for row in ROW.findall(page) if case in row]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


def mark(house, case, label, who="lawyer"):
    open_case(house.vault, house.actors[who], case)
    summaries.mark(house.vault, house.actors[who], case, label, waiting=False)


def listed(page, *cases):
    return [case for case in cases if case in page]


def test_a_case_is_summed_up_in_the_readers_language(as_member, given_case):
    answers = {**STORY, "urgency_self": ["held_now", "child"]}
    case = given_case(answers=answers, form="child", language="kk")
    browser = as_member("lawyer")
    shown = row(browser.get("/staff/cases?lang=en").text, case)
    assert "Urgent: Someone is held right now; It concerns a child" in shown
    assert "I am under 18 Kazakh" in shown
    assert "1 unread waits for you" in shown
    assert "Мне нет 18 лет по-казахски" in row(browser.get("/staff/cases?lang=ru").text, case)


def test_once_opened_and_answered_nothing_is_said_about_it(as_member, given_case, house):
    case = given_case()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    messages.reply(house.vault, house.actors["lawyer"], case, "Ответ")
    shown = row(browser.get("/staff/cases").text, case)
    assert "unread" not in shown
    assert "waits" not in shown


def test_an_officer_sees_day_and_code_before_opening_and_the_form_afterwards(as_member, new_case):
    case, browser = new_case(form="death"), as_member("officer")
    before = row(browser.get("/staff/new").text, case)
    assert "not opened by you yet" in before
    assert "died" not in before
    browser.get(f"/staff/cases/{case}")
    assert "Someone close to me has died" in row(browser.get("/staff/new").text, case)


def test_a_deputy_is_told_that_they_are_one(as_member, given_case):
    case = given_case()
    assert "deputy" in row(as_member("deputy").get("/staff/cases").text, case)
    assert "deputy" not in row(as_member("lawyer").get("/staff/cases").text, case)


@pytest.mark.parametrize(
    "query", ["urgent=yes", "form=child", "language=kk", "waiting=yes", "unread=yes"]
)
def test_what_was_chosen_is_shown_and_only_that(as_member, given_case, house, query):
    wanted = given_case(answers={**STORY, "urgency_self": ["child"]}, form="child", language="kk")
    other = given_case()
    open_case(house.vault, house.actors["lawyer"], other)
    messages.reply(house.vault, house.actors["lawyer"], other, "Ответ")
    page = as_member("lawyer").get(f"/staff/cases?{query}").text
    assert listed(page, wanted, other) == [wanted]
    name, value = query.split("=")
    assert re.search(rf'name="{name}" value="yes" checked|value="{value}" selected', page)


@pytest.mark.parametrize(
    "query",
    [
        "sort=<b>",
        "form=secret",
        "language=xx",
        "urgent=1",
        "page=0",
        "page=-1",
        "page=9999",
        "page=x",
    ],
)
def test_what_no_page_offers_is_left_out(as_member, given_case, query):
    case = given_case()
    page = as_member("lawyer").get(f"/staff/cases?{query}")
    assert page.status_code == 200
    assert case in page.text
    assert "secret" not in page.text
    assert "<b>" not in page.text


def test_labels_are_looked_for_by_post_and_no_address_holds_the_words(
    as_member, given_case, house, caplog
):
    wanted, other = given_case(), given_case()
    mark(house, wanted, "Суд 12 марта")
    mark(house, other, "справка")
    browser = as_member("lawyer")
    browser.get("/staff/cases?sort=day")
    page = browser.post("/staff/cases?sort=day", {"words": " суд "}).text
    assert listed(page, wanted, other) == [wanted]
    assert 'value="суд"' in page
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert not any("суд" in address or "%D1%81" in address.upper() for address in addresses)
    assert 'action="/staff/cases?sort=day"' in page
    assert "суд" not in caplog.text


def test_words_that_no_label_holds_say_so(as_member, given_case):
    given_case()
    browser = as_member("lawyer")
    browser.get("/staff/cases")
    assert "No case fits" in browser.post("/staff/cases", {"words": "nowhere at all"}).text


def test_too_many_words_are_kept_and_refused(as_member):
    browser = as_member("lawyer")
    browser.get("/staff/cases")
    page = browser.post("/staff/cases", {"words": "x" * 81})
    assert page.status_code == 413
    assert "x" * 81 in page.text


@pytest.fixture
def short_pages(monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)


def test_a_long_list_has_pages_and_every_case_stands_on_one(as_member, given_case, short_pages):
    cases = [given_case() for _ in range(3)]
    browser = as_member("lawyer")
    pages, number = [], 1
    while True:
        page = browser.get(f"/staff/cases?sort=day&page={number}").text
        pages.append(page)
        assert len(ROW.findall(page)) <= 2
        number += 1
        if f"page={number}&amp;sort=day" not in page:
            break
    assert all(sum(case in page for page in pages) == 1 for case in cases)


def test_new_accounts_have_pages_too_so_that_a_flood_keeps_no_officer_out(
    as_member, new_case, house, short_pages
):
    cases = [new_case() for _ in range(4)]
    officer = house.actors["officer"]
    triage.set_aside(house.vault, officer, cases[0])
    browser = as_member("officer")
    first = browser.get("/staff/new?lang=en").text
    last = int(re.search(r"Page 1 of (\d+)", first)[1])
    pages = [browser.get(f"/staff/new?page={number}").text for number in range(1, last + 1)]
    assert all(len(ROW.findall(page)) <= 2 for page in pages)
    assert all(sum(case in page for page in pages) == 1 for case in cases)
    assert "page=2" in first
    assert cases[0] not in first


def test_pages_of_what_was_found_are_asked_for_by_post(as_member, given_case, house, short_pages):
    for number in range(3):
        mark(house, given_case(), f"одинаковая {number}")
    browser = as_member("lawyer")
    browser.get("/staff/cases")
    first = browser.post("/staff/cases", {"words": "одинаковая"}).text
    assert len(ROW.findall(first)) == 2
    assert 'name="page" value="2"' in first
    second = browser.post("/staff/cases", {"words": "одинаковая", "page": "2"}).text
    assert len(ROW.findall(second)) == 1


def test_a_page_holds_a_hundred():
    assert PAGE == lists.PAGE == 100


def test_looking_once_is_one_entry(as_member, given_case, house):
    given_case()
    browser = as_member("lawyer")
    before = house.entered()
    browser.get("/staff/cases")
    (entry,) = house.vault.journal.read(limit=1, newest_first=True)
    assert (entry.kind, house.entered()) == ("list", before + 1)


def test_without_a_case_there_is_nothing_to_choose(as_member, house):
    if "second" not in house.actors:
        house.add("second", "lawyer")
    page = as_member("second").get("/staff/cases").text
    assert "No case was given to you yet" in page
    assert "<details" not in page
    assert "<table" not in page


# --- the own mark --------------------------------------------------------------------------------


def test_a_member_labels_a_case_for_themselves(as_member, given_case):
    case = given_case()
    browser = as_member("lawyer")
    assert 'name="waiting" value="yes" checked' in browser.get(f"/staff/cases/{case}").text
    answer = browser.post(f"/staff/cases/{case}/label", {"label": "Срок <3 дня>"})
    assert (answer.status_code, answer.location) == (303, f"/staff/cases/{case}")
    page = browser.get(f"/staff/cases/{case}").text
    assert "Your label was saved" in page
    assert "Срок &lt;3 дня&gt;</span></h1>" in page
    assert 'name="waiting" value="yes">' in page
    shown = row(browser.get("/staff/cases").text, case)
    assert "Срок &lt;3 дня&gt;" in shown
    assert "waits" not in shown
    assert "Срок" not in as_member("deputy").get("/staff/cases").text


def test_a_label_that_cannot_be_saved_is_kept(as_member, given_case, monkeypatch):
    case, browser = given_case(), as_member("lawyer")
    browser.get(f"/staff/cases/{case}")

    def full(*_, **__):
        raise StorageError("disk full")

    monkeypatch.setattr(summaries, "mark", full)
    typed = {"label": "не потерять", "waiting": "yes"}
    page = browser.post(f"/staff/cases/{case}/label", typed)
    assert page.status_code == 503
    assert "не потерять</textarea>" in page.text
    assert 'type="hidden" name="waiting" value="yes"' in page.text


def test_a_label_of_a_case_that_is_not_theirs_looks_like_no_case(as_member, new_case):
    browser = as_member("lawyer")
    browser.get("/staff/me")
    for case in (new_case(), "0" * 32):
        assert browser.post(f"/staff/cases/{case}/label", {"label": "x"}).status_code == 404
