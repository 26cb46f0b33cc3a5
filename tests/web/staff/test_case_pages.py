import re
from itertools import pairwise

from tests.support.attacks import planted
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.model import code_of
from vault.cases.written import messages, notes
from vault.forms.codes import load_codes
from vault.journal.reading import Filter
from vault.testimony import send_id as ids

STORY = "Первая строка\nвторая  с пробелами <b>не жирно</b> \u202eтекст"
ANSWERS = {
    "story": STORY,
    "consent": {"C01": "yes", "C02": "yes"},
    "people": [{"agency": "police.sobr"}, {"description": "Тренер"}],
}


def article(page):
    return re.findall(r'<article data-record="(\w+)" data-compartment="(\w+)">', page)


def test_the_officer_sees_new_accounts_and_below_them_those_set_aside(as_member, new_case):
    first, second = new_case(), new_case()
    browser = as_member("officer")
    browser.get(f"/staff/cases/{second}")
    assert browser.post(f"/staff/cases/{second}/set-aside").location == "/staff/new"
    page = browser.get("/staff/new").text
    above, below = page.split("Set aside</h2>")
    assert first in above
    assert first not in below
    assert second in below
    assert second not in above


def test_a_case_set_aside_comes_back(as_member, new_case):
    case = new_case()
    browser = as_member("officer")
    browser.get(f"/staff/cases/{case}")
    browser.post(f"/staff/cases/{case}/set-aside")
    browser.get(f"/staff/cases/{case}")
    browser.post(f"/staff/cases/{case}/bring-back")
    assert case in browser.get("/staff/new").text.split("Set aside</h2>")[0]


def test_the_account_is_shown_exactly_as_typed(as_member, new_case):
    page = as_member("officer").get(f"/staff/cases/{new_case(answers={**ANSWERS, 'people': []})}")
    shown = "Первая строка\nвторая  с пробелами &lt;b&gt;не жирно&lt;/b&gt; [U+202E]текст</div>"
    assert f'<div class="text" dir="auto">{shown}' in page.text
    assert {compartment for _, compartment in article(page.text)} == {"account"}


def test_nested_answers_are_readable_with_the_words_of_codes(as_member, new_case):
    page = as_member("officer").get(f"/staff/cases/{new_case(answers=ANSWERS)}").text
    assert "Тренер" in page
    assert load_codes().label("agency", "police.sobr", "en") in page
    assert "police.sobr" not in page
    assert page.index("Первая строка") < page.index("Тренер")


def test_opening_writes_to_the_ledger_first(as_member, new_case, house):
    case = new_case()
    as_member("officer").get(f"/staff/cases/{case}")
    entries = house.vault.journal.read(Filter(case=case, kind="reveal"))
    assert [entry.actor for entry in entries] == [house.actors["officer"].id]


def test_an_unknown_case_and_somebody_elses_look_the_same(as_member, new_case, given_case):
    browser = as_member("lawyer")
    token = re.compile(r'value="[^"]*"')
    answers = [
        browser.get(path)
        for path in (f"/staff/cases/{new_case()}", "/staff/cases/" + "0" * 32, "/staff/cases/x")
    ]
    assert {answer.status_code for answer in answers} == {404}
    pages = {token.sub("", re.sub(r"/staff/cases/\w+", "PATH", answer.text)) for answer in answers}
    assert len(pages) == 1


def test_the_officer_gives_a_case_and_cannot_open_it_any_more(as_member, new_case, house):
    case = new_case()
    browser = as_member("officer")
    browser.get(f"/staff/cases/{case}")
    lawyer = house.actors["lawyer"].id
    answer = browser.post(f"/staff/cases/{case}/give", {"lawyer": lawyer, "deputy": ""})
    assert (answer.status_code, answer.location) == (303, "/staff/new")
    assert "The case was given" in browser.get("/staff/new").text
    assert browser.get(f"/staff/cases/{case}").status_code == 404
    assert case in as_member("lawyer").get("/staff/cases").text


