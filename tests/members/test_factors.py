"""Codes of authenticators: once, in their time, for their member, whoever writes the database."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.attacks import change, rows
from tests.support.factor import code_of, fresh_code, secret_of, time_passes
from tests.support.house import passphrase_of, sign_in_as
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.crypto.suite import aead_seal
from vault.errors import SealError, SignInError
from vault.journal.vault import Vault
from vault.members import signin, totp
from vault.members.signin import sign_in
from vault.storage.tables.people import members


def test_a_code_works_once_within_its_step_and_not_after(house, monkeypatch):
    code = fresh_code(house.vault, "lawyer")
    sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)
    now = clock.now()
    for later in (0, 10, 30, 60, 3600):
        monkeypatch.setattr("vault.clock.now", lambda moment=now + later: moment)
        with pytest.raises(SignInError):
            sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)


def test_an_earlier_code_counts_no_more_once_a_later_one_was_used(house):
    step = totp.step_now()
    earlier, later = (totp.code_at(secret_of("lawyer"), s) for s in (step, step + 1))
    time_passes(house.vault, "lawyer")
    sign_in(house.vault, "lawyer", passphrase_of("lawyer"), later)
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"), earlier)


def test_a_code_typed_with_a_wrong_passphrase_is_not_used_up(house):
    code = fresh_code(house.vault, "lawyer")
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", "mistyped", code)
    assert sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)


def test_of_two_sign_ins_with_one_code_one_wins(house):
    both = threading.Barrier(2, timeout=20)

    class Meeting(LocalKdf):
        def derive(self, *arguments):
            both.wait()
            return super().derive(*arguments)

    code = fresh_code(house.vault, "lawyer")

    def attempt(_):
        vault = Vault(house.settings, house.vault.agent, Meeting())
        try:
            sign_in(vault, "lawyer", passphrase_of("lawyer"), code)
        except SignInError:
            vault.journal.write_refusals()
            return "refused"
        finally:
            vault.close()
        return "in"

    # As in two processes, each of which lets one passphrase of a member through.
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(signin._ONE_EACH, "of", lambda _: contextlib.nullcontext())
        assert sorted(pool.map(attempt, range(2))) == ["in", "refused"]
    assert [e.kind for e in house.vault.journal.read()].count("signin.refused") == 1


def test_a_secret_moved_to_another_member_does_not_open(house):
    lawyer, deputy = house.actors["lawyer"].id, house.actors["deputy"].id
    (row,) = rows(house, members, id=deputy)
    change(house, members, {"id": lawyer}, totp=row.totp)
    for code in (code_of("deputy"), code_of("lawyer")):
        with pytest.raises(SealError):
            sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)
    assert sign_in_as(house.vault, "deputy")


def test_a_secret_sealed_under_another_key_does_not_open(house):
    lawyer = house.actors["lawyer"].id
    forged = aead_seal(bytes(32), bytes(20), f"witness-vault/totp/v1/{lawyer}".encode())
    change(house, members, {"id": lawyer}, totp=forged)
    with pytest.raises(SealError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"), "000000")


def test_without_an_authenticator_no_digits_are_right(house, monkeypatch):
    change(house, members, {"login": "lawyer"}, totp=None, totp_step=0)
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code_of("lawyer"))
