import html
import re

import pytest

from tests.support.browser import Browser
from vault import clock
from vault.errors import BusyError, RefusedError
from vault.journal.reading import Filter
from vault.members import enrol as service
from vault.members import people

LONG = "a passphrase that is long"


def code_of(page):
    return re.search(r'id="code">([^<]+)<', page).group(1)


def recovery_codes(page):
    return re.findall(r"[A-Z2-7]{5}-[A-Z2-7]{5}", page)


def invited(browser, name="Ж.", roles=("lawyer",)):
    browser.get("/staff/invite")
    return browser.post("/staff/invite", {"name": name, "roles": list(roles)})


def enrol(browser, code, login, passphrase=LONG, again=None, digits=None):
    browser.get("/staff/enrol?lang=en")
    typed = {"code": code, "login": login, "chosen": passphrase, "again": again or passphrase}
    browser.app = browser.paired()
    if digits:
        browser.app["digits"] = digits
    return browser.post("/staff/enrol", typed | browser.app)


def test_an_invitation_is_shown_once_in_the_answer_to_post(as_member):
    browser = as_member("admin")
    page = invited(browser)
    assert page.status_code == 200
    code = code_of(page.text)
    assert code not in browser.get("/staff/members").text
    assert "http://localhost/staff/enrol" in page.text


def test_roles_that_exclude_each_other_are_refused_and_the_name_is_kept(as_member):
    page = invited(as_member("admin"), "Тайный Гость", ("lawyer", "auditor"))
    assert page.status_code == 403
    assert "Тайный Гость" in page.text
    assert 'name="roles" value="auditor"' in page.text


def test_a_refusal_stands_at_its_field_with_everything_kept(as_member):
    browser = as_member("admin")
    page = invited(browser, "Гость", ("lawyer", "auditor"))
    assert 'aria-describedby="roles-fault"' in page.text
    assert page.text.count(" checked") == 2
    assert 'id="roles-fault"' in page.text
    page = invited(browser, "Гость", ())
    assert (page.status_code, 'value="Гость"' in page.text) == (403, True)
    page = invited(browser, "x" * 101, ("doctor",))
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert 'value="doctor" checked' in page.text


def test_what_excludes_what_is_said_before(as_member):
    page = as_member("admin").get("/staff/invite?lang=en").text
    assert "Not together with: auditor" in page


def test_an_open_invitation_is_listed_and_can_be_withdrawn(as_member, browser, house):
    admin = as_member("admin")
    code = code_of(invited(admin, "Withdrawn").text)
    page = admin.get("/staff/members?lang=en").text
    (line,) = [line for line in people.list_members(house.vault) if line.name == "Withdrawn"]
    address = f"/staff/invitations/{line.id}/withdraw"
    assert address in page
    assert admin.post(address).status_code == 303
    assert "Withdrawn" not in admin.get("/staff/members").text
    assert enrol(browser, code, "withdrawn").status_code == 400
    (entry,) = house.vault.journal.read(Filter(kind="invitation.withdrawn"))
    assert entry.actor == house.actors["admin"].id
    assert admin.post(address).status_code == 404


def test_only_an_administrator_withdraws(as_member, house):
    admin = as_member("admin")
    invited(admin, "Stays")
    (line,) = [line for line in people.list_members(house.vault) if line.name == "Stays"]
    lawyer = as_member("lawyer")
    lawyer.get("/staff/me")
    assert lawyer.post(f"/staff/invitations/{line.id}/withdraw").status_code == 404
    with pytest.raises(RefusedError):
        people.withdraw(house.vault, house.actors["lawyer"], line.id)


def test_a_lost_phone_has_the_exact_command(as_member):
    page = as_member("admin").get("/staff/members?lang=en").text
    assert "witness-vault member factor officer</pre>" in page
    assert "witness-vault member end officer" not in page


