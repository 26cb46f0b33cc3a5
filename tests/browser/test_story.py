"""The whole way, from a witness to the access log and back, as people go it."""

import pytest

from tests.browser.conftest import FORM_OF, NARROW, WIDE
from tests.support.people import soon
from vault.crypto import receipt

REPLY = "Қазақша жауап.\n\nОтвет адвоката: «не спешите».\n  Two spaces & <b>no markup</b>."
ADDED = "Я забыл про куртку.\n\n— Она синяя."


def codes(page):
    """The codes of cases that sentences of the access log name."""
    return set(page.locator("ol.entries a bdi").all_inner_texts())


@pytest.mark.parametrize(
    # Every language once, both widths: test_layout looks at every page in all of them.
    ("language", "viewport"),
    [("kk", NARROW), ("ru", NARROW), ("en", WIDE)],
    ids=["kk-narrow", "ru-narrow", "en-wide"],
)
def test_a_story_goes_to_a_lawyer_and_a_reply_comes_back(
    witness, member, stories, language, viewport
):
    story = stories[language]
    options = {"language": language, "viewport": viewport}

    teller, officer = witness(**options), member("intake_officer", **options)
    known = officer.listed("new")
    teller.begin()
    teller.choose(FORM_OF[language])
    assert teller.page.get_attribute("html", "lang") == language
    teller.write(story)
    words = teller.send()
    assert len(words) == 12
    assert teller.page.locator("ol.words li").all_text_contents() == words
    teller.confirm(words)
    assert teller.page.context.cookies() == []
    teller.page.click('button[value="box"]')
    assert teller.page.url == f"{teller.address}/return/box?lang={language}"
    teller.page.click("a.leave")
    assert teller.page.context.cookies() == []

    code = officer.wait_for_new(known)
    officer.open(code, "new")
    assert officer.page.get_attribute("html", "lang") == language
    assert officer.stories() == [story]
    address = officer.page.url
    officer.give_to("Demo lawyer")
    assert code not in officer.listed("new")
    refused = officer.page.goto(address)
    assert refused.status == 404
    assert officer.stories() == []

    lawyer = member("lawyer", **options)
    lawyer.open(code, "cases")
    assert lawyer.stories() == [story]
    lawyer.reply(REPLY)

    digits = receipt.encode_digits(receipt.decode(" ".join(words)))
    teller.come_back(digits if viewport == WIDE else f"  {'  '.join(words).upper()}\n")
    teller.wait_for("Two spaces")
    assert teller.page.text_content("article.reply .text") == REPLY
    teller.add(ADDED)
    assert len(teller.page.context.cookies()) == 1
    teller.page.click("main a.plain")

    def added_is_there():
        lawyer.open(code, "cases")
        return len(lawyer.stories()) == 2

    assert soon(added_is_there)
    assert lawyer.stories() == [story, ADDED]


def test_the_auditor_reads_who_did_what_and_checks_one_entry(given, member):
    _, _, lawyer, code = given("Меня держали в отделе двое суток.")
    lawyer.reply("Спасибо, что написали.")
    auditor = member("auditor")
    page = auditor.page

    page.goto(f"{auditor.home}/entries")
    page.fill("#case", code.lower())
    page.click("form.filter button")
    assert codes(page) == {code}
    sentences = page.inner_text("ol.entries")
    assert f"A witness sent a new account, case {code}" in sentences
    assert "Demo intake officer (intake officer) opened the account of" in sentences
    assert f"gave case {code} to Demo lawyer (lawyer)" in sentences
    assert f"Demo lawyer (lawyer) wrote a reply in case {code}" in sentences
    assert "двое суток" not in page.content()

    page.select_option("#member", label="Demo lawyer")
    page.click("form.filter button")
    assert page.input_value("#case") == code
    both = page.locator("ol.entries li").all_inner_texts()
    assert [line for line in both if "Demo lawyer (lawyer)" not in line] == []
    assert 0 < len(both) < len(sentences.splitlines())

    page.fill("#case", "0000-0000")
    page.click("form.filter button")
    assert page.locator("ol.entries").count() == 0

    page.goto(f"{auditor.home}/entries?kind=intake")
    page.click("ol.entries li:last-child > a")
    assert "c2sp.org/tlog-proof@v1" in page.text_content("#proof")
    assert '"kind":"intake"' in page.inner_text("#json")


def test_not_yet_is_sealed_to_nobody_until_the_witness_allows_it(witness, member):
    teller, officer = witness("en"), member("intake_officer")
    known = officer.listed("new")
    words = teller.tell("victim", "Not yet, please.", reading="not_yet")
    code = officer.wait_for_new(known)
    assert officer.listed("new")[code] is None

    teller.come_back(" ".join(words))
    teller.page.click('form[action*="/return/allow"] button')
    assert soon(lambda: officer.listed("new")[code] is not None)
    officer.open(code, "new")
    assert officer.stories() == ["Not yet, please."]
    teller.wait_for("you allowed reading")
    assert teller.page.locator('form[action*="/return/allow"]').count() == 0
