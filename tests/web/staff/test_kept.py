"""Nothing typed is lost, whatever happens between typing and sending; nothing of it is stored."""

import html
import re

import pytest

from vault.cases.written import messages
from vault.clock import now
from vault.errors import StorageError
from vault.web.staff import kept

TYPED = 'Три часа работы.\nС переносом, "кавычками" & <угловыми> и пробелом в конце '


@pytest.fixture
def ended(as_member, given_case, monkeypatch, house):
    """A lawyer's browser whose session ended while a reply was being written."""
    case = given_case()
    browser = as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    later = now() + house.settings.staff.session_idle + 1
    monkeypatch.setattr("vault.clock.now", lambda: later)
    browser.post(f"/staff/cases/{case}/reply", {"text": TYPED})
    return browser, case


def area(page):
    """What the one textarea holds, as a browser reads it."""
    found = re.search(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return found.group(1), html.unescape(found.group(2))


def unlock(browser, case, passphrase=None, **changed):
    typed = browser.credentials("lawyer", passphrase) | {
        "target": f"/staff/cases/{case}/reply",
        "typed.text": TYPED,
    }
    return browser.post("/staff/unlock", typed | changed)


def test_an_ended_session_answers_401_with_everything_typed(ended):
    browser, case = ended
    assert browser.page.status_code == 401
    assert area(browser.page.text) == ("typed.text", TYPED)
    assert f'name="target" value="/staff/cases/{case}/reply"' in browser.page.text


def test_after_unlocking_the_same_text_is_sent_to_where_it_was_going(ended, house):
    browser, case = ended
    page = unlock(browser, case)
    assert page.status_code == 200
    assert f'action="/staff/cases/{case}/reply?lang=' in page.text
    name, kept = area(page.text)
    assert (name, kept) == ("text", TYPED)
    assert browser.post(f"/staff/cases/{case}/reply", {name: kept}).status_code == 303
    shown = html.unescape(browser.get(f"/staff/cases/{case}").text)
    assert TYPED in shown


def test_the_unlock_page_speaks_the_language_of_the_page_before(ended):
    browser, case = ended
    browser.client.delete_cookie("wv_staff", path="/staff")
    page = browser.client.post(f"/staff/cases/{case}/reply?lang=kk", data={"text": TYPED})
    assert page.status_code == 401
    assert '<html lang="kk">' in page.text


def test_before_that_nothing_was_sent(ended, house):
    browser, case = ended
    unlock(browser, case)
    assert TYPED not in html.unescape(browser.get(f"/staff/cases/{case}").text)


def test_a_wrong_passphrase_keeps_the_text(ended):
    browser, case = ended
    page = unlock(browser, case, passphrase="wrong wrong wrong")
    assert page.status_code == 403
    assert area(page.text) == ("typed.text", TYPED)
    assert 'value="lawyer"' in page.text
    assert "wrong wrong" not in page.text


def test_a_stale_unlock_page_keeps_the_text(ended):
    browser, case = ended
    page = browser.post(
        "/staff/unlock",
        {"target": f"/staff/cases/{case}/reply", "typed.text": TYPED},
        token="stale",
    )
    assert page.status_code == 403
    assert area(page.text) == ("typed.text", TYPED)


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.invalid/",
        "//elsewhere.invalid/staff/invite",
        "/staff/sign-out",
        "/staff/unlock",
        "/staff/invite?x=1",
        "/audit/sign-out",
        "",
    ],
)
def test_the_text_goes_to_our_own_listed_pages_only(ended, target):
    browser, case = ended
    page = unlock(browser, case, target=target)
    assert page.location == "/staff/sign-in"
    assert "elsewhere" not in page.text


def test_a_field_that_the_page_does_not_have_is_not_repeated(ended):
    browser, case = ended
    page = unlock(browser, case, **{"typed.csrf_token": "x1y2z3", "typed.other": "x1y2z3"})
    assert "x1y2z3" not in page.text


def test_choices_are_kept_too(as_member, new_case, monkeypatch, house):
    case, lawyer = new_case(), house.actors["lawyer"].id
    browser = as_member("officer")
    later = now() + house.settings.staff.session_idle + 1
    monkeypatch.setattr("vault.clock.now", lambda: later)
    page = browser.post(f"/staff/cases/{case}/give", {"lawyer": lawyer, "deputy": ""})
    assert page.status_code == 401
    assert f'name="typed.lawyer" value="{lawyer}"' in page.text


def test_a_token_of_an_earlier_session_shows_the_text_again_with_a_new_one(as_member, given_case):
    case = given_case()
    browser = as_member("lawyer")
    page = browser.post(f"/staff/cases/{case}/reply", {"text": TYPED}, token="of an old page")
    assert page.status_code == 403
    assert area(page.text) == ("text", TYPED)
    assert browser.post(f"/staff/cases/{case}/reply", {"text": TYPED}).status_code == 303


def test_a_text_that_is_too_long_stays_on_the_page(as_member, given_case, house):
    case, browser = given_case(), as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    long = "а" * (house.settings.staff.text_limit + 1)
    page = browser.post(f"/staff/cases/{case}/reply", {"text": long})
    assert page.status_code == 413
    assert area(page.text) == ("text", long)


def test_a_full_disk_keeps_the_text(as_member, given_case, monkeypatch):
    case, browser = given_case(), as_member("lawyer")
    browser.get(f"/staff/cases/{case}")

    def full(*_):
        raise StorageError("disk full")

    monkeypatch.setattr(messages, "reply", full)
    page = browser.post(f"/staff/cases/{case}/reply", {"text": TYPED})
    assert page.status_code == 503
    assert area(page.text) == ("text", TYPED)
    assert "disk full" not in page.text


