"""Passkeys on pages: one challenge for one page and session, in both interfaces."""

from __future__ import annotations

import html
import json
import re

import pytest

from tests.support.browser import Browser
from tests.support.exported import exported
from tests.support.house import House, passphrase_of
from tests.support.passkeys import Device
from vault import canonical, clock
from vault.members import passkeys
from vault.web.audit import create_app as create_audit
from vault.web.staff import create_app

CHALLENGE = re.compile(r'name="challenge" value="([^"]+)"')
WANTED = re.compile(r'data-passkey="([^"]+)"')


@pytest.fixture
def house(tmp_path):
    built = House.found(tmp_path).staff()
    yield built
    built.close()


@pytest.fixture
def app(house):
    return create_app(house.vault)


@pytest.fixture
def lawyer(app):
    browser = Browser(app, "/staff")
    browser.sign_in("lawyer")
    return browser


def wanted(browser):
    """What the page's script would ask the browser for, and the fields that go with the answer."""
    (said,) = WANTED.findall(browser.page.text)
    ((call, asked),) = json.loads(html.unescape(said)).items()
    (sealed,) = CHALLENGE.findall(browser.page.text)
    return call, asked, {"challenge": sealed}


def make(browser, login="lawyer", name="blue key", device=None):
    browser.get("/staff/me/passkeys?lang=en")
    _, asked, fields = wanted(browser)
    device = device or Device(handle=canonical.unb64(asked["user"]["id"]))
    made = device.make(canonical.unb64(asked["challenge"]))
    typed = browser.credentials(login)
    typed.pop("login")
    browser.post("/staff/me/passkeys", typed | fields | {"name": name, "passkey": made})
    return device


def prove(browser, device, path, **typed):
    """Send the form of the page that is open with the answer of a device in place of the code."""
    call, asked, fields = wanted(browser)
    assert call == "get"
    signed = device.sign(canonical.unb64(asked["challenge"]))
    proof = {"passphrase": passphrase_of("lawyer"), "code": "", "passkey": signed}
    return browser.post(path, proof | fields | typed)


def enter(app, device, login="lawyer", side="staff", **typed):
    browser = Browser(app, f"/{side}")
    browser.get(f"/{side}/sign-in?lang=en")
    prove(browser, device, f"/{side}/sign-in", login=login, **typed)
    return browser


def test_a_passkey_is_made_listed_used_and_removed(lawyer, app):
    device = make(lawyer)
    assert lawyer.page.location == "/staff/me/passkeys"
    page = lawyer.get("/staff/me/passkeys").text
    assert "<bdi>blue key</bdi>" in page
    assert clock.day()[8:] in page
    browser = enter(app, device)
    assert (browser.page.status_code, browser.page.location) == (303, "/staff/")
    assert "Passkeys (1)" in browser.get("/staff/me?lang=en").text
    (passkey_id,) = re.findall(r'name="removed" value="([^"]+)"', page)
    lawyer.get("/staff/me/passkeys")
    lawyer.post("/staff/me/passkeys/remove", {"removed": passkey_id})
    assert "The passkey was removed" in lawyer.get("/staff/me/passkeys").text
    assert enter(app, device).page.status_code == 403
    lawyer.post("/staff/me/passkeys/remove", {"removed": passkey_id})
    assert "gone already" in lawyer.get("/staff/me/passkeys").text


def test_the_auditor_signs_in_by_one_passkey_in_both_interfaces(app, house):
    staff = Browser(app, "/staff")
    staff.sign_in("auditor")
    device = make(staff, "auditor")
    for side, served in (("staff", app), ("audit", create_audit(house.vault))):
        browser = enter(served, device, "auditor", side, passphrase=passphrase_of("auditor"))
        assert browser.page.status_code == 303, side


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/staff/me/recovery-codes", {}),
        ("/staff/me/passphrase", dict.fromkeys(("chosen", "again"), "seven herons walk over ice")),
    ],
)
def test_it_stands_in_place_of_the_code_wherever_one_is_asked_for(lawyer, path, more):
    device = make(lawyer)
    lawyer.get(path)
    assert prove(lawyer, device, path, **more).status_code in {200, 303}


def test_it_puts_a_new_app_in_place_of_a_lost_phone(lawyer):
    device = make(lawyer)
    lawyer.get("/staff/me/authenticator")
    taken = lawyer.paired()
    assert prove(lawyer, device, "/staff/me/authenticator", **taken).location == "/staff/me"


def test_it_unlocks_what_was_typed(lawyer, app):
    device = make(lawyer)
    browser = Browser(app, "/staff")
    target = f"/staff/cases/{'0' * 32}/note"
    assert browser.post(target, {"html": "What I wrote"}).status_code == 401
    page = prove(
        browser,
        device,
        "/staff/unlock",
        login="lawyer",
        target=target,
        **{"typed.html": "What I wrote"},
    )
    assert page.status_code == 200
    assert "What I wrote" in page.text


