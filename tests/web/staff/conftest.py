"""A real vault with one member per role, and browsers for them without a network."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.web.staff import create_app


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    yield built
    built.close()


@pytest.fixture(scope="module")
def app(house):
    return create_app(house.vault)


@pytest.fixture
def browser(app):
    return Browser(app, "/staff")


@pytest.fixture
def as_member(app):
    def signed_in(login):
        browser = Browser(app, "/staff")
        assert browser.sign_in(login).status_code == 303
        return browser

    return signed_in


@pytest.fixture
def new_case(house):
    """Send a testimony; return the id of its case."""
    officer = house.actors["officer"]

    def send(**options):
        before = {line.id for line in _inbox(house, officer)}
        house.send(**options)
        return next(line.id for line in _inbox(house, officer) if line.id not in before)

    return send


@pytest.fixture
def given_case(house, new_case):
    """Send a testimony and give it to the lawyer; return the id of its case."""

    def send(**options):
        case = new_case(**options)
        lawyer, deputy = house.actors["lawyer"].id, house.actors["deputy"].id
        assign.give(house.vault, house.actors["officer"], case, lawyer, deputy)
        return case

    return send


def _inbox(house, officer):
    return inbox.new_cases(house.vault, officer)
