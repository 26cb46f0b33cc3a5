"""A new passphrase takes the present one and a code; sessions end, keys stay."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, rows
from tests.support.exported import exported
from tests.support.factor import code_of, fresh_code
from tests.support.house import passphrase_of, sign_in_as
from vault.agents.kdf import LocalKdf
from vault.errors import (
    EncodingError,
    InputError,
    RefusedError,
    SessionEndedError,
    SignInError,
    TooLongError,
    WeakPassphraseError,
)
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.members.changing import change_passphrase
from vault.storage.tables.people import members

RIGHT = passphrase_of("lawyer")
CHOSEN = "seven herons walk over the frozen lake"


@pytest.fixture
def lawyer(house):
    return house.actors["lawyer"]


def key_file(house, lawyer):
    (row,) = rows(house, members, id=lawyer.id)
    return row.key_file


def changed(house, lawyer, present=RIGHT, code=None, chosen=CHOSEN):
    code = fresh_code(house.vault, "lawyer") if code is None else code
    return change_passphrase(house.vault, lawyer, present, code, chosen)


def kinds(house):
    return [entry.kind for entry in house.vault.journal.read()]


def test_only_the_new_one_signs_in_and_the_keys_are_the_same(house, lawyer):
    changed(house, lawyer)
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer", RIGHT)
    again = sign_in_as(house.vault, "lawyer", CHOSEN)
    assert (again.signing.seed, again.opening.seed) == (lawyer.signing.seed, lawyer.opening.seed)


def test_the_old_key_file_is_overwritten(house, lawyer):
    before = key_file(house, lawyer)
    changed(house, lawyer)
    assert key_file(house, lawyer) != before
    assert len(rows(house, members, id=lawyer.id)) == 1
    with house.vault.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1


def test_every_other_session_ends_and_this_one_goes_on(house, lawyer):
    other = sign_in_as(house.vault, "lawyer")
    going_on = changed(house, lawyer)
    for ended in (lawyer, other):
        with pytest.raises(SessionEndedError):
            Actor.from_secret(house.vault, ended.to_secret())
    assert Actor.from_secret(house.vault, going_on.to_secret()).id == lawyer.id


def test_it_stands_in_the_log(house, lawyer):
    changed(house, lawyer)
    last = house.vault.journal.read()[-2:]
    assert [entry.kind for entry in last] == ["passphrase.changed", "sessions.ended"]
    assert {(entry.actor, entry.subject["member"]) for entry in last} == {(lawyer.id, lawyer.id)}
    assert CHOSEN not in repr(exported(house.vault.journal))


@pytest.mark.parametrize(
    "wrong", [{"present": "not this one at all"}, {"code": "000000"}, {"code": ""}]
)
def test_without_the_present_one_and_a_code_nothing_changes(house, lawyer, wrong):
    before, size = key_file(house, lawyer), kinds(house)
    with pytest.raises(SignInError):
        changed(house, lawyer, **wrong)
    assert key_file(house, lawyer) == before
    assert [kind for kind in kinds(house)[len(size) :] if kind != "signin.refused"] == []
    assert sign_in_as(house.vault, "lawyer")


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        ("short", WeakPassphraseError),
        ("password password", WeakPassphraseError),
        ("Lawyer lawyer Lawyer", WeakPassphraseError),
        (RIGHT, WeakPassphraseError),
        ("x" * 1025, TooLongError),
        ("lone surrogate \ud800", EncodingError),
    ],
)
def test_a_weak_new_one_is_refused_and_the_code_is_not_used_up(house, lawyer, chosen, error):
    before, code = key_file(house, lawyer), fresh_code(house.vault, "lawyer")
    with pytest.raises(error):
        changed(house, lawyer, code=code, chosen=chosen)
    assert key_file(house, lawyer) == before
    assert changed(house, lawyer, code=code)


def test_a_code_changes_one_passphrase_only(house, lawyer):
    code = fresh_code(house.vault, "lawyer")
    going_on = changed(house, lawyer, code=code)
    with pytest.raises(SignInError):
        changed(house, going_on, present=CHOSEN, code=code, chosen="an entirely different set")


def test_nothing_is_estimated_or_derived_for_whoever_has_no_code(house, lawyer, monkeypatch):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr("vault.members.estimate.check", never)
    monkeypatch.setattr(LocalKdf, "derive", never)
    with pytest.raises(SignInError):
        changed(house, lawyer, code="000000")


def test_a_change_from_elsewhere_meanwhile_stands(house, lawyer):
    (deputy,) = rows(house, members, id=house.actors["deputy"].id)

    class Meanwhile(LocalKdf):
        """Somebody is faster while the passphrase is derived."""

        times = 0

        def derive(self, *arguments):
            self.times += 1
            if self.times == 2:  # the new key file; the present one was opened before
                change(house, members, {"id": lawyer.id}, key_file=deputy.key_file)
            return super().derive(*arguments)

    vault = Vault(house.settings, house.vault.agent, Meanwhile())
    code = fresh_code(house.vault, "lawyer")
    with pytest.raises(RefusedError):
        change_passphrase(vault, lawyer, RIGHT, code, CHOSEN)
    vault.close()
    assert key_file(house, lawyer) == deputy.key_file
    assert "passphrase.changed" not in kinds(house)


def test_a_weak_one_is_an_input_error_for_every_page():
    assert issubclass(WeakPassphraseError, InputError)


def test_the_code_is_used_up_by_the_change(house, lawyer):
    code = fresh_code(house.vault, "lawyer")
    changed(house, lawyer, code=code)
    with pytest.raises(SignInError):
        sign_in_as_with(house, code)


def sign_in_as_with(house, code):
    from vault.members.signin import sign_in

    assert code == code_of("lawyer")
    return sign_in(house.vault, "lawyer", CHOSEN, code)
