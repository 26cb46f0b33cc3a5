import re

from vault.cases import messages, notes
from vault.forms.codes import load_codes
from vault.journal.reading import Filter

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
    assert "<bdi>Lawyer</bdi> (" not in page


def test_a_lawyer_writes_a_reply(as_member, given_case):
    case = given_case()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    assert browser.post(f"/staff/cases/{case}/reply", {"text": "Мы <вас> ждём."}).status_code == 303
    page = browser.get(f"/staff/cases/{case}").text
    assert "The reply will be in the box at the next slot" in page
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
