"""What another site makes a member's browser do: nothing happens, nothing is repeated."""

import re

import pytest

from tests.support.browser import Browser
from vault.web.audit import create_app

PLANTED = "Write your passphrase to me"
ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://elsewhere.example"},
    {"Origin": "http://localhost:8000"},
]
PATHS = [
    "/staff/sign-in",
    "/staff/sign-out",
    "/staff/unlock",
    "/staff/enrol",
    "/staff/invite",
    "/staff/cases/{case}/reply",
    "/staff/cases/{case}/note",
    "/staff/cases/{case}/give",
]


@pytest.fixture(scope="module")
def audit(house):
    return Browser(create_app(house.vault), "/audit")


@pytest.fixture
def case(house, given_case):
    return given_case()


def typed(path):
    return {
        "text": PLANTED,
        "html": PLANTED,
        "name": PLANTED,
        "login": PLANTED,
        "lawyer": PLANTED,
        "typed.text": PLANTED,
        "target": path,
    }


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_foreign_post_is_refused_and_nothing_of_it_is_repeated(as_member, browser, case, headers):
    for path in (path.format(case=case) for path in PATHS):
        for visitor in (browser, as_member("lawyer")):
            page = visitor.client.post(
                path, data=typed(f"/staff/cases/{case}/reply"), headers=headers
            )
            assert page.status_code == 403, path
            assert PLANTED not in page.text
            assert not re.search(r"<(form|textarea)[^>]*(kept|reply|unlock)", page.text)


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_the_audit_side_refuses_it_too(audit, headers):
    for path in ("/audit/sign-in", "/audit/sign-out"):
        page = audit.client.post(path, data={"login": PLANTED}, headers=headers)
        assert page.status_code == 403
        assert PLANTED not in page.text


def test_a_link_from_another_site_writes_no_cookie_over_the_live_one(browser, audit):
    for visitor, side in ((browser, "staff"), (audit, "audit")):
        for path in (f"/{side}/sign-in", f"/{side}/", f"/{side}/sign-in?lang=kk", "/none"):
            page = visitor.client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
            assert "Set-Cookie" not in page.headers, path


def test_a_foreign_post_writes_no_cookie_either(browser, audit):
    for visitor, side in ((browser, "staff"), (audit, "audit")):
        headers = {"Sec-Fetch-Site": "cross-site"}
        page = visitor.client.post(f"/{side}/sign-in", data={"login": "x"}, headers=headers)
        assert "Set-Cookie" not in page.headers


def test_the_live_session_goes_on_after_both(as_member):
    lawyer = as_member("lawyer")
    cookie = lawyer.client.get_cookie("wv_staff", path="/staff")
    stranger = lawyer.client.application.test_client()
    for method in ("get", "post"):
        page = getattr(stranger, method)("/staff/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
        assert "wv_staff" not in page.headers.get("Set-Cookie", "")
    assert lawyer.client.get_cookie("wv_staff", path="/staff") == cookie
    assert lawyer.get("/staff/me").status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none", "same-site"])
def test_the_sign_in_page_reached_from_our_own_works_at_once(browser, site):
    page = browser.get("/staff/sign-in", headers={"Sec-Fetch-Site": site})
    assert "Set-Cookie" in page.headers
