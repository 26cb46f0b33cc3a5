"""The pages for two signatures: what an administrator proposes, what every member sees and does."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.house import House, enrol_as
from vault.custody import rosters
from vault.members import people
from vault.web import audit
from vault.web.staff import create_app

DAY = 86_400


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path, roster={"delay": DAY})
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    yield house
    house.close()


@pytest.fixture
def app(house):
    return create_app(house.vault)


def enrolled(house, login="new", role="lawyer"):
    code = people.invite(house.vault, house.actors["admin"], login.title(), [role])
    return enrol_as(house.vault, code, login).line


@pytest.fixture
def proposed(house, as_member):
    """Somebody who enrolled, signed by the administrator on the page; with the second's browser."""
    line = enrolled(house)
    admin = as_member("admin")
    admin.get("/staff/members?lang=en")
    (waits,) = [one for one in people.list_members(house.vault) if one.id == line.id]
    typed = {"gender": "female", "agreed": waits.agreed}
    assert send(admin, f"/staff/members/{line.id}/propose", typed).status_code == 303
    (one,) = rosters.list_proposals(house.vault)
    return line, one, as_member("officer")


def send(browser, path, typed=None):
    """Post from a page just loaded, as a person does; an answer without a page has no token."""
    browser.get("/staff/confirm?lang=en")
    return browser.post(path, typed)


def confirm(browser, one, **typed):
    return send(browser, f"/staff/confirm/{one.id}", {"compared": "yes", **typed})


def test_the_second_sees_name_role_fingerprint_and_begin_and_confirms(house, proposed):
    line, one, officer = proposed
    page = officer.get("/staff/confirm?lang=en").text
    for shown in (line.name, line.fingerprint, "lawyer", "a woman", "Admin"):
        assert shown in page
    assert confirm(officer, one).status_code == 303
    assert "Confirmed. Until it begins" in officer.get("/staff/confirm?lang=en").text
    assert house.letterbox.roster().member(line.id).reader_gender == "female"


def test_without_the_tick_nothing_is_confirmed_and_the_page_says_so(house, proposed):
    line, one, officer = proposed
    page = confirm(officer, one, compared="")
    assert page.status_code == 400
    assert "First compare the fingerprint" in page.text
    assert house.vault.roster().member(line.id) is None


def test_the_administrator_who_signed_is_offered_to_withdraw_only(house, proposed, as_member):
    line, one, _ = proposed
    admin = as_member("admin")
    page = admin.get("/staff/confirm?lang=en").text
    assert "You signed this" in page
    assert 'name="compared"' not in page
    assert confirm(admin, one).status_code == 303
    assert house.vault.roster().member(line.id) is None
    send(admin, f"/staff/confirm/{one.id}/decline")
    assert not rosters.list_proposals(house.vault)


def test_lists_say_that_somebody_waits_to_those_who_can_confirm(proposed, as_member):
    _, one, officer = proposed
    assert "waits for your confirmation: 1" in officer.get("/staff/new?lang=en").text
    assert "waits for your confirmation: 1" in as_member("lawyer").get("/staff/cases?lang=en").text
    confirm(officer, one)
    assert "waits for your confirmation" not in officer.get("/staff/new?lang=en").text


def test_who_is_announced_stands_on_every_list(proposed, as_member):
    _, one, officer = proposed
    confirm(officer, one)
    for browser, path in ((officer, "/staff/new"), (as_member("lawyer"), "/staff/cases")):
        page = browser.get(f"{path}?lang=en").text
        assert "New: lawyer, from " in page
        assert "I do not know about this: stop it" in page


def test_it_stands_on_the_auditors_overview(tmp_path):
    house = House.found(tmp_path / "audited", roster={"delay": DAY})
    house.add("auditor", "auditor")
    house.add("officer", "intake_officer")
    enrolled(house)
    house.confirm("new")
    browser = Browser(audit.create_app(house.vault), "/audit")
    assert browser.sign_in("auditor").status_code == 303
    page = browser.get("/audit/?lang=en").text
    assert "New: lawyer, from " in page
    assert "every member can stop it" in page
    house.close()


def test_a_reader_stops_what_they_do_not_know(house, proposed, as_member):
    line, one, officer = proposed
    confirm(officer, one)
    lawyer = as_member("lawyer")
    lawyer.get("/staff/cases?lang=en")
    send(lawyer, f"/staff/announced/{line.id}/stop")
    assert house.vault.roster().member(line.id).valid_to is None  # nothing was ticked
    send(lawyer, f"/staff/announced/{line.id}/stop", {"sure": "yes"})
    assert house.vault.roster().member(line.id).valid_to is not None
    assert "Stopped." in lawyer.get("/staff/confirm?lang=en").text


