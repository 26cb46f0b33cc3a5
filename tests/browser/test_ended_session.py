"""A session that ended while somebody was writing takes nothing of the text with it."""

from tests.support.people import Member

REPLY = "Первый абзац.\n\nВторой, с «кавычками» & <b>знаками</b>."


def test_a_reply_typed_into_an_ended_session_is_one_press_away_after_signing_in(
    given, demo, new_context
):
    teller, words, _, code = given("Рассказ.")
    # A session of its own to end: the others share theirs.
    lawyer = Member(new_context().new_page(), demo, "lawyer").sign_in()
    lawyer.open(code, "cases")
    lawyer.page.fill("#text", REPLY)
    other_tab = Member(lawyer.page.context.new_page(), demo, "lawyer")
    other_tab.page.goto(f"{other_tab.home}/me")
    other_tab.sign_out()

    lawyer.page.click('form[action*="/reply"] button')
    assert lawyer.page.inner_text("h1") == "Your session has ended"
    assert lawyer.page.input_value("main textarea") == REPLY
    lawyer.page.fill("#login", lawyer.person.login)
    lawyer.page.fill("#passphrase", "not the passphrase")
    lawyer.page.fill("#code", "000000")
    lawyer.page.click("main button")
    assert lawyer.page.input_value("main textarea") == REPLY
    lawyer.enter()
    assert "It has not been sent yet" in lawyer.page.inner_text("main")
    assert lawyer.page.input_value("main textarea") == REPLY
    lawyer.page.click("main button")
    assert lawyer.page.inner_text(".said") == "The reply will be in the box at the next slot."

    teller.come_back(" ".join(words))
    teller.wait_for("Второй")
    assert teller.page.locator("article.reply .text").all_text_contents() == [REPLY]