def test_only_an_administrator_invites(as_member, house):
    browser = as_member("lawyer")
    browser.get("/staff/me")
    before = len(people.list_members(house.vault))
    assert browser.post("/staff/invite", {"name": "x", "roles": "lawyer"}).status_code == 404
    assert len(people.list_members(house.vault)) == before


def test_enrolling_shows_the_fingerprint_and_then_waits_for_two(as_member, browser, house):
    admin = as_member("admin")
    page = enrol(browser, code_of(invited(admin).text), "zhanar")
    fingerprint = re.search(r'id="fingerprint">([^<]+)<', page.text).group(1)
    members = admin.get("/staff/members").text
    assert fingerprint in members
    (line,) = [line for line in people.list_members(house.vault) if line.login == "zhanar"]
    assert f"/staff/members/{line.id}/propose" in members
    assert "witness-vault member confirm" not in members


def test_enrolling_shows_ten_recovery_codes_once(as_member, browser):
    code = code_of(invited(as_member("admin")).text)
    page = enrol(browser, code, "ten-codes").text
    assert len(set(recovery_codes(page))) == 10
    again = {"code": code, "login": "ten-codes", "chosen": LONG, "again": LONG}
    answer = browser.client.post("/staff/enrol", data=again | browser.app)
    assert answer.status_code != 200
    assert not recovery_codes(answer.text)


def test_the_picture_is_a_drawing_without_style_and_the_secret_stands_beside_it(browser):
    page = browser.get("/staff/enrol?lang=en").text
    drawing = re.search(r"<svg.*?</svg>", page, re.DOTALL).group(0)
    assert "style" not in drawing
    assert 'viewBox="0 0 ' in drawing
    assert 'fill="#fff"' in drawing
    assert "otpauth://totp/staff?secret=" in html.unescape(page)
    assert page.count("otpauth:") == 1
    assert "vault" not in re.search(r'href="otpauth:[^"]+"', page).group(0)


def test_a_page_shown_again_keeps_its_picture(browser):
    first = browser.get("/staff/enrol?lang=en") and browser.paired()
    enrol_again = {"code": "x", "login": "x", "chosen": "a", "again": "b", **first}
    browser.post("/staff/enrol", enrol_again)
    assert browser.paired()["offer"] == first["offer"]


def test_the_offer_of_a_page_that_was_used_enrols_nobody_else(as_member, browser):
    admin = as_member("admin")
    first, second = code_of(invited(admin).text), code_of(invited(admin).text)
    assert enrol(browser, first, "offered-first").status_code == 200
    used = browser.app
    browser.get("/staff/enrol?lang=en")
    typed = {"code": second, "login": "offered-second", "chosen": LONG, "again": LONG}
    page = browser.post("/staff/enrol", typed | used)
    assert page.status_code == 400
    assert "This page was open too long" in page.text
    assert browser.paired()["offer"] != used["offer"]


def test_an_offer_of_somebody_elses_page_enrols_nobody(as_member, app, browser):
    code = code_of(invited(as_member("admin")).text)
    attacker = Browser(app, "/staff")
    attacker.get("/staff/enrol")
    planted = attacker.paired()
    browser.get("/staff/enrol?lang=en")
    typed = {"code": code, "login": "planted", "chosen": LONG, "again": LONG}
    assert browser.post("/staff/enrol", typed | planted).status_code == 400
    assert enrol(browser, code, "planted").status_code == 200


def test_an_offer_is_over_after_an_hour_of_one_session(as_member, browser, monkeypatch):
    code = code_of(invited(as_member("admin")).text)
    browser.get("/staff/enrol?lang=en")
    old, now = browser.paired(), clock.now()
    for later in (1500, 3000, 3601):  # never idle for long
        monkeypatch.setattr("vault.clock.now", lambda moment=now + later: moment)
        browser.get("/staff/enrol?lang=en")
    typed = {"code": code, "login": "too-late", "chosen": LONG, "again": LONG}
    typed["digits"] = browser.paired()["digits"]
    page = browser.post("/staff/enrol", typed | {"offer": old["offer"]})
    assert page.status_code == 400
    assert "This page was open too long" in page.text


