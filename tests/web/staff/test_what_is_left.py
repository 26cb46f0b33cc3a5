"""Every form of a member, sent as people send it: what it leaves in the log is what the table says.

The walk of tests/security/test_access.py brings the forms of a case to their end, and asks for
every other address; the forms below need more than one request.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.security.test_access import CASE
from tests.support.browser import Browser
from tests.support.house import House, enrol_as
from tests.support.leaving import LEAVES, RECORDER, sorted_out
from tests.web.staff.test_passkey_pages import make
from tests.web.staff.test_people_pages import code_of, enrol, invited
from vault.custody import rosters
from vault.members import people
from vault.storage.tables.cases import grants
from vault.web import audit

CHOSEN = "seven herons walk over ice"
ROOT = Path(__file__).parents[3]
ELSEWHERE = {
    "POST /staff/cases": "tests/security/test_access.py",
    "POST /staff/enrol": "tests/web/staff/test_people_pages.py",
    "POST /staff/me/passkeys": "tests/web/staff/test_passkey_pages.py",
    "POST /staff/cases/<case_id>/keep": "tests/web/staff/test_deletion_pages.py",
    "POST /staff/announced/<member_id>/stop": "tests/web/staff/test_roster_pages.py",
    "POST /staff/cases/<case_id>/files/<file_id>/download": "tests/security/test_access.py",
    "POST /staff/cases/<case_id>/files/<file_id>/confirm": "tests/web/staff/test_file_custody.py",
    "POST /audit/compare": "tests/web/audit/test_checkpoint_pages.py",
}
"""Forms that other tests bring to their end, and which; each is held against the table there."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault"), notices={"enabled": True}).staff()
    built.add("second", "lawyer")
    yield built
    built.close()


@pytest.fixture(scope="module")
def done():
    """The addresses whose form was brought to its end in this module."""
    return set()


@pytest.fixture
def left(done):
    """Send a form, and hold what it left against the table."""

    def send(browser, path, typed=None):
        answer = browser.post(path, typed)
        last = RECORDER.last
        assert answer.status_code in {200, 303}, (last, answer.text)
        assert last.faults(done=True) == [], last
        done.add(last.name)
        return answer

    return send


def waiting(house, login):
    """Invite and enrol somebody; return their line in the list of members."""
    code = people.invite(house.vault, house.actors["admin"], login.title(), ["lawyer"])
    enrol_as(house.vault, code, login)
    (found,) = [one for one in people.list_members(house.vault) if one.login == login]
    return found


def on(browser, page):
    browser.get(f"/staff/{page}?lang=en")
    return browser


def who_comes_in_and_goes(as_member, app, house, left):
    browser = on(Browser(app, "/staff"), "sign-in")
    left(browser, "/staff/sign-in", browser.credentials("lawyer"))
    left(on(browser, "me"), "/staff/sign-out")
    target = f"/staff/cases/{'0' * 32}/note"
    browser = Browser(app, "/staff")
    assert browser.post(target, {"html": "What I wrote"}).status_code == 401
    typed = {"target": target, "typed.html": "What I wrote"}
    left(browser, "/staff/unlock", browser.credentials("lawyer") | typed)
    browser = Browser(audit.create_app(house.vault), "/audit")
    browser.get("/audit/sign-in")
    left(browser, "/audit/sign-in", browser.credentials("auditor"))
    browser.get("/audit/download")
    left(browser, "/audit/export")
    browser.get("/audit/download")
    left(browser, "/audit/verify")
    browser.get("/audit/download")
    left(browser, "/audit/sign-out")


def what_a_member_changes_of_their_own(as_member, app, left):
    browser = as_member("second")
    left(on(browser, "me/notices"), "/staff/me/notices", {"address": "a@example.invalid"})
    left(on(browser, "me/notices"), "/staff/me/notices/stop")
    make(browser, "second")
    assert RECORDER.last.faults(done=True) == []
    shown = re.findall(r'name="removed" value="([^"]+)"', on(browser, "me/passkeys").page.text)
    left(browser, "/staff/me/passkeys/remove", {"removed": shown[0]})
    own = browser.credentials("second")
    left(on(browser, "me/recovery-codes"), "/staff/me/recovery-codes", own)
    own = on(browser, "me/authenticator").credentials("second") | browser.paired()
    left(browser, "/staff/me/authenticator", own)


def how_a_member_ends_what_is_open(as_member, left):
    browser, _ = as_member("deputy"), as_member("deputy")
    (handle, *_) = re.findall(r'name="session" value="([^"]+)"', on(browser, "me").page.text)
    left(browser, "/staff/me/end-session", {"session": handle})
    own = on(browser, "me/passphrase").credentials("deputy")
    left(browser, "/staff/me/passphrase", own | {"chosen": CHOSEN, "again": CHOSEN})
    left(on(browser, "me"), "/staff/me/end-sessions")


