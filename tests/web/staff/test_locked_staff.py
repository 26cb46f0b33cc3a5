"""A locked vault: a plain sentence everywhere, and what was typed is kept."""

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault.agents.kdf import LocalKdf
from vault.custody import keys
from vault.web.staff import create_app


@pytest.fixture
def house(tmp_path):
    built = House.found(tmp_path)
    yield built
    built.close()


def unlock(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    opened.open(house.vault.agent)


def test_every_page_says_that_the_vault_is_locked(house):
    app = create_app(house.vault)
    browser = Browser(app, "/staff")
    browser.sign_in("admin")
    house.vault.agent.lock()
    for path in ("/staff/", "/staff/members", "/staff/sign-in", "/staff/enrol", "/staff/me"):
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "The vault is locked" in browser.get(path + "?lang=en").text


def test_style_and_health_answer_all_the_same(house):
    browser = Browser(create_app(house.vault), "/staff")
    house.vault.agent.lock()
    assert browser.get("/staff/style.css").status_code == 200
    assert browser.get("/staff/healthz").status_code == 200


def test_what_was_typed_is_kept_until_the_vault_is_unlocked(house):
    browser = Browser(create_app(house.vault), "/staff")
    browser.sign_in("admin")
    browser.get("/staff/invite")
    house.vault.agent.lock()
    page = browser.post("/staff/invite", {"name": "Typed Name", "roles": ["lawyer"]})
    assert page.status_code == 503
    assert "Typed Name" in page.text
    unlock(house)
    page = browser.post("/staff/invite", {"name": "Typed Name", "roles": ["lawyer"]})
    assert page.status_code == 401
    assert "Typed Name" in page.text
    assert 'name="typed.roles" value="lawyer"' in page.text