def test_whoever_is_not_confirmed_cannot_sign_in(as_member, browser):
    enrol(browser, code_of(invited(as_member("admin")).text), "waiting")
    page = browser.sign_in("waiting", LONG, recovery_codes(browser.page.text)[0])
    assert page.status_code == 403
    assert "you have not been confirmed yet" in page.text


def test_a_code_works_once(as_member, browser):
    code = code_of(invited(as_member("admin")).text)
    assert enrol(browser, code, "first-one").status_code == 200
    page = enrol(browser, code, "second-one")
    assert page.status_code == 400
    assert "No open invitation has this code" in page.text


def test_every_refusal_says_which_field_and_keeps_code_and_login(as_member, browser):
    code = code_of(invited(as_member("admin")).text)
    refused = {
        ("AAAA", "valid", LONG, LONG): "No open invitation has this code",
        (code, "no spaces!", LONG, LONG): "A login has 2 to 40",
        (code, "officer", LONG, LONG): "This login is taken",
        (code, "valid", "short", "short"): "at least 14 characters",
        (code, "valid", LONG, LONG + "x"): "The two passphrases differ",
        (code, "wrong-digits", LONG, LONG): "These were not the digits",
    }
    for typed, sentence in refused.items():
        digits = "000000" if typed[1] == "wrong-digits" else None
        page = enrol(browser, *typed, digits=digits)
        assert page.status_code == 400
        assert sentence in page.text
        assert f'name="code" value="{typed[0]}"' in page.text
        assert f'name="login" value="{typed[1]}"' in page.text
        assert LONG not in page.text
        field = re.search(r'<input id="(\w+)"[^>]*aria-invalid="true"', page.text).group(1)
        said = re.search(rf'id="{field}-fault"[^>]*>([^<]+)<', page.text).group(1)
        assert sentence in said


def test_a_page_shown_again_offers_the_same_passphrase(browser):
    browser.get("/staff/enrol")
    offered = re.search(r'name="suggestion" value="([^"]+)"', browser.page.text).group(1)
    typed = {"code": "x", "login": "x", "chosen": "a", "again": "b", "suggestion": offered}
    assert offered in browser.post("/staff/enrol", typed).text


def test_too_many_at_once_is_said(browser, monkeypatch):
    def busy(*_):
        raise BusyError

    monkeypatch.setattr(service, "enrol", busy)
    assert enrol(browser, "x", "x").status_code == 503


def test_the_code_of_an_invitation_never_stands_in_an_address(app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if "enrol" in rule.rule]
    assert rules == ["/staff/enrol", "/staff/enrol"]


def test_the_administrator_ends_the_sessions_of_a_member(as_member, house):
    lawyer, admin = as_member("lawyer"), as_member("admin")
    address = f"/staff/members/{house.actors['lawyer'].id}/end-sessions"
    assert address in admin.get("/staff/members?lang=en").text
    assert admin.post(address).location == "/staff/members"
    assert "All sessions of this member have ended" in admin.get("/staff/members").text
    assert lawyer.get("/staff/me").location == "/staff/sign-in?next=/staff/me"
    assert as_member("lawyer").get("/staff/me").status_code == 200
    entry = house.vault.journal.read(Filter(kind="sessions.ended"), 1, newest_first=True)[0]
    assert entry.subject == {"member": house.actors["lawyer"].id}


def test_nobody_else_ends_them(as_member, house):
    lawyer, officer = as_member("lawyer"), as_member("officer")
    officer.get("/staff/me")
    address = f"/staff/members/{house.actors['lawyer'].id}/end-sessions"
    assert officer.post(address).status_code == 404
    assert lawyer.get("/staff/me").status_code == 200


def test_there_is_no_such_member(as_member):
    admin = as_member("admin")
    admin.get("/staff/members")
    assert admin.post(f"/staff/members/{'0' * 32}/end-sessions").status_code == 404