def test_who_else_can_open_it_is_named(as_member, given_case):
    page = as_member("lawyer").get(f"/staff/cases/{given_case()}").text
    assert re.search(r"Deputy</bdi> \(deputy\)", page)
    facts, handling = page.split('id="handling"')
    assert "<bdi>Lawyer</bdi> (" not in facts
    assert "<bdi>Lawyer</bdi> (lawyer)" in handling


def test_an_officer_is_told_which_other_officers_hold_it_and_the_lawyer_that_trustees_can(
    as_member, new_case, given_case, house
):
    if "other" not in house.actors:
        house.add("other", "intake_officer")
    page = as_member("officer").get(f"/staff/cases/{new_case()}").text
    assert "Other</bdi> (intake officer)" in page
    page = as_member("lawyer").get(f"/staff/cases/{given_case()}").text
    assert "(intake officer)" not in page
    assert "In an emergency, 2 trustees together." in page


def test_headings_and_links_lead_through_the_page_in_order(as_member, given_case):
    page = as_member("lawyer").get(f"/staff/cases/{given_case(answers=ANSWERS)}").text
    assert page.count("<h1>") == 1
    headings = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert all(below - above <= 1 for above, below in pairwise(headings))
    targets = re.findall(r'href="#([^"]+)"', page)
    assert {"account", "thread", "allowed", "notes", "s-story", "s-people"} <= set(targets)
    assert all(page.count(f'id="{target}"') == 1 for target in targets)
    order = [page.index(f'id="{target}"') for target in ("account", "thread", "allowed", "notes")]
    assert order == sorted(order)


def test_later_words_and_replies_are_one_conversation_in_order(as_member, house):
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    before = {line.id for line in inbox.new_cases(house.vault, officer)}
    receipt = house.send(planted("Первое слово"))
    (case,) = {line.id for line in inbox.new_cases(house.vault, officer)} - before
    assign.give(house.vault, officer, case, lawyer.id, None)
    back = house.come_back
    back.add(receipt, "ru", {"story": "Второе слово", "moved_by": "пешком"}, back.new_send_id())
    house.collect()
    messages.reply(house.vault, lawyer, case, "Наш ответ")
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    thread = page[page.index('id="thread"') : page.index('id="allowed"')]
    assert "Первое слово" not in thread
    assert thread.index("Второе слово") < thread.index("Наш ответ")
    assert re.search(r'class="from-witness">\s*<h3>Witness, ', thread)
    assert re.search(r'class="from-us">\s*<h3>Lawyer, ', thread)
    account = page[page.index('id="account"') : page.index('id="thread"')]
    assert re.search(r'class="later">\s*<p class="when">Added later, .*?пешком', account, re.DOTALL)


def test_what_came_with_the_second_receipt_is_marked_wherever_it_stands(as_member, house):
    officer, tell = house.actors["officer"], house.tell
    before = {line.id for line in inbox.new_cases(house.vault, officer)}
    send_id = tell.new_send_id()
    tell.send("victim", "ru", planted("Первое слово"), send_id)
    second = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    (case,) = {line.id for line in inbox.new_cases(house.vault, officer)} - before
    added = {"story": "Снимаю всё", "moved_by": "никак", "consent": {"C06": "yes"}}
    house.come_back.add(second, "ru", added, house.come_back.new_send_id())
    house.collect()
    page = as_member("officer").get(f"/staff/cases/{case}").text
    for said in ("Снимаю всё", "никак"):
        (article,) = [one for one in articles(page) if said in one]
        assert "Sent with the second words" in article
    (first,) = [one for one in articles(page) if "Первое слово" in one]
    assert "Sent with the second words" not in first
    item = page[page.index('data-field="consent.C06"') :]
    assert item.index("not answered") < item.index("Sent with the second words")


def articles(page):
    return re.findall(r"<article data-record.*?</article>", page, re.DOTALL)


