"""A real vault with one member per role, and browsers for them without a network."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from tests.support.uploading import send, upload
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.receipt import encode
from vault.web.intake import Services
from vault.web.intake import create_app as create_intake
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


@pytest.fixture(scope="module")
def intake(house):
    return create_intake(Services.connect(house.settings, house.intake_agent))


@pytest.fixture
def teller(house, intake):
    """Somebody who told, back in their box: a client with `case`, which nobody was given yet."""

    def come(**options):
        before = {line.id for line in _inbox(house, house.actors["officer"])}
        receipt = house.send(**options)
        client = intake.test_client()
        (client.case,) = {line.id for line in _inbox(house, house.actors["officer"])} - before
        client.post("/return?lang=ru", data={"receipt": " ".join(encode(receipt.entropy, "ru"))})
        return client

    return come


@pytest.fixture
def hand_over(house):
    """Give a case to lawyer and deputy, and to others in their capacity."""

    def give(case, *others):
        lawyer, deputy = house.actors["lawyer"].id, house.actors["deputy"].id
        assign.give(house.vault, house.actors["officer"], case, lawyer, deputy)
        for capacity in others:
            reader = house.actors[capacity].id, capacity
            until = clock.day(clock.now() + clock.DAY)
            assign.add_reader(house.vault, house.actors["lawyer"], case, reader, until)

    return give


@pytest.fixture
def attach(house, teller, hand_over):
    """Send files in a case that the lawyer is given; returns the address of the case."""

    def sent(*files, client=None, **chosen):
        came = client or teller()
        assert send(came, upload(came, *files), len(files), **chosen).status_code == 303
        house.collect()
        if client is None:
            hand_over(came.case)
        return f"/staff/cases/{came.case}"

    return sent


def _inbox(house, officer):
    return inbox.new_cases(house.vault, officer)