def test_a_page_says_nothing_about_who_has_passkeys(lawyer, app):
    make(lawyer)
    asked = []
    for login in ("lawyer", "deputy", "nobody"):
        browser = Browser(app, "/staff")
        browser.sign_in(login, code="000000")
        asked.append({**wanted(browser)[1], "challenge": ""})
    assert asked == [asked[0]] * 3
    assert asked[0]["allowCredentials"] == []
    assert asked[0]["userVerification"] == "required"
    assert asked[0]["rpId"] == "localhost"


def test_what_a_device_keeps_names_nobody(lawyer, house):
    lawyer.get("/staff/me/passkeys")
    call, asked, _ = wanted(lawyer)
    assert call == "create"
    label = house.settings.staff.authenticator_label
    assert asked["rp"] == {"id": "localhost", "name": label}
    assert (asked["user"]["name"], asked["user"]["displayName"]) == (label, label)
    handle = canonical.unb64(asked["user"]["id"])
    assert handle == passkeys.handle_of(house.vault, house.actors["lawyer"].id)
    assert asked["attestation"] == "none"
    assert asked["excludeCredentials"] == []
    device = make(lawyer)
    lawyer.get("/staff/me/passkeys")
    assert [one["id"] for one in wanted(lawyer)[1]["excludeCredentials"]] == [
        canonical.b64(device.credential)
    ]


def test_a_challenge_counts_for_its_session_its_purpose_and_a_quarter_of_an_hour(
    lawyer, app, monkeypatch
):
    device = make(lawyer)
    here, elsewhere = Browser(app, "/staff"), Browser(app, "/staff")
    here.get("/staff/sign-in")
    _, asked, fields = wanted(here)
    signed = device.sign(canonical.unb64(asked["challenge"]))
    typed = {"login": "lawyer", "passphrase": passphrase_of("lawyer"), "passkey": signed, **fields}
    elsewhere.get("/staff/sign-in")
    assert elsewhere.post("/staff/sign-in", typed).status_code == 403
    lawyer.get("/staff/me/passkeys")
    _, made_for, of_making = wanted(lawyer)
    lawyer.get("/staff/me/recovery-codes")
    signed = device.sign(canonical.unb64(made_for["challenge"]))
    proof = {"passphrase": passphrase_of("lawyer"), "passkey": signed, **of_making}
    assert lawyer.post("/staff/me/recovery-codes", proof).status_code == 403
    now = clock.now()
    monkeypatch.setattr("vault.clock.now", lambda: now + 901)
    assert here.post("/staff/sign-in", typed).status_code == 403
    monkeypatch.setattr("vault.clock.now", lambda: now + 890)
    assert here.post("/staff/sign-in", typed).status_code == 303


def test_without_script_the_page_asks_for_the_code_as_ever(app):
    page = Browser(app, "/staff").get("/staff/sign-in").text
    assert re.search(r'<input id="code" name="code"[^>]* required>', page)
    assert re.search(r'<div data-passkey="[^"]+" hidden>', page)
    assert page.count("<script") == 1
    assert '<script src="/staff/passkey.js" defer></script>' in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"passphrase": "wrong"}, "Passphrase or code is not right"),
        ({"code": "000000"}, "Passphrase or code is not right"),
        ({"passkey": "junk"}, "does not belong to this page"),
        ({"challenge": "junk"}, "does not belong to this page"),
        ({"name": " "}, "Write a name of 1 to 60 letters"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_the_name_stays(lawyer, wrong, said):
    lawyer.get("/staff/me/passkeys?lang=en")
    _, asked, fields = wanted(lawyer)
    made = Device().make(canonical.unb64(asked["challenge"]))
    typed = lawyer.credentials("lawyer") | fields | {"name": "blue key", "passkey": made}
    answer = lawyer.post("/staff/me/passkeys", typed | wrong)
    assert answer.status_code in {400, 403}
    assert said in answer.text
    assert f'value="{typed["name"]}"' in answer.text or "name" in wrong
    for secret in (passphrase_of("lawyer"), typed["code"], made):
        assert html.escape(secret) not in answer.text


def test_with_as_many_as_there_can_be_there_is_no_form(lawyer):
    for number in range(passkeys.MAX):
        make(lawyer, name=f"key {number}")
    page = lawyer.get("/staff/me/passkeys?lang=en").text
    assert "You have 5 passkeys" in page
    assert "data-passkey" not in page
    assert "<script" not in page


def test_challenges_and_answers_stand_in_no_log_and_no_address(lawyer, app, caplog, house):
    device = make(lawyer)
    browser = Browser(app, "/staff")
    browser.get("/staff/sign-in")
    _, asked, fields = wanted(browser)
    signed = device.sign(canonical.unb64(asked["challenge"]))
    typed = {"login": "lawyer", "passphrase": passphrase_of("lawyer"), "passkey": signed}
    answer = browser.post("/staff/sign-in", typed | fields)
    planted = [
        asked["challenge"],
        fields["challenge"],
        signed,
        canonical.b64(device.credential),
        "blue key",
    ]
    said = caplog.text + answer.location + repr(exported(house.vault.journal))
    assert not [text for text in planted if text in said]
    files = [path for path in house.settings.paths.root.rglob("*") if path.is_file()]
    data = b"".join(path.read_bytes() for path in files)
    assert not [text for text in planted if text.encode() in data]
    assert device.credential not in data