def test_everything_revealed_stands_in_an_article_that_names_its_record(as_member, given_case):
    case = given_case(answers=ANSWERS | {"consent": {"C01": "yes", "C02": "yes", "C12": "no"}})
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    outside = re.sub(r"<article data-record.*?</article>", "", page, flags=re.DOTALL)
    for said in ("Первая строка", "Тренер", "Yes, keep it"):
        assert said in page
        assert said not in outside


def test_a_printed_case_says_which_when_and_by_whom(as_member, given_case):
    case = given_case()
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    day = ".".join(clock.day().split("-")[::-1])
    assert f"Case {code_of(case)}, printed on {day} by Lawyer" in page


def test_nothing_allowed_is_said_as_no(as_member, given_case):
    page = as_member("lawyer").get(f"/staff/cases/{given_case()}").text
    allowed = page[page.index('id="allowed"') :]
    item = allowed[allowed.index('data-field="consent.C12"') :]
    assert item.index(">no</span>") < item.index("not answered") < item.index("</dd>")


def test_a_lawyer_writes_a_reply(as_member, given_case):
    case = given_case()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    assert browser.post(f"/staff/cases/{case}/reply", {"text": "Мы <вас> ждём."}).status_code == 303
    page = browser.get(f"/staff/cases/{case}").text
    assert "The reply will be in the box at the next delivery" in page
    assert "Мы &lt;вас&gt; ждём." in page


def test_a_note_keeps_simple_formatting_and_nothing_else(as_member, given_case):
    case = given_case()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    html = '<b>важно</b><script>alert(1)</script><img src=x onerror=y><b onclick="z">!</b>'
    browser.post(f"/staff/cases/{case}/note", {"html": html})
    page = browser.get(f"/staff/cases/{case}").text
    assert "<b>важно</b>" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>!</b>" in page
    assert 'data-compartment="work"' in page


def test_a_note_sealed_without_cleaning_is_cleaned_when_shown(
    as_member, given_case, house, monkeypatch
):
    case = given_case()
    monkeypatch.setattr(notes, "clean", lambda html: html)
    notes.write(house.vault, house.actors["lawyer"], case, "<script>alert(1)</script>hostile")
    monkeypatch.undo()
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    assert "hostile" in page
    assert "<script" not in page


def test_the_deputy_reads_replies_of_the_lawyer(as_member, given_case, house):
    case = given_case()
    messages.reply(house.vault, house.actors["lawyer"], case, "Первый ответ")
    assert "Первый ответ" in as_member("deputy").get(f"/staff/cases/{case}").text


def test_pages_of_other_roles_are_not_there(as_member):
    elsewhere = {
        "officer": ("/staff/cases", "/staff/members", "/staff/invite"),
        "lawyer": ("/staff/new", "/staff/members", "/staff/invite"),
        "admin": ("/staff/new", "/staff/cases"),
        "auditor": ("/staff/new", "/staff/cases", "/staff/members"),
    }
    for login, paths in elsewhere.items():
        browser = as_member(login)
        for path in paths:
            assert browser.get(path).status_code == 404, (login, path)


def test_the_page_has_no_script_and_nothing_from_elsewhere(as_member, given_case):
    page = as_member("lawyer").get(f"/staff/cases/{given_case()}")
    assert "<script" not in page.text
    assert "://" not in page.text
    assert " style=" not in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_writing_to_an_unknown_case_and_to_somebody_elses_looks_the_same(as_member, new_case):
    browser, pages = as_member("lawyer"), set()
    for case in (new_case(), "0" * 32):
        browser.get("/staff/me")
        answer = browser.post(f"/staff/cases/{case}/reply", {"text": "typed"})
        assert answer.status_code == 404
        assert "typed</textarea>" in answer.text
        pages.add(re.sub(r'value="[^"]*"', "", answer.text.replace(case, "CASE")))
    assert len(pages) == 1
