import re

from vault.errors import BusyError
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


def enrol(browser, code, login, passphrase=LONG, again=None):
    browser.get("/staff/enrol?lang=en")
    typed = {"code": code, "login": login, "passphrase": passphrase, "again": again or passphrase}
    browser.app = browser.paired()
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


def test_only_an_administrator_invites(as_member, house):
    browser = as_member("lawyer")
    browser.get("/staff/me")
    before = len(people.list_members(house.vault))
    assert browser.post("/staff/invite", {"name": "x", "roles": "lawyer"}).status_code == 404
    assert len(people.list_members(house.vault)) == before


def test_enrolling_shows_the_fingerprint_and_then_waits_for_the_terminal(as_member, browser):
    admin = as_member("admin")
    page = enrol(browser, code_of(invited(admin).text), "zhanar")
    fingerprint = re.search(r'id="fingerprint">([^<]+)<', page.text).group(1)
    members = admin.get("/staff/members").text
    assert fingerprint in members
    assert "witness-vault member confirm zhanar" in members


def test_whoever_is_not_confirmed_cannot_sign_in(as_member, browser):
    enrol(browser, code_of(invited(as_member("admin")).text), "waiting")
    page = browser.sign_in("waiting", LONG, recovery_codes(browser.page.text)[0])
    assert page.status_code == 403
    assert "nobody has confirmed you yet" in page.text


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
    }
    for typed, sentence in refused.items():
        page = enrol(browser, *typed)
        assert page.status_code == 400
        assert sentence in page.text
        assert f'name="code" value="{typed[0]}"' in page.text
        assert f'name="login" value="{typed[1]}"' in page.text
        assert LONG not in page.text


def test_a_page_shown_again_offers_the_same_passphrase(browser):
    browser.get("/staff/enrol")
    offered = re.search(r'name="suggestion" value="([^"]+)"', browser.page.text).group(1)
    typed = {"code": "x", "login": "x", "passphrase": "a", "again": "b", "suggestion": offered}
    assert offered in browser.post("/staff/enrol", typed).text


def test_too_many_at_once_is_said(browser, monkeypatch):
    def busy(*_):
        raise BusyError

    monkeypatch.setattr(service, "enrol", busy)
    assert enrol(browser, "x", "x").status_code == 503


def test_the_code_of_an_invitation_never_stands_in_an_address(app):
    rules = [rule.rule for rule in app.url_map.iter_rules() if "enrol" in rule.rule]
    assert rules == ["/staff/enrol", "/staff/enrol"]
