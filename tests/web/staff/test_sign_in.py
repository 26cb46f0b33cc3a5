import re

import pytest

from vault.clock import now
from vault.journal.reading import Filter

PUBLIC = {"/staff/sign-in", "/staff/enrol", "/staff/unlock", "/staff/healthz"}
PUBLIC |= {"/staff/style.css", "/staff/passkey.js"}


def test_the_right_passphrase_leads_to_the_first_page_of_the_role(browser):
    answer = browser.sign_in("officer")
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert browser.get("/staff/").location == "/staff/new"


def test_each_role_has_its_own_first_page(as_member):
    first = {"lawyer": "/staff/cases", "admin": "/staff/well", "auditor": "/staff/audit"}
    for login, page in first.items():
        assert as_member(login).get("/staff/").location == page


def test_a_wrong_passphrase_and_an_unknown_login_get_the_same_answer(browser):
    pages = []
    for login in ("officer", "nobody"):
        answer = browser.sign_in(login, "wrong wrong wrong")
        assert answer.status_code == 403
        pages.append(answer.text.replace(login, "LOGIN"))
    strip = pages[0].split("csrf_token")[0]
    assert strip == pages[1].split("csrf_token")[0]
    assert "wrong wrong" not in pages[0]


def test_the_login_stays_in_its_field_and_the_passphrase_does_not(browser):
    answer = browser.sign_in("officer", "a wrong passphrase")
    assert 'value="officer"' in answer.text
    assert "a wrong passphrase" not in answer.text


def test_signing_in_without_the_token_of_the_page_is_refused(browser):
    browser.get("/staff/sign-in")
    answer = browser.post("/staff/sign-in", {"login": "officer"}, token="forged")
    assert answer.status_code == 403
    assert browser.get("/staff/me").status_code == 302


def test_the_cookie_is_closed_to_scripts_and_other_sites_and_holds_nothing_readable(browser):
    answer = browser.sign_in("officer")
    known, cookie = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("wv_staff=")
    assert known.startswith("wv_staff_known=")
    assert {"HttpOnly", "Path=/staff", "SameSite=Strict"} <= set(known.split("; "))
    assert "officer" not in known
    assert {"HttpOnly", "Path=/staff", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Expires" not in cookie
    assert "officer" not in cookie


def test_signing_in_changes_the_session(browser):
    before = browser.get("/staff/sign-in").headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
    browser.sign_in("officer")
    browser.client.set_cookie("wv_staff", before, path="/staff")
    assert browser.get("/staff/me").status_code == 302


def test_signing_out_ends_every_copy_of_the_cookie(as_member, house):
    browser = as_member("officer")
    copy = browser.client.get_cookie("wv_staff", path="/staff").value
    browser.get("/staff/me")
    assert browser.post("/staff/sign-out").location == "/staff/sign-in"
    browser.client.set_cookie("wv_staff", copy, path="/staff")
    assert browser.get("/staff/me").status_code == 302
    kinds = [e.kind for e in house.vault.journal.read(Filter(), 1, newest_first=True)]
    assert kinds == ["signout"]


def test_a_session_ends_when_nothing_is_asked_for_long(as_member, monkeypatch, house):
    browser = as_member("officer")
    later = now() + house.settings.staff.session_idle + 1
    monkeypatch.setattr("vault.clock.now", lambda: later)
    assert browser.get("/staff/me").location == "/staff/sign-in?next=/staff/me"


def test_after_signing_in_the_page_that_was_asked_for_comes(browser):
    browser.get("/staff/me")
    browser.get("/staff/sign-in?next=/staff/me")
    assert 'name="next" value="/staff/me"' in browser.page.text


def test_the_next_page_is_never_somebody_elses(browser):
    elsewhere = ("https://elsewhere.invalid/", "//elsewhere.invalid/staff/me")
    for target in (*elsewhere, "/audit/", "/x", "//", "//staff/me", "/staff//me", "/staff"):
        browser.get("/staff/sign-in", query_string={"next": target})
        assert 'name="next"' not in browser.page.text
        assert "elsewhere" not in browser.page.text
    browser.sign_in("officer")


@pytest.mark.parametrize(
    "query", ["x=//elsewhere.invalid", "x=\r\nLocation: /", "x=Ж", "x=\0"], ids=repr
)
def test_what_is_asked_of_the_next_page_is_plain(browser, query):
    browser.get("/staff/sign-in", query_string={"next": f"/staff/me?{query}"})
    assert 'name="next"' not in browser.page.text


def test_the_choices_of_a_list_are_there_after_signing_in(browser):
    asked = "/staff/cases?unread=yes&sort=label"
    leads = browser.get(asked).location
    browser.get(leads + "&lang=en")
    assert f'name="next" value="{asked.replace("&", "&amp;")}"' in browser.page.text
    typed = browser.credentials("lawyer") | {"next": asked}
    assert browser.post("/staff/sign-in", typed).location == asked


def test_every_other_page_needs_a_session(app, browser):
    paths = {
        re.sub(r"<string\(length=32\):\w+>", "0" * 32, rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.rule.startswith("/staff/")
    }
    assert len(paths - PUBLIC) >= 7
    for path in paths - PUBLIC:
        answer = browser.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/staff/sign-in"), path


def test_every_page_that_changes_something_refuses_a_missing_token(app, as_member):
    browser = as_member("officer")
    paths = [
        re.sub(r"<string\(length=32\):\w+>", "0" * 32, rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods
    ]
    assert len(paths) >= 9
    for path in paths:
        assert browser.post(path, token="").status_code == 403, path
    assert browser.get("/staff/me").status_code == 200


def test_the_language_is_remembered_after_signing_in(as_member):
    browser = as_member("officer")
    assert 'lang="kk"' in browser.get("/staff/me?lang=kk").text.split("<head>")[0]
    assert 'lang="kk"' in browser.get("/staff/me").text.split("<head>")[0]


def test_me_shows_roles_and_fingerprint(as_member, house):
    page = as_member("lawyer").get("/staff/me").text
    member = house.vault.roster().member(house.actors["lawyer"].id)
    assert "lawyer" in page
    assert member.fingerprint in page


def test_health_is_a_word(browser):
    answer = browser.get("/staff/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_an_auditor_is_told_where_the_log_is(as_member):
    page = as_member("auditor").get("/staff/audit")
    assert 'href="http://localhost:8002/audit/"' in page.text
