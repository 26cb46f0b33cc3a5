"""Drafts on the page of a case: a button beside the one that sends, and what it leaves behind."""

import html
import re

import pytest

from vault.cases.written import drafts
from vault.cases.written.drafts import MAX_DRAFTS

TYPED = "\nНачало письма.\n<script>x</script> \u202eслева"
HIDDEN = re.compile(r'<input type="hidden" name="(once|draft)" value="([0-9a-f]{32})">')


@pytest.fixture
def opened(as_member, given_case):
    """A lawyer's browser with a case open."""
    case, browser = given_case(), as_member("lawyer")
    browser.get(f"/staff/cases/{case}?lang=en")
    return browser, case


def field(page, name="text"):
    found = re.search(rf'<textarea id="{name}" .*?>\n(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(found.group(1))


def form(page, kind):
    """What the form of one kind carries hidden."""
    after = page[page.index('action="/staff/cases/', page.index(f">{kind}<")) :]
    return dict(HIDDEN.findall(after[: after.index("</form>")]))


def save(browser, case, text=TYPED, kind="reply", **more):
    name = "text" if kind == "reply" else "html"
    path = f"/staff/cases/{case}/draft/{kind}?lang=en"
    done = browser.post(path, {name: text, **form(browser.page.text, LABEL[kind]), **more})
    assert done.status_code == 303
    return browser.get(done.location.partition("#")[0] + "?lang=en").text


LABEL = {"reply": "Write a reply", "note": "Write a note"}


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_a_draft_stands_in_its_field_again_and_is_called_not_sent(opened, kind):
    browser, case = opened
    page = save(browser, case, kind=kind)
    assert "Saved as a draft. It has not been sent." in page
    assert "Your draft, saved on" in page
    assert field(page, {"reply": "text", "note": "html"}[kind]).rstrip() == html.unescape(
        TYPED.replace("\u202e", "\u202e").rstrip()
    )
    assert "<script>" not in page


def test_saving_leads_back_to_the_draft_itself(opened):
    browser, case = opened
    done = browser.post(f"/staff/cases/{case}/draft/reply", {"text": TYPED})
    assert done.location.endswith("#reply-draft")
    assert 'id="reply-draft"' in browser.get(f"/staff/cases/{case}").text


def test_sending_and_saving_are_two_buttons_of_one_form_and_the_browser_keeps_nothing(opened):
    page = opened[0].page.text
    (send,) = re.findall(r'<form method="post" action="[^"]+/reply\?lang=en" ([^>]*)>', page)
    assert send == 'autocomplete="off"'
    assert page.count('formaction="/staff/cases/') == 2
    assert "<script" not in page


def test_a_sent_draft_is_gone_and_the_reply_is_there(opened):
    browser, case = opened
    page = save(browser, case)
    carried = form(page, LABEL["reply"])
    assert set(carried) == {"once", "draft"}
    browser.post(f"/staff/cases/{case}/reply", {"text": "Готово.", **carried})
    page = browser.get(f"/staff/cases/{case}?lang=en").text
    assert "Your draft" not in page
    assert field(page) == ""
    assert "Готово." in page


def test_a_form_sent_twice_is_one_reply(opened):
    browser, case = opened
    carried = form(browser.page.text, LABEL["reply"])
    for _ in range(2):
        sent = browser.post(f"/staff/cases/{case}/reply", {"text": "Единожды.", **carried})
        assert sent.status_code == 303
        browser.get(f"/staff/cases/{case}")
    assert browser.page.text.count("Единожды.") == 1


def test_a_second_window_is_told_of_and_can_be_gone_on_with(opened):
    browser, case = opened
    first = browser.page
    save(browser, case, "из первого окна")
    browser.page = first
    page = save(browser, case, "из второго окна")
    shown, other = field(page), "из первого окна"
    if shown == other:  # saved in the same second: either may stand first
        other = "из второго окна"
    assert "Another draft of yours, saved in another window" in page
    assert other in page
    (link,) = re.findall(r'href="([^"#]*draft=[0-9a-f]{32})#reply-draft"', page)
    assert field(browser.get(html.unescape(link)).text) == other


def test_discarding_takes_two_clicks_and_leaves_nothing(opened):
    browser, case = opened
    page = save(browser, case)
    assert "<summary>Discard this draft</summary>" in page
    carried = form(page, LABEL["reply"])
    done = browser.post(f"/staff/cases/{case}/draft/discard", {"draft": carried["draft"]})
    assert done.status_code == 303
    page = browser.get(f"/staff/cases/{case}?lang=en").text
    assert "The draft was deleted." in page
    assert field(page) == ""


def test_one_more_than_fits_is_said_and_what_was_typed_stays(opened, house):
    browser, case = opened
    for number in range(MAX_DRAFTS):
        drafts.save(house.vault, house.actors["lawyer"], case, ("reply", f"окно {number}"), "")
    page = browser.post(f"/staff/cases/{case}/draft/reply?lang=en", {"text": "ещё одно"})
    assert page.status_code == 403
    assert "as many drafts" in page.text
    assert "ещё одно" in page.text
    assert ">Save as draft</button>" in page.text
    assert "Send it now" not in page.text


def test_the_list_says_where_a_draft_waits(opened):
    browser, case = opened
    before = browser.get("/staff/cases?lang=en").text.count("your draft, not sent")
    browser.get(f"/staff/cases/{case}?lang=en")
    save(browser, case)
    after = browser.get("/staff/cases?lang=en").text.count("your draft, not sent")
    assert after == before + 1


def test_a_colleague_sees_neither_the_draft_nor_that_there_is_one(opened, as_member):
    browser, case = opened
    save(browser, case, "только моё")
    deputy = as_member("deputy")
    assert "только моё" not in deputy.get(f"/staff/cases/{case}?lang=en").text
    assert "Your draft" not in deputy.page.text
    assert "your draft" not in deputy.get("/staff/cases?lang=en").text


def test_how_long_it_may_be_is_said_before_typing(opened, house):
    limit = house.settings.staff.text_limit
    assert opened[0].page.text.count(f"At most {limit:,} characters".replace(",", "")) == 2
    assert opened[0].page.text.count(f'maxlength="{limit}"') == 2