def test_what_is_stale_is_said_and_signed_anew_by_one_button(house, proposed, as_member):
    line, one, officer = proposed
    rosters.renew(house.vault, house.root)
    assert "signed for an older list" in officer.get("/staff/confirm?lang=en").text
    assert confirm(officer, one).status_code == 303
    assert house.vault.roster().member(line.id) is None
    assert send(officer, f"/staff/confirm/{one.id}/again").status_code == 404
    admin = as_member("admin")
    admin.get("/staff/confirm?lang=en")
    send(admin, f"/staff/confirm/{one.id}/again")
    (again,) = rosters.list_proposals(house.vault)
    confirm(officer, again)
    assert house.vault.roster().member(line.id) is not None


def test_what_is_gone_is_said(proposed):
    _, one, officer = proposed
    confirm(officer, one)
    confirm(officer, one)
    assert "no longer there" in officer.get("/staff/confirm?lang=en").text


def test_a_role_is_given_by_two_and_taken_away_at_once(house, as_member):
    admin, lawyer = as_member("admin"), house.actors["lawyer"].id
    admin.get("/staff/members?lang=en")
    send(admin, f"/staff/members/{lawyer}/roles", {"roles": ["lawyer", "doctor"]})
    (one,) = rosters.list_proposals(house.vault)
    assert one.gains == (("doctor", None),)
    confirm(as_member("officer"), one)
    send(admin, f"/staff/members/{lawyer}/roles", {"roles": ["lawyer"]})
    assert "The roles were changed." in admin.get("/staff/members?lang=en").text
    assert house.vault.roster().member(lawyer).roles == {"lawyer"}


def test_the_roles_they_have_change_nothing(house, as_member):
    admin, lawyer = as_member("admin"), house.actors["lawyer"].id
    admin.get("/staff/members?lang=en")
    send(admin, f"/staff/members/{lawyer}/roles", {"roles": ["lawyer"]})
    assert "These are the roles they have" in admin.get("/staff/members?lang=en").text


def test_an_administrator_ends_somebody_after_a_tick_and_never_the_last_who_can_sign(
    house, as_member
):
    admin, lawyer = as_member("admin"), house.actors["lawyer"].id
    admin.get("/staff/members?lang=en")
    send(admin, f"/staff/members/{lawyer}/end")
    assert house.vault.roster().member(lawyer).valid_to is None
    send(admin, f"/staff/members/{lawyer}/end", {"sure": "yes"})
    assert house.vault.roster().member(lawyer).valid_to is not None
    send(admin, f"/staff/members/{house.actors['officer'].id}/end", {"sure": "yes"})
    page = admin.get("/staff/members?lang=en").text
    assert "no administrator and second member would be left" in page
    assert house.vault.roster().member(house.actors["officer"].id).valid_to is None


def test_new_keys_are_invited_for_and_said_to_be_that(house, as_member):
    admin, lawyer = as_member("admin"), house.actors["lawyer"].id
    admin.get("/staff/members?lang=en")
    page = send(admin, f"/staff/members/{lawyer}/keys").text
    assert 'id="code"' in page
    assert "under the login they have" in page
    code = page.partition('id="code">')[2].partition("<")[0]
    enrol_as(house.vault, code, "lawyer", "a new passphrase, long enough")
    page = admin.get("/staff/members?lang=en").text
    assert "New keys in place of those of Lawyer" in page


def test_before_three_are_there_the_terminal_is_shown(tmp_path, as_member):
    house = House.found(tmp_path / "small")
    enrolled(house)
    browser = Browser(create_app(house.vault), "/staff")
    browser.sign_in("admin")
    page = browser.get("/staff/members?lang=en").text
    assert "witness-vault member confirm new</pre>" in page
    assert "/propose" not in page
    house.close()


def test_the_page_signs_only_what_it_showed(house, as_member):
    line, admin = enrolled(house), as_member("admin")
    (waits,) = [one for one in people.list_members(house.vault) if one.id == line.id]
    page = admin.get("/staff/members?lang=en").text
    assert f'name="agreed" value="{waits.agreed}"' in page
    for typed in ({}, {"agreed": waits.agreed.replace("lawyer", "analyst")}):
        send(admin, f"/staff/members/{line.id}/propose", typed)
        assert "Nothing was signed" in admin.get("/staff/members?lang=en").text
    assert not rosters.list_proposals(house.vault)
