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
    assert lawyer.page.inner_text(".said") == "The reply will be in the box at the next delivery."

    teller.come_back(" ".join(words))
    teller.wait_for("Второй")
    assert teller.page.locator("article.reply .text").all_text_contents() == [REPLY]


def test_an_invitation_is_there_again_after_unlocking(demo, new_context):
    administrator = Member(new_context().new_page(), demo, "administrator").sign_in()
    administrator.page.goto(f"{administrator.home}/invite")
    administrator.page.check('[name="roles"][value="doctor"]')
    typed_into_an_ended_session(administrator, "#name", "Имя 1", "main form button")
    assert administrator.page.get_attribute('[name="roles"]', "value") == "doctor"


def typed_into_an_ended_session(member, field, typed, button):
    """Type, lose the session, send, sign in again; what was typed is there each time."""
    member.page.fill(field, typed)
    member.page.context.clear_cookies(name="wv_staff")
    member.page.click(button)
    assert member.page.inner_text("h1") == "Your session has ended"
    assert member.page.input_value("main textarea") == typed
    member.enter()
    assert "It has not been sent yet" in member.page.inner_text("main")
    assert member.page.input_value("main textarea") == typed


def test_an_auditor_finds_the_entries_they_had_asked_for(demo, new_context):
    auditor = Member(new_context().new_page(), demo, "auditor").sign_in()
    auditor.page.goto(f"{auditor.home}/entries")
    auditor.page.select_option("#kind", "signin")
    auditor.page.fill("#case", "")
    auditor.page.context.clear_cookies(name="wv_audit")
    auditor.page.click("form.filter button")
    auditor.page.wait_for_selector("#login")
    auditor.enter()
    assert auditor.page.input_value("#kind") == "signin"