def test_nothing_typed_stands_in_an_address_or_in_the_log(ended, caplog, house):
    browser, case = ended
    unlock(browser, case)
    assert "Три часа" not in caplog.text
    assert browser.page.request.query_string == b""
    files = [path for path in house.settings.paths.root.rglob("*") if path.is_file()]
    assert files
    assert not any("Три часа".encode() in path.read_bytes() for path in files)


def test_a_request_over_every_limit_is_refused_with_a_page(as_member, given_case, house):
    case, browser = given_case(), as_member("lawyer")
    browser.get(f"/staff/cases/{case}")
    page = browser.post(
        f"/staff/cases/{case}/reply", {"text": "a" * house.settings.staff.request_limit}
    )
    assert page.status_code == 413
    assert "aaaa" not in page.text


def test_what_holds_nothing_typed_leads_to_the_sign_in_page(browser):
    assert browser.post("/staff/sign-out").location == "/staff/sign-in"


# Every form whose session may end before it is sent, with something in each of its fields.
FORMS = {
    "/cases/{case}/reply": {"text": TYPED, "once": "4" * 32, "draft": "5" * 32},
    "/cases/{case}/note": {"html": TYPED, "once": "4" * 32, "draft": "5" * 32},
    "/cases/{case}/draft/reply": {"text": TYPED, "draft": "5" * 32},
    "/cases/{case}/draft/note": {"html": TYPED, "draft": "5" * 32},
    "/cases/{case}/label": {"label": TYPED, "waiting": "yes"},
    "/cases": {"words": TYPED},
    "/cases/{case}/give": {"lawyer": "1" * 32, "deputy": "2" * 32},
    "/cases/{case}/set-aside": {},
    "/cases/{case}/bring-back": {},
    "/cases/{case}/consent/stop": {"item": "C09", "record": "3" * 32},
    "/cases/{case}/consent/note-read": {},
    "/cases/{case}/end": {"until": "2060-01-01"},
    "/cases/{case}/hold": {"until": "2030-01-01", "reason": "un"},
    "/cases/{case}/free": {},
    "/cases/{case}/identity": {"purpose": "court"},
    "/cases/{case}/date": {
        "held": TYPED,
        "record": "3" * 32,
        "show": "story",
        "files": "4" * 32,
        "as": "file",
    },
    "/me/notices": {"address": "somebody@example.invalid"},
    "/invite": {"name": TYPED, "roles": "lawyer"},
}
# Forms of which nothing is kept: what they hold is secret, or they are one button.
NOTHING_TO_KEEP = {
    "entrance.sign_in_sent",
    "entrance.sign_out",
    "enrol.sent",
    "unlock.sent",
    "cases.keep",
    "files.confirm",
    "files.download",
    "drafts.discard",
    "notices.stopped",
    "factor.codes_sent",
    "factor.authenticator_sent",
    "factor.end_sessions",
    "factor.end_session",
    "passphrase.sent",
    "passkeys.sent",
    "passkeys.removed",
    "people.end_sessions",
    "people.withdraw",
}
# Forms of choices that have consequences: chosen anew, with the consequences beside them.
CHOSEN_ANEW = ("handling.", "roster.", "people.new_keys")


def test_every_form_says_whether_it_is_kept(app):
    sent = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert sent >= NOTHING_TO_KEEP
    sent = {name for name in sent - NOTHING_TO_KEEP if not name.startswith(CHOSEN_ANEW)}
    assert sent == kept._ACTIONS.keys(), "say it in vault/web/staff/kept.py, or here why not"
    assert len(FORMS) == len(sent)


@pytest.mark.parametrize("limit", ["session_idle", "session_absolute"])
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.rpartition("}/")[2])
def test_every_form_is_whole_again_after_signing_in_anew(
    as_member, house, monkeypatch, path, limit
):
    target, fields = f"/staff{path.format(case='0' * 32)}", FORMS[path]
    browser = as_member("officer")
    later = now() + getattr(house.settings.staff, limit) + 1
    monkeypatch.setattr("vault.clock.now", lambda: later)
    page = browser.post(target, fields)
    assert page.status_code == 401
    held = pairs(page.text, "typed.")
    assert held == fields
    typed = {f"typed.{name}": value for name, value in held.items()} | {"target": target}
    page = browser.post("/staff/unlock", typed | browser.credentials("officer"))
    assert page.status_code == 200
    assert f'action="{target}?lang=' in page.text
    assert pairs(page.text, "") == fields


def pairs(page, prefix):
    """What the form that keeps something holds, as a browser would send it."""
    from html.parser import HTMLParser

    found, area = {}, []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            given = dict(attributes)
            if tag == "input" and given.get("type") == "hidden":
                found[given.get("name")] = given.get("value") or ""
            if tag == "textarea":
                area[:] = [given["name"]]

        def handle_data(self, data):
            if area:
                found[area[0]] = found.get(area[0], "") + data

        def handle_endtag(self, tag):
            if tag == "textarea":
                found[area[0]] = found.get(area[0], "").removeprefix("\n")
                area.clear()

    Reader().feed(page)
    ours = {"csrf_token", "target", "challenge", "passkey", "session"}
    return {
        name.removeprefix(prefix): value
        for name, value in found.items()
        if name.startswith(prefix) and name not in ours
    }
