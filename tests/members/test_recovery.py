"""Recovery codes: once, for one member, read as people type them, kept as MACs."""

from __future__ import annotations

import re

import pytest

from tests.support.attacks import change, insert, rows
from tests.support.factor import fresh_code
from tests.support.house import enrol_as, passphrase_of
from vault.errors import SignInError
from vault.members import factors, people, recovery
from vault.members.signin import sign_in
from vault.storage.tables.people import members, recovery_codes

KEY = b"k" * 32
ID = "a" * 32


@pytest.fixture
def codes(house):
    """New recovery codes of the lawyer."""
    member_id = house.actors["lawyer"].id
    made = factors.new_codes(house.vault, member_id)
    with house.vault.database.write() as connection:
        factors.replace_codes(connection, member_id, made.values())
    return list(made)


def enter(house, login, code):
    return sign_in(house.vault, login, passphrase_of(login), code)


def refused(house, login, code):
    with pytest.raises(SignInError):
        enter(house, login, code)


def test_there_are_ten_of_fifty_bits_each(codes):
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[A-Z2-7]{5}-[A-Z2-7]{5}", code) for code in codes)


def test_enrolling_gives_ten_that_work(house):
    code = people.invite(house.vault, house.actors["admin"], "New", ["lawyer"])
    enrolled = enrol_as(house.vault, code, "new")
    assert factors.status(house.vault, enrolled.line.id) == factors.Status(
        authenticator=True, codes_left=10, passkeys=0
    )
    assert len(enrolled.recovery_codes) == 10


def test_a_code_signs_in_once_and_says_so_in_the_log(house, codes):
    assert enter(house, "lawyer", codes[0])
    assert house.vault.journal.read()[-1].detail == {"factor": "recovery_code"}
    refused(house, "lawyer", codes[0])
    assert factors.status(house.vault, house.actors["lawyer"].id).codes_left == 9
    assert enter(house, "lawyer", codes[1])


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " – "),
        lambda code: f"  {code[:3]} {code[3:]}\n",
        lambda code: code.replace("O", "0").replace("I", "1"),
    ],
)
def test_a_code_is_read_as_people_type_it(house, codes, typed):
    assert enter(house, "lawyer", typed(codes[0]))


def test_a_code_of_another_member_is_refused_and_stays(house, codes):
    refused(house, "deputy", codes[0])
    assert enter(house, "lawyer", codes[0])


def test_a_row_moved_to_another_member_is_worth_nothing(house, codes):
    deputy = house.actors["deputy"].id
    for row in rows(house, recovery_codes, member_id=house.actors["lawyer"].id):
        insert(house, recovery_codes, member_id=deputy, mac=row.mac)
    refused(house, "deputy", codes[0])


def test_a_code_typed_with_a_wrong_passphrase_is_not_used_up(house, codes):
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", "mistyped", codes[0])
    assert enter(house, "lawyer", codes[0])


def test_digits_and_recovery_codes_do_not_use_each_other_up(house, codes):
    assert enter(house, "lawyer", fresh_code(house.vault, "lawyer"))
    assert enter(house, "lawyer", codes[0])
    assert enter(house, "lawyer", fresh_code(house.vault, "lawyer"))
    assert factors.status(house.vault, house.actors["lawyer"].id).codes_left == 9


def test_without_an_authenticator_a_recovery_code_still_signs_in(house, codes):
    change(house, members, {"login": "lawyer"}, totp=None)
    assert enter(house, "lawyer", codes[0])


@pytest.mark.parametrize("typed", ["", "AAAAA", "AAAAA-AAAAAA", "AAAAA-AAAA8", "А" * 10, "\ud800"])
def test_what_is_no_code_has_the_mac_of_nothing(typed):
    assert recovery.mac_of(KEY, ID, typed) == recovery.mac_of(KEY, ID, "")


def test_macs_differ_by_key_member_and_code():
    macs = {
        recovery.mac_of(key, member, code)
        for key in (KEY, bytes(32))
        for member in (ID, "b" * 32)
        for code in ("AAAAA-AAAAA", "AAAAA-AAAAB")
    }
    assert len(macs) == 8


def test_only_macs_are_stored(house, codes):
    stored = {row.mac for row in rows(house, recovery_codes, member_id=house.actors["lawyer"].id)}
    key = house.vault.agent.subkey("recovery-codes")
    expected = {recovery.mac_of(key, house.actors["lawyer"].id, code) for code in codes}
    assert stored == expected
