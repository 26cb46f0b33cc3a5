"""All three applications over one vault."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault.agents.sessions import SessionKeys
from vault.web import audit, intake, staff


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    built.send()
    yield built
    built.close()


@pytest.fixture(scope="module")
def apps(house):
    services = intake.Services.connect(house.settings, SessionKeys())
    return {
        "intake": intake.create_app(services),
        "staff": staff.create_app(house.vault),
        "audit": audit.create_app(house.vault),
    }


@pytest.fixture
def signed_in(apps):
    """Return a browser of somebody who may use an interface; of intake, anybody's."""

    def enter(name):
        browser = Browser(apps[name], f"/{name}")
        if name != "intake":
            login = {"staff": "admin", "audit": "auditor"}[name]
            assert browser.sign_in(login).status_code == 303
        return browser

    return enter
