"""The page of the daily notice: what it says and tells others, and the member's own choice."""

import html
import re

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault.members import notices
from vault.web.staff import create_app

ADDRESS = "advokat@planted-example.invalid"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault"), notices={"enabled": True}).staff()
    yield built
    built.close()


@pytest.fixture
def lawyer(as_member, house):
    notices.stop(house.vault, house.actors["lawyer"])
    browser = as_member("lawyer")
    browser.get("/staff/me/notices?lang=en")
    return browser


def test_the_page_shows_everything_that_the_mail_will_say(lawyer, house):
    page = html.unescape(lawyer.page.text)
    stated = house.settings.notices
    for said in (stated.sender, stated.subject, stated.text, "04:00 UTC"):
        assert said in page
    assert "whoever reads your mail" in page
    assert "You do not get it." in page


def test_it_is_found_from_the_members_own_page(lawyer):
    assert '/staff/me/notices"' in lawyer.get("/staff/me").text


def test_choosing_keeps_the_address_and_stopping_forgets_it(lawyer, house):
    done = lawyer.post("/staff/me/notices?lang=en", {"address": f" {ADDRESS} "})
    assert done.location == "/staff/me/notices"
    page = lawyer.get("/staff/me/notices?lang=en").text
    assert "From tomorrow on you get the notice." in page
    assert f"<bdi>{ADDRESS}</bdi>" in page
    assert notices.address_of(house.vault, house.actors["lawyer"]) == ADDRESS
    lawyer.post("/staff/me/notices/stop?lang=en")
    page = lawyer.get("/staff/me/notices?lang=en").text
    assert "Your address was deleted." in page
    assert ADDRESS not in page


def test_what_is_no_address_is_said_at_its_field_and_stays_there(lawyer, house):
    page = lawyer.post("/staff/me/notices?lang=en", {"address": "адвокат@example.invalid"})
    assert page.status_code == 400
    assert 'id="address-fault"' in page.text
    assert 'value="адвокат@example.invalid"' in page.text
    assert notices.address_of(house.vault, house.actors["lawyer"]) is None


def test_nobody_sees_the_address_of_somebody_else(lawyer, as_member):
    lawyer.post("/staff/me/notices", {"address": ADDRESS})
    for who, path in (("deputy", "/staff/me/notices"), ("admin", "/staff/members")):
        assert ADDRESS not in as_member(who).get(path).text


def test_the_password_of_the_mail_server_is_on_no_page(as_member):
    page = as_member("admin").get("/staff/settings?lang=en").text
    assert "keys/mail" in page


def test_while_notices_are_off_the_page_says_so_and_asks_for_nothing(tmp_path):
    other = House.found(tmp_path).staff()
    browser = Browser(create_app(other.vault), "/staff")
    browser.sign_in("lawyer")
    page = browser.get("/staff/me/notices?lang=en").text
    assert "Notices are turned off in this vault." in page
    assert not re.search(r'name="address"', page)
    assert browser.post("/staff/me/notices", {"address": ADDRESS}).status_code == 403
    assert notices.address_of(other.vault, other.actors["lawyer"]) is None
    other.close()
