"""A real vault with some history, and a browser for its auditor."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault.cases import reveal
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.web.audit import create_app


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    built.send()
    yield built
    built.close()


@pytest.fixture(scope="module")
def case(house):
    """Give a case, and let its lawyer open it; return its line."""
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    reveal.open_case(house.vault, lawyer, line.id)
    return line


@pytest.fixture(scope="module")
def app(house):
    return create_app(house.vault)


@pytest.fixture
def browser(app):
    return Browser(app, "/audit")


@pytest.fixture
def auditor(browser):
    assert browser.sign_in("auditor").status_code == 303
    return browser
