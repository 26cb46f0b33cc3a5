"""Enrolling: a code opens once and in time; what is wrong is said and leaves nothing behind."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.exported import exported
from tests.support.factor import code_of
from tests.support.house import enrol_as, passphrase_of
from vault import clock
from vault.cases.holders import assign
from vault.errors import EncodingError, InputError, RefusedError, SignInError, TooLongError
from vault.members import enrol, people
from vault.members.factors import Pairing
from vault.members.signin import sign_in
from vault.storage.tables.cases import cases
from vault.storage.tables.people import enrolments, invitations, members

PASSPHRASE = "a passphrase of good length"


def invite(house, *roles, name="Somebody"):
    return people.invite(house.vault, house.actors["admin"], name, roles or ("lawyer",))


def state(house):
    return [list(map(repr, rows(house, table))) for table in (members, enrolments, invitations)]


def refused(house, code, login="somebody", passphrase=PASSPHRASE, error=InputError):
    before = state(house)
    with pytest.raises(error) as caught:
        enrol_as(house.vault, code, login, passphrase)
    assert state(house) == before
    assert passphrase not in str(caught.value)
    return caught.value.detail


def test_a_code_opens_once(house):
    code = invite(house)
    line = enrol_as(house.vault, code, "somebody").line
    assert (line.state, line.login) == ("waiting", "somebody")
    assert refused(house, code, "another") == "code"


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' - ')}\n",
        lambda code: code.replace("-", "–"),
        lambda code: code.replace("O", "0").replace("I", "1"),
    ],
)
def test_a_code_is_read_as_people_type_it(house, typed):
    assert enrol_as(house.vault, typed(invite(house)), "somebody")


@pytest.mark.parametrize("wrong", ["", "x", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "Ж" * 24, "1" * 999])
def test_a_code_that_nobody_was_given_is_refused(house, wrong):
    invite(house)
    refused(house, wrong)


def test_a_mistyped_code_is_refused(house):
    code = invite(house)
    other = "B" if code[3] != "B" else "C"
    assert refused(house, code[:3] + other + code[4:]) == "code"


def test_an_expired_code_is_refused(house, monkeypatch):
    code, now = invite(house), clock.now()
    valid = house.settings.staff.invitation_valid
    monkeypatch.setattr("vault.clock.now", lambda: now + valid + 1)
    assert refused(house, code) == "code"


@pytest.mark.parametrize("login", ["lawyer", " Lawyer ", "LAWYER", "ｌａｗｙｅｒ"])
def test_a_login_that_is_taken_is_refused_and_the_code_stays_open(house, login):
    code = invite(house)
    assert refused(house, code, login) == "login taken"
    assert enrol_as(house.vault, code, "free")


@pytest.mark.parametrize("login", ["", "a", "a b", "a/b", "x" * 41, "a\0b", "<b>"])
def test_a_malformed_login_is_refused(house, login):
    assert refused(house, invite(house), login) == "login"


@pytest.mark.parametrize(
    ("passphrase", "error"),
    [
        ("short", InputError),
        ("x" * 13, InputError),
        ("x" * 1025, TooLongError),
        ("lone surrogate \ud800", EncodingError),
    ],
    ids=["short", "one less", "too long", "surrogate"],
)
def test_a_passphrase_that_cannot_be_taken_is_refused(house, passphrase, error):
    refused(house, invite(house), passphrase=passphrase, error=error)


@pytest.mark.parametrize("digits", ["", "000000", "12345", "AAAAA-AAAAA"])
def test_an_app_that_does_not_have_the_secret_is_refused_and_the_code_stays_open(house, digits):
    code = invite(house)
    with pytest.raises(InputError) as caught:
        enrol.enrol(house.vault, code, "somebody", PASSPHRASE, Pairing(bytes(20), digits))
    assert caught.value.detail == "totp"
    assert enrol_as(house.vault, code, "somebody")


def test_the_digits_that_proved_the_app_do_not_sign_in_as_well(house):
    enrol_as(house.vault, invite(house), "somebody")
    with pytest.raises(SignInError):
        sign_in(house.vault, "somebody", passphrase_of("somebody"), code_of("somebody"))


def test_the_suggested_passphrase_is_long_enough_and_never_the_same(house):
    suggested = {enrol.suggest_passphrase() for _ in range(20)}
    assert len(suggested) == 20
    assert min(map(len, suggested)) >= house.settings.passphrase.min_length


@pytest.mark.parametrize(
    "roles",
    [
        ("auditor", "lawyer"),
        ("auditor", "intake_officer"),
        ("administrator", "auditor"),
        ("nothing",),
        (),
    ],
)
def test_roles_that_exclude_each_other_are_not_invited(house, roles):
    before = state(house)
    with pytest.raises(RefusedError):
        people.invite(house.vault, house.actors["admin"], "Somebody", roles)
    assert state(house) == before


@pytest.mark.parametrize("who", ["officer", "lawyer", "auditor"])
def test_only_an_administrator_invites(house, who):
    with pytest.raises(RefusedError):
        people.invite(house.vault, house.actors[who], "Somebody", ["lawyer"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(house, name):
    with pytest.raises(InputError):
        people.invite(house.vault, house.actors["admin"], name, ["lawyer"])


def test_the_log_holds_neither_name_nor_code_nor_login(house):
    code = invite(house, name="Planted Name")
    line = enrol_as(house.vault, code, "planted-login", PASSPHRASE).line
    logged = repr(exported(house.vault.journal))
    for text in ("Planted", "planted-login", code, code.replace("-", ""), PASSPHRASE):
        assert text not in logged
        assert text not in repr(line)


def test_everybody_is_listed_with_what_they_are(house):
    invite(house, name="Invited")
    code = invite(house, name="Waiting")
    enrol_as(house.vault, code, "waiting")
    states = {line.name: line.state for line in people.list_members(house.vault)}
    assert (states["Invited"], states["Waiting"]) == ("invited", "waiting")
    assert states["Lawyer"] == "active"


def test_nobody_who_waits_is_named_among_those_who_may_be_given_a_case(house):
    code = invite(house, name="Waiting")
    line = enrol_as(house.vault, code, "waiting").line
    assert line.id not in {reader.id for reader in assign.readers(house.vault)}
    house.send()
    (case,) = rows(house, cases)
    with pytest.raises(RefusedError):
        assign.give(house.vault, house.actors["officer"], case.id, line.id, None)
