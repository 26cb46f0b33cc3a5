"""Signing in with login, passphrase and a code.

The code is checked first, because that is cheap: only a right one lets the passphrase reach the one
bounded Argon2 process, and only one passphrase of a member at a time in each lane. An unknown login
costs the same work and gives the same answer as a wrong passphrase or code, and as a code that came
when its lane had no guess left. See decisions 0015 and 0020.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from vault import clock
from vault.crypto import suite
from vault.crypto.keyfile import open_keyfile
from vault.crypto.passphrase import SALT_SIZE
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import BusyError, RefusedError, SignInError, WrongPassphraseError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.members import browsers, factors, lanes, offer
from vault.members.actor import Actor, rostered
from vault.members.enrol import PURPOSE, fold_login
from vault.members.factors import Proof
from vault.members.lanes import Lane
from vault.members.passkeys import Answer
from vault.roster.model import RosterMember
from vault.storage.tables.people import members

REFUSED = "signin.refused"


def sign_in(
    vault: Vault, login: str, passphrase: str, code: str | Answer, browser: str = ""
) -> Actor:
    """Return the member, their keys unwrapped; writes the entry first, which uses the code up.

    Args:
        vault: the vault.
        login: as typed.
        passphrase: as typed.
        code: as typed, or what a passkey answered.
        browser: the token of a known browser, if it brought one.

    Raises:
        SignInError: login, passphrase or code is wrong, the code was used before, the member has
            ended, or too many wrong ones came before.
        RefusedError: all are right, but the roster does not know this member yet.
        BusyError: too many are signing in; try again.
        LockedError: the vault is locked.
    """
    row = _row(vault, fold_login(login))
    lane = browsers.lane_of(vault, row, browser)
    proof = check_code(vault, row, code, lane)
    if row is None:
        _pretend(vault, login, passphrase)
        raise refused(vault, None)
    secrets = open_keys(vault, row, passphrase, lane, proof)
    member = _rostered(vault, row, secrets)
    with vault.journal.transaction() as transaction:
        spend(vault, transaction, row.id, proof)
        generation = transaction.connection.execute(
            select(members.c.session_generation).where(members.c.id == row.id)
        ).scalar_one()
        transaction.log("signin", row.id, {}, _detail(proof))
    return Actor(
        row.id,
        row.name,
        row.login,
        member.held(clock.moment()),
        SigningKey(secrets["signing"]),
        OpeningKey(secrets["opening"]),
        generation,
    )


def sign_out(vault: Vault, actor: Actor) -> None:
    """Write that a member signed out; the session itself is ended by whoever holds it."""
    with vault.journal.transaction() as transaction:
        transaction.log("signout", actor.id)


def check_code(vault: Vault, row: Any | None, code: str | Answer, lane: Lane) -> Proof:
    """Return what a code proves.

    The guess is taken out of the lane before the code is looked at, so that many at once get no
    more of them; and the code is looked at in any case, so that both answers take the same time.

    Raises:
        SignInError: nothing; or it are digits, and the lane has no guess left.
    """
    may_guess = isinstance(code, str) and lanes.take_code(vault, lane)
    proof = factors.check(vault, row, code)
    if proof is None or (proof.guessable and not may_guess):
        raise refused(vault, row and row.id)
    if may_guess:
        lanes.give_code_back(vault, lane)
    if proof.passkey is not None and proof.passkey.after.stopped:
        _stop(vault, row, proof)
        raise refused(vault, row and row.id)
    return proof


def _stop(vault: Vault, row: Any, proof: Proof) -> None:
    """Let a passkey that somebody may hold a copy of count no more, and say so in the log."""
    with vault.journal.transaction() as transaction:
        if factors.spend(vault, transaction.connection, row.id, proof):
            detail = {"factor": "passkey_stopped"}
            transaction.log("factor.changed", SYSTEM, {"member": row.id}, detail)


def open_keys(
    vault: Vault, row: Any, passphrase: str, lane: Lane, proof: Proof | None
) -> dict[str, bytes]:
    """Return the secrets of a member's key file; only after their code was right.

    Raises:
        SignInError: not their passphrase, or too many wrong ones came with such a code.
        BusyError: too many passphrases are being derived, or one of this slot.
    """
    slot = f"{lane.name}/{proof.kind if proof else factors.NONE}"
    if not lanes.take_passphrase(vault, slot):
        raise refused(vault, row.id)
    try:
        with _ONE_EACH.of(slot):
            secrets = open_keyfile(
                row.key_file,
                purpose=PURPOSE,
                owner=row.id,
                derive=lambda salt, parameters: vault.kdf.derive(passphrase, salt, parameters),
            )
    except WrongPassphraseError:
        raise refused(vault, row.id) from None
    except BusyError:
        lanes.give_passphrase_back(vault, slot)
        raise
    lanes.give_passphrase_back(vault, slot)
    return secrets


def spend(vault: Vault, transaction: Transaction, member_id: str, proof: Proof) -> None:
    """Use a code up inside the transaction of what it was for.

    Raises:
        SignInError: somebody used it meanwhile.
    """
    if proof.passkey is not None:
        offer.end(vault, proof.passkey.challenge)
    if not factors.spend(vault, transaction.connection, member_id, proof):
        raise refused(vault, member_id)


def refused(vault: Vault, member_id: str | None) -> SignInError:
    """Count a refusal; return the one error for all of them."""
    vault.journal.count_refusal(REFUSED, member_id)
    return SignInError()


class _OneEach:
    """Lets one passphrase of each slot through at a time.

    Who has one right code, and nothing else, would otherwise fill the queue that all share. A slot
    is a lane and a kind of factor: whoever has a member's phone is not in the way of that member's
    own browser, recovery codes and passkeys.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._inside: set[str] = set()

    @contextmanager
    def of(self, slot: str) -> Iterator[None]:
        with self._mutex:
            if slot in self._inside:
                raise BusyError("one passphrase at a time")
            self._inside.add(slot)
        try:
            yield
        finally:
            with self._mutex:
                self._inside.discard(slot)


_ONE_EACH = _OneEach()


def _row(vault: Vault, login: str) -> Any:
    with vault.database.read() as connection:
        query = select(members).where(members.c.login == login, members.c.ended_day.is_(None))
        return connection.execute(query).one_or_none()


def _detail(proof: Proof) -> dict[str, str]:
    return {} if proof.kind == factors.DIGITS else {"factor": proof.kind}


def _pretend(vault: Vault, login: str, passphrase: str) -> None:
    """Do the work of a real attempt for a login that nobody has, whose code was guessed."""
    salt = suite.sha256(fold_login(login).encode())[:SALT_SIZE]
    vault.kdf.derive(passphrase, salt, vault.passphrase_parameters)


def _rostered(vault: Vault, row: Any, secrets: dict[str, bytes]) -> RosterMember:
    member = rostered(vault, row.id)
    if member is None:
        vault.journal.count_refusal(REFUSED, row.id)
        raise RefusedError("waits for confirmation")
    public = (SigningKey(secrets["signing"]).public, OpeningKey(secrets["opening"]).public)
    if (member.signing, member.opening) != public:
        raise refused(vault, row.id)
    return member
