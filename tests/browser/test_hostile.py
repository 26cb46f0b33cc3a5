"""Text that tries to become something else, in a browser that would run it."""

import re
import textwrap
from urllib.parse import quote

import pytest

from tests.support.hostile import lines
from tests.support.people import GO_ON, soon
from tests.support.watching import put

LONG = "ы" * 20_000
MARKUP = {"b", "i", "ul", "ol", "li", "p", "br"}


HOSTILE = list(lines("hostile.txt"))
TYPED, SHOWN = ("\n".join(side) for side in zip(*HOSTILE, strict=True))
# As much at once as an address or a login may hold.
CHUNKS = textwrap.wrap(
    TYPED.replace("\n", " "), 90, break_long_words=False, replace_whitespace=False
)
REFUSED = [typed for typed, _ in lines("refused.txt")]


def test_a_story_a_reply_an_addendum_and_a_note_are_shown_exactly_and_run_nothing(given, watched):
    teller, words, lawyer, code = given(TYPED, java_script_enabled=True)
    check = watched(teller.page, lawyer.page)
    assert lawyer.stories() == [SHOWN]
    check()

    put(lawyer.page, "#text", TYPED)
    lawyer.page.click('form[action*="/reply"] button')
    lawyer.page.wait_for_selector(".said")
    assert SHOWN in lawyer.page.locator("article .text").all_text_contents()
    put(lawyer.page, "#html", TYPED)
    lawyer.page.click('form[action*="/note"] button')
    note = lawyer.page.locator("article .markup")
    names = note.evaluate("e => [...e.querySelectorAll('*')].map(e => e.localName)")
    assert set(names) <= MARKUP
    assert note.evaluate("e => [...e.querySelectorAll('*')].every(e => !e.attributes.length)")
    assert "<script>window.__pwned=1</script>" in note.text_content()
    check()

    teller.come_back(" ".join(words))
    teller.wait_for("__pwned")
    assert teller.page.text_content("article.reply .text") == SHOWN
    check()
    teller.open_page("story")
    put(teller.page, "#story", f"{TYPED}\n{LONG}")
    teller.page.click(GO_ON)
    teller.send_as_it_is()
    teller.back_to_box()
    check()

    def came():
        lawyer.open(code, "cases")
        return len(lawyer.stories()) > 1

    assert soon(came)
    assert lawyer.stories() == [SHOWN, f"{SHOWN}\n{LONG}"]
    assert lawyer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check()


@pytest.mark.parametrize("typed", REFUSED, ids=ascii)
def test_a_text_that_cannot_be_kept_is_not_sent_and_stays_in_its_field(witness, watched, typed):
    teller = witness("en", java_script_enabled=True)
    check = watched(teller.page)
    teller.page.goto(f"{teller.address}/tell/victim?lang=en")
    teller.write("")
    put(teller.page, "#story", f"A\n{typed}\nB")
    teller.page.click("main button")
    assert teller.page.locator("#receipt").count() == 0
    assert "Nothing was sent" in teller.page.inner_text(".notice")
    kept = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "�", typed)
    assert teller.page.input_value("#story") == f"A\n{kept}\nB"
    assert teller.page.is_checked('[name="consent.C01"]')
    check()


def test_a_login_is_repeated_as_it_was_typed(demo, new_context, watched):
    page = new_context(java_script_enabled=True).new_page()
    check = watched(page)
    page.goto(f"{demo.staff}/staff/sign-in?lang=en")
    for typed in CHUNKS[::4]:
        put(page, "#login", typed)
        put(page, "#passphrase", typed)
        put(page, "#code", typed)
        page.click("main button")
        assert page.inner_text(".fault").startswith("Login, passphrase or code is not right.")
        assert page.input_value("#login") == typed
        assert page.input_value("#passphrase") == page.input_value("#code") == ""
        check()


def test_addresses_filters_and_names_of_forms_and_languages_run_nothing(member, witness, watched):
    auditor, teller = member("auditor", java_script_enabled=True), witness(java_script_enabled=True)
    check = watched(auditor.page, teller.page)
    for at, typed in enumerate(CHUNKS):
        # Another text in every field, so that an address stays as short as it must be.
        asked = [quote(text, safe="") for text in (CHUNKS * 2)[at : at + 5]]
        answer = teller.page.goto(f"{teller.address}/tell/{asked[0]}?lang={asked[1]}")
        assert answer.status == 404
        names = zip(("case", "member", "kind", "last", "lang"), asked, strict=True)
        auditor.page.goto(f"{auditor.home}/entries?{'&'.join(map('='.join, names))}")
        assert auditor.page.get_attribute("#case", "value") == typed.strip()
    check()
