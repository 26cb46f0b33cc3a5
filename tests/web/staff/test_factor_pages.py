"""A member's own second factor and sessions, page by page."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Browser
from tests.support.factor import secret_of, time_passes
from tests.support.house import House, passphrase_of
from vault.agents.kdf import LocalKdf
from vault.custody import keys
from vault.members import factors, renewing, totp
from vault.web.audit import create_app as create_audit
from vault.web.staff import create_app


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


def recovery_codes(page):
    return re.findall(r"<li><span class=\"code large\">([A-Z2-7]{5}-[A-Z2-7]{5})<", page)


def proof(browser, login="lawyer"):
    typed = browser.credentials(login)
    return {"passphrase": typed["passphrase"], "code": typed["code"]}


def new_codes(browser, login="lawyer"):
    browser.get("/staff/me/recovery-codes?lang=en")
    return browser.post("/staff/me/recovery-codes", proof(browser, login))


def reset(house):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    return renewing.reset(house.vault, "lawyer", root)


# --- recovery codes ------------------------------------------------------------------------------


def test_me_says_how_many_recovery_codes_are_left(lawyer, app):
    assert "Recovery codes left: 10" in lawyer.get("/staff/me?lang=en").text
    code = recovery_codes(new_codes(lawyer).text)[0]
    other = Browser(app, "/staff")
    assert other.sign_in("lawyer", code=code).status_code == 303
    assert "Recovery codes left: 9" in lawyer.get("/staff/me").text


def test_new_recovery_codes_stand_in_the_answer_to_post_only(lawyer):
    page = new_codes(lawyer)
    codes = recovery_codes(page.text)
    assert (page.status_code, len(set(codes))) == (200, 10)
    for path in ("/staff/me", "/staff/me/recovery-codes"):
        assert not any(code in lawyer.get(path).text for code in codes)


@pytest.mark.parametrize("page", ["recovery-codes", "authenticator"])
@pytest.mark.parametrize("wrong", [{"passphrase": "wrong"}, {"code": "000000"}, {"code": ""}])
def test_passphrase_and_code_are_asked_for_and_not_shown_again(lawyer, page, wrong, house):
    lawyer.get(f"/staff/me/{page}?lang=en")
    taken = lawyer.paired() if page == "authenticator" else {}
    answer = lawyer.post(f"/staff/me/{page}", proof(lawyer) | taken | wrong)
    assert answer.status_code == 403
    assert "Passphrase or code is not right" in answer.text
    assert passphrase_of("lawyer") not in answer.text
    assert not recovery_codes(answer.text)
    assert "factor.changed" not in {entry.kind for entry in house.vault.journal.read()}


# --- a new authenticator -------------------------------------------------------------------------


def test_a_new_authenticator_counts_from_then_on(lawyer, app, house):
    lawyer.get("/staff/me/authenticator?lang=en")
    answer = lawyer.post("/staff/me/authenticator", proof(lawyer) | lawyer.paired())
    assert answer.location == "/staff/me"
    assert "only the new app counts" in lawyer.get("/staff/me").text
    other = Browser(app, "/staff")
    assert other.sign_in("lawyer").status_code == 403


def test_wrong_digits_keep_the_picture(lawyer):
    lawyer.get("/staff/me/authenticator?lang=en")
    taken = lawyer.paired()
    answer = lawyer.post(
        "/staff/me/authenticator", proof(lawyer) | {"offer": taken["offer"], "digits": "000000"}
    )
    assert answer.status_code == 400
    assert "These are not the digits" in answer.text
    assert lawyer.paired()["offer"] == taken["offer"]


def test_an_enrolment_page_offers_no_authenticator_for_somebody_signed_in(lawyer):
    lawyer.get("/staff/enrol")
    planted = lawyer.paired()
    lawyer.get("/staff/me/authenticator?lang=en")
    answer = lawyer.post("/staff/me/authenticator", proof(lawyer) | planted)
    assert answer.status_code == 400
    assert "This page was open too long" in answer.text


# --- after losing phone and codes ----------------------------------------------------------------


def test_after_a_reset_the_recovery_code_leads_to_a_new_authenticator(lawyer, app, house):
    code = reset(house)
    assert lawyer.get("/staff/me").status_code == 302
    again = Browser(app, "/staff")
    assert again.sign_in("lawyer", code=code).location == "/staff/"
    assert again.get("/staff/").location == "/staff/me/authenticator"
    page = again.get("/staff/me/authenticator?lang=en").text
    assert 'name="code"' not in page
    assert "You have no authenticator app now" in again.get("/staff/me?lang=en").text
    again.get("/staff/me/authenticator")
    taken = again.paired()
    wrong = again.post("/staff/me/authenticator", {"passphrase": "wrong", **taken})
    assert wrong.status_code == 403
    right = again.post("/staff/me/authenticator", {"passphrase": passphrase_of("lawyer"), **taken})
    assert right.location == "/staff/me"
    assert again.get("/staff/").location == "/staff/cases"
    assert factors.status(house.vault, house.actors["lawyer"].id).authenticator


# --- sessions ------------------------------------------------------------------------------------


def test_ending_the_other_sessions_leaves_this_one(lawyer, app, house):
    stolen = Browser(app, "/staff")
    stolen.sign_in("lawyer")
    copy = lawyer.client.get_cookie("wv_staff", path="/staff").value
    lawyer.get("/staff/me?lang=en")
    assert lawyer.post("/staff/me/end-sessions").location == "/staff/me"
    assert "All your other sessions have ended" in lawyer.get("/staff/me").text
    assert stolen.get("/staff/me").status_code == 302
    stolen.client.set_cookie("wv_staff", copy, path="/staff")
    assert stolen.get("/staff/me").status_code == 302


def test_me_lists_the_sessions_of_both_interfaces_and_ends_one(app, house):
    audit, staff = Browser(create_audit(house.vault), "/audit"), Browser(app, "/staff")
    assert audit.sign_in("auditor").status_code == 303
    assert staff.sign_in("auditor").status_code == 303
    page = staff.get("/staff/me?lang=en").text
    assert re.findall(r"<strong>([^<]+)</strong>(?: \(this one\))?<br>", page) == [
        "For members",
        "Access log",
    ]
    (handle,) = re.findall(r'name="session" value="([0-9a-f]{32})"', page)
    assert staff.post("/staff/me/end-session", {"session": handle}).location == "/staff/me"
    assert "That session has ended" in staff.get("/staff/me").text
    assert audit.get("/audit/").status_code == 302
    staff.post("/staff/me/end-session", {"session": handle})
    assert "That session was over already" in staff.get("/staff/me").text


def test_signing_out_takes_a_session_off_the_list(lawyer, app):
    other = Browser(app, "/staff")
    other.sign_in("lawyer")
    other.get("/staff/me")
    assert 'name="session"' in lawyer.get("/staff/me").text
    other.post("/staff/sign-out")
    assert 'name="session"' not in lawyer.get("/staff/me").text


def test_a_session_says_anew_when_it_was_seen(lawyer, app, monkeypatch, house):
    other = Browser(app, "/staff")
    other.sign_in("lawyer")
    later = totp.clock.now() + house.settings.staff.session_idle - 60
    monkeypatch.setattr("vault.clock.now", lambda: later)
    other.get("/staff/me")
    monkeypatch.setattr("vault.clock.now", lambda: later + 120)
    other.get("/staff/me")
    assert other.get("/staff/me").text.count(totp.clock.moment(later)[11:16]) == 1


def test_a_browser_that_is_known_gets_in_while_strangers_guess(lawyer, app, house):
    for _ in range(house.settings.staff.guesses + 1):
        assert Browser(app, "/staff").sign_in("lawyer", code="000000").status_code == 403
    assert Browser(app, "/staff").sign_in("lawyer").status_code == 403
    lawyer.get("/staff/me")
    lawyer.post("/staff/sign-out")
    assert lawyer.sign_in("lawyer").status_code == 303


def test_both_interfaces_count_guesses_together(app, house):
    audit = create_audit(house.vault)
    for number in range(house.settings.staff.guesses):
        side, served = (("staff", app), ("audit", audit))[number % 2]
        assert Browser(served, f"/{side}").sign_in("auditor", code="000000").status_code == 403
    assert Browser(app, "/staff").sign_in("auditor").status_code == 403
    assert Browser(audit, "/audit").sign_in("auditor").status_code == 403


def test_the_browser_is_known_again_after_it_ended_the_others(lawyer, app, house):
    before = lawyer.client.get_cookie("wv_staff_known", path="/staff").value
    lawyer.get("/staff/me")
    lawyer.post("/staff/me/end-sessions")
    after = lawyer.client.get_cookie("wv_staff_known", path="/staff").value
    assert before != after
    for _ in range(house.settings.staff.guesses + 1):
        Browser(app, "/staff").sign_in("lawyer", code="000000")
    lawyer.get("/staff/me")
    lawyer.post("/staff/sign-out")
    assert lawyer.sign_in("lawyer").status_code == 303


def test_a_refused_sign_in_makes_no_browser_known(app):
    browser = Browser(app, "/staff")
    answer = browser.sign_in("lawyer", code="000000")
    assert "known" not in str(answer.headers.getlist("Set-Cookie"))


def test_no_browser_is_known_where_the_setting_says_so(tmp_path):
    house = House.found(tmp_path / "other", staff={"browser_known": 0}).staff()
    answer = Browser(create_app(house.vault), "/staff").sign_in("lawyer")
    assert "known" not in str(answer.headers.getlist("Set-Cookie"))
    house.close()


def test_ending_other_sessions_does_not_make_this_one_last_longer(lawyer, monkeypatch, house):
    now, absolute = totp.clock.now(), house.settings.staff.session_absolute
    for later in range(0, absolute, 1500):
        monkeypatch.setattr("vault.clock.now", lambda moment=now + later: moment)
        lawyer.get("/staff/me")
        assert lawyer.post("/staff/me/end-sessions").status_code == 303
    monkeypatch.setattr("vault.clock.now", lambda: now + absolute + 1)
    assert lawyer.get("/staff/me").location == "/staff/sign-in?next=/staff/me"


def test_both_interfaces_share_codes_and_the_end_of_sessions(app, house):
    audit, staff = Browser(create_audit(house.vault), "/audit"), Browser(app, "/staff")
    code = audit.credentials("auditor")["code"]
    assert audit.sign_in("auditor", code=code).status_code == 303
    assert staff.sign_in("auditor", code=code).status_code == 403
    assert staff.sign_in("auditor").status_code == 303
    staff.get("/staff/me")
    staff.post("/staff/me/end-sessions")
    assert audit.get("/audit/").status_code == 302
    assert staff.get("/staff/me").status_code == 200


def test_the_cookie_of_a_session_stays_far_below_what_browsers_keep(lawyer):
    assert len(lawyer.client.get_cookie("wv_staff", path="/staff").value) < 1000


# --- signing in ----------------------------------------------------------------------------------


def test_wrong_login_passphrase_and_code_cannot_be_told_apart(app, house):
    time_passes(house.vault, "lawyer")
    right = totp.code_at(secret_of("lawyer"), totp.step_now())
    answers = set()
    for login, passphrase, code in (
        ("nobody", passphrase_of("lawyer"), right),
        ("lawyer", "wrong wrong wrong", right),
        ("lawyer", passphrase_of("lawyer"), "000000"),
        ("lawyer", passphrase_of("lawyer"), "AAAAA-AAAAA"),
        ("lawyer", passphrase_of("lawyer"), ""),
    ):
        answer = Browser(app, "/staff").sign_in(login, passphrase, code or " ")
        headers = [pair for pair in answer.headers if pair[0] not in ("Set-Cookie", "Date")]
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.replace(login, "LOGIN"))
        page = re.sub(r'data-passkey="[^"]+"|name="challenge" value="[^"]+"', "", page)
        answers.add((answer.status_code, str(headers), page, len(answer.headers)))
    assert len(answers) == 1
    (answer,) = answers
    assert answer[0] == 403
    assert "Login, passphrase or code is not right" in answer[2]


def test_no_code_that_was_typed_is_shown_again(app, house):
    answer = Browser(app, "/staff").sign_in("lawyer", "wrong", "ABCDE-FGHIJ")
    assert "ABCDE" not in answer.text
