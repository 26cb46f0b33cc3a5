"""Passkeys in a real browser with a virtual authenticator: made, used, removed."""

from __future__ import annotations

import pytest

from tests.browser.test_nothing_in_clear import holders
from tests.support.people import SEND, Member

DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A virtual authenticator in one page (Chrome DevTools Protocol, domain WebAuthn)."""

    def __init__(self, page, **other):
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send(
            "WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **other}}
        )
        self.id = added["authenticatorId"]

    def credentials(self):
        asked = {"authenticatorId": self.id}
        return self._session.send("WebAuthn.getCredentials", asked)["credentials"]

    def holds(self, credential):
        asked = {"authenticatorId": self.id, "credential": credential}
        self._session.send("WebAuthn.addCredential", asked)


@pytest.fixture
def scripted(new_context, demo):
    """Make a member with a browser of their own that runs the one script there is."""

    def make(role):
        page = new_context(java_script_enabled=True).new_page()
        return Member(page, demo, role)

    return make


def make_one(member, name="blue key"):
    member.page.goto(f"{member.demo.staff}/staff/me/passkeys")
    member.page.fill("#name", name)
    member.page.fill("#passphrase", member.person.passphrase)
    member.page.fill("#code", member.person.app.code())
    member.page.click("[data-passkey] button")


def enter(member, passphrase=None):
    member.page.fill("#login", member.person.login)
    member.page.fill("#passphrase", passphrase or member.person.passphrase)
    member.page.click("[data-passkey] button")


def test_a_passkey_signs_in_to_both_interfaces_and_nothing_of_it_is_kept_in_clear(
    scripted, demo, watched
):
    auditor = scripted("auditor")
    page, device = auditor.page, Device(auditor.page)
    all_is_well = watched(page)
    page.goto(f"{demo.staff}/staff/sign-in?lang=en")
    auditor.enter()
    make_one(auditor)
    assert page.inner_text(".said") == "The passkey was made. It counts from now on."
    (made,) = device.credentials()
    assert made["rpId"] == "localhost"
    assert made["isResidentCredential"]
    assert made["userName"] == "staff"
    all_is_well()
    page.click("form.out button")
    all_is_well()
    enter(auditor)
    page.wait_for_url(f"{demo.staff}/staff/audit")
    page.goto(f"{demo.audit}/audit/sign-in?lang=en")
    enter(auditor)
    page.wait_for_url(f"{demo.audit}/audit/")
    page.goto(f"{demo.audit}/audit/entries?kind=signin")
    assert "passkey" in page.inner_text("main")
    page.goto(f"{demo.staff}/staff/me/passkeys")
    page.click("ul.sessions button")
    assert page.inner_text(".said") == "The passkey was removed."
    assert holders([demo.folder], ["blue key", made["credentialId"], made["userHandle"]]) == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_wrong_passphrase_keeps_the_login_and_the_page_can_be_used_again(scripted):
    doctor = scripted("doctor")
    Device(doctor.page)
    doctor.sign_in()
    make_one(doctor)
    doctor.page.wait_for_selector(".said")
    doctor.page.click("form.out button")
    enter(doctor, "not the passphrase")
    assert "is not right" in doctor.page.inner_text(".fault:visible")
    assert doctor.page.input_value("#login") == doctor.person.login
    enter(doctor)
    doctor.page.wait_for_selector("form.out")


def test_a_device_without_the_person_is_refused_and_the_code_still_works(scripted):
    analyst = scripted("analyst")
    page = analyst.page
    Device(page, isUserVerified=False)
    page.goto(f"{analyst.home}/sign-in?lang=en")
    enter(analyst)
    page.wait_for_selector("[data-passkey] .fault:visible")
    assert "did not answer" in page.inner_text("[data-passkey] .fault")
    assert page.input_value("#passphrase") == analyst.person.passphrase
    page.fill("#code", analyst.person.app.code())
    page.click(SEND)
    page.wait_for_selector("form.out")


def test_a_reply_is_unlocked_by_a_passkey(scripted, given, demo):
    _, _, _, code = given("Рассказ.")
    lawyer = scripted("lawyer")
    Device(lawyer.page)
    lawyer.sign_in()
    make_one(lawyer)
    lawyer.page.wait_for_selector(".said")
    lawyer.open(code, "cases")
    lawyer.page.fill("#text", "Typed before.")
    lawyer.page.context.clear_cookies()
    lawyer.page.click('form[action*="/reply"] button')
    enter(lawyer)
    lawyer.page.wait_for_selector("main .notice")
    assert lawyer.page.input_value("main textarea") == "Typed before."
    lawyer.page.goto(f"{lawyer.home}/me/passkeys")
    lawyer.page.click("ul.sessions button")


def test_without_script_no_button_is_there_and_the_page_says_what_needs_it(
    member, new_context, demo
):
    page = new_context().new_page()
    page.goto(f"{demo.staff}/staff/sign-in?lang=en")
    assert page.locator("main button:visible").count() == 1
    lawyer = member("lawyer")
    lawyer.page.goto(f"{lawyer.home}/me/passkeys")
    assert "This needs JavaScript" in lawyer.page.inner_text("main")
    assert lawyer.page.locator("form.narrow :is(button, input):visible").count() == 0
