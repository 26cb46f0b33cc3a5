"""Changing one's passphrase on a page: said what is wrong, nothing secret shown again."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Browser
from tests.support.house import House, passphrase_of
from vault.web.staff import create_app

CHOSEN = "seven herons walk over the frozen lake"


@pytest.fixture
def app(house):
    return create_app(house.vault)


@pytest.fixture
def house(tmp_path):
    built = House.found(tmp_path).staff()
    yield built
    built.close()


@pytest.fixture
def lawyer(app):
    browser = Browser(app, "/staff")
    browser.sign_in("lawyer")
    return browser


def send(browser, language="en", **changed):
    browser.get(f"/staff/me/passphrase?lang={language}")
    typed = browser.credentials("lawyer")
    typed.pop("login")
    return browser.post(
        "/staff/me/passphrase", typed | {"chosen": CHOSEN, "again": CHOSEN} | changed
    )


def test_it_is_changed_here_and_ended_elsewhere(lawyer, app):
    elsewhere = Browser(app, "/staff")
    elsewhere.sign_in("lawyer")
    assert send(lawyer).location == "/staff/me"
    assert "The passphrase was changed" in lawyer.get("/staff/me").text
    assert elsewhere.get("/staff/me").status_code == 302
    assert elsewhere.sign_in("lawyer").status_code == 403
    assert elsewhere.sign_in("lawyer", CHOSEN).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"passphrase": "wrong"}, 403, "Passphrase or code is not right"),
        ({"code": "000000"}, 403, "Passphrase or code is not right"),
        ({"again": "another"}, 400, "The two passphrases differ"),
        ({"chosen": "short", "again": "short"}, 400, "at least 14 characters"),
        ({"chosen": "lawyer lawyer 1", "again": "lawyer lawyer 1"}, 400, "Your name or your login"),
        ({"chosen": "x" * 1025, "again": "x" * 1025}, 400, "longer than allowed"),
    ],
)
def test_what_is_wrong_is_said_and_no_secret_is_shown_again(lawyer, wrong, status, said):
    answer = send(lawyer, **wrong)
    assert answer.status_code == status
    assert said in answer.text
    for secret in (CHOSEN, passphrase_of("lawyer"), *wrong.values()):
        assert f'"{secret}"' not in answer.text
    assert re.findall(r'type="password"[^>]*value', answer.text) == []
    assert lawyer.sign_in("lawyer").status_code == 303


def test_a_fault_of_the_new_one_stands_at_its_field(lawyer):
    answer = send(lawyer, chosen="short", again="short").text
    assert 'id="chosen-fault"' in answer
    assert 'aria-describedby="chosen-fault ' in answer


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_library_s_own_english_is_never_shown(lawyer, language):
    answer = send(lawyer, language, chosen="password password", again="password password").text
    assert f'<html lang="{language}">' in answer
    assert "similar to a commonly used" not in answer


def test_the_passphrase_that_was_offered_stays_the_same(lawyer):
    offered = re.search(r'id="suggestion">([^<]+)<', lawyer.get("/staff/me/passphrase").text)
    answer = send(lawyer, suggestion=offered.group(1), code="000000")
    assert f'id="suggestion">{offered.group(1)}<' in answer.text


def test_me_leads_there_and_says_whom_to_ask_when_it_is_lost(lawyer):
    assert 'href="/staff/me/passphrase"' in lawyer.get("/staff/me?lang=en").text
    assert "If you have lost it, ask an administrator" in lawyer.get("/staff/me/passphrase").text