def whom_administrators_invite_and_what_two_members_sign(as_member, app, house, left):
    admin, officer = as_member("admin"), as_member("officer")
    on(admin, "invite")
    page = left(admin, "/staff/invite", {"name": "New", "roles": ["lawyer"]}).text
    enrol(Browser(app, "/staff"), code_of(page), "new")
    assert RECORDER.last.faults(done=True) == []
    (new,) = [one for one in people.list_members(house.vault) if one.login == "new"]
    agreed = {"gender": "female", "agreed": new.agreed}
    left(on(admin, "members"), f"/staff/members/{new.id}/propose", agreed)
    (one,) = rosters.list_proposals(house.vault)
    left(on(officer, "confirm"), f"/staff/confirm/{one.id}", {"compared": "yes"})
    later = waiting(house, "later")
    rosters.propose_member(house.vault, house.actors["admin"], later.id, None)
    (one,) = rosters.list_proposals(house.vault)
    rosters.renew(house.vault, house.root)
    left(on(admin, "confirm"), f"/staff/confirm/{one.id}/again")
    (one,) = rosters.list_proposals(house.vault)
    left(on(officer, "confirm"), f"/staff/confirm/{one.id}/decline")


def what_administrators_do_to_members(as_member, house, left):
    admin = as_member("admin")
    invited(admin, "Nobody", ["analyst"])
    shown = on(admin, "members").page.text
    address = re.search(r'"(/staff/invitations/[0-9a-f]{32}/withdraw)', shown)[1]
    left(admin, address)
    member = house.actors["auditor"].id
    left(on(admin, "members"), f"/staff/members/{member}/end-sessions")
    second = house.actors["second"].id
    left(on(admin, "members"), f"/staff/members/{second}/keys")
    roles = {"roles": ["lawyer", "doctor"]}
    left(on(admin, "members"), f"/staff/members/{second}/roles", roles)
    assert "roster.proposed" in RECORDER.last.events
    left(on(admin, "members"), f"/staff/members/{member}/end", {"sure": "yes"})


def what_a_case_needs_twice(as_member, given_case, house, left):
    browser, case = as_member("lawyer"), given_case()
    here, id_of = f"/staff/cases/{case}", {name: one.id for name, one in house.actors.items()}
    on(browser, f"cases/{case}")
    until = {"until": "2030-01-01", "reason": "un", "sure": "yes"}
    left(browser, f"{here}/hold", until)
    left(on(browser, f"cases/{case}"), f"{here}/free", {"sure": "yes"})
    who = {"member": id_of["officer"], "sure": "yes"}
    left(on(browser, f"cases/{case}"), f"{here}/may-not-see", who)
    left(on(browser, f"cases/{case}"), f"{here}/may-see", who)
    left(on(browser, f"cases/{case}"), f"{here}/draft/reply", {"text": "We read it, and"})
    draft = re.search(
        r'name="draft" value="([0-9a-f]{32})"', on(browser, f"cases/{case}").page.text
    )
    left(browser, f"{here}/draft/discard", {"draft": draft[1]})
    assert "draft.discarded" in RECORDER.last.events
    with house.vault.database.write() as connection:
        connection.execute(grants.delete().where(grants.c.member_id == id_of["deputy"]))
    fingerprint = house.vault.roster().member(id_of["deputy"]).fingerprint
    again = {"member": id_of["deputy"], "fingerprint": fingerprint}
    left(on(browser, f"cases/{case}"), f"{here}/keys-again", again)
    chosen = {"case": case, "lawyer": id_of["deputy"], "sure": "yes"}
    left(on(browser, "hand-over"), "/staff/hand-over", chosen)


def test_no_form_that_leaves_an_entry_was_left_out(done, app, as_member, given_case, house, left):
    """All in one, since each counts: those above, and those that the walk over all cases does."""
    who_comes_in_and_goes(as_member, app, house, left)
    what_a_member_changes_of_their_own(as_member, app, left)
    how_a_member_ends_what_is_open(as_member, left)
    whom_administrators_invite_and_what_two_members_sign(as_member, app, house, left)
    what_administrators_do_to_members(as_member, house, left)
    what_a_case_needs_twice(as_member, given_case, house, left)
    walked = {route for route, by_state in CASE.items() if any(by_state.values())}
    forms = {
        route
        for where in ("staff", "audit", "case")
        for route, stated in LEAVES[where].items()
        if route.startswith("POST") and sorted_out(stated)[0]
    }
    assert forms - done - walked - ELSEWHERE.keys() == set()
    assert all((ROOT / file).exists() for file in ELSEWHERE.values())
