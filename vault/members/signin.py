"""Signing in with login, passphrase and a code.

The code is checked first, because that is cheap: only a right one lets the passphrase reach the one
bounded Argon2 process, and only one passphrase of a member at a time. An unknown login costs the
same work and gives the same answer as a wrong passphrase or code. See decision 0015.
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
from vault.journal.journal import Transaction
from vault.journal.vault import Vault
from vault.members import factors
from vault.members.actor import Actor, rostered
from vault.members.enrol import PURPOSE, fold_login
from vault.members.factors import Proof
from vault.roster.model import RosterMember
from vault.storage.tables.people import members

REFUSED = "signin.refused"
WITH_RECOVERY_CODE = {"factor": "recovery_code"}


def sign_in(vault: Vault, login: str, passphrase: str, code: str) -> Actor:
    """Return the member, their keys unwrapped; writes the entry first, which uses the code up.

    Raises:
        SignInError: login, passphrase or code is wrong, the code was used before, or the member
            has ended.
        RefusedError: all are right, but the roster does not know this member yet.
        BusyError: too many are signing in; try again.
        LockedError: the vault is locked.
    """
    row = _row(vault, fold_login(login))
    proof = check_code(vault, row, code)
    if row is None:
        _pretend(vault, login, passphrase)
        raise refused(vault, None)
    secrets = open_keys(vault, row, passphrase)
    member = _rostered(vault, row, secrets)
    with vault.journal.transaction() as transaction:
        spend(vault, transaction, row.id, proof)
        generation = transaction.connection.execute(
            select(members.c.session_generation).where(members.c.id == row.id)
        ).scalar_one()
        transaction.log("signin", row.id, {}, WITH_RECOVERY_CODE if proof.mac else {})
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


def check_code(vault: Vault, row: Any | None, code: str) -> Proof:
    """Return what a code proves.

    Raises:
        SignInError: nothing.
    """
    proof = factors.check(vault, row, code)
    if proof is None:
        raise refused(vault, row and row.id)
    return proof


def open_keys(vault: Vault, row: Any, passphrase: str) -> dict[str, bytes]:
    """Return the secrets of a member's key file; only after their code was right.

    Raises:
        SignInError: not their passphrase.
        BusyError: too many passphrases are being derived, or one of this member.
    """
    try:
        with _ONE_EACH.of(row.id):
            return open_keyfile(
                row.key_file,
                purpose=PURPOSE,
                owner=row.id,
                derive=lambda salt, parameters: vault.kdf.derive(passphrase, salt, parameters),
            )
    except WrongPassphraseError:
        raise refused(vault, row.id) from None


def spend(vault: Vault, transaction: Transaction, member_id: str, proof: Proof) -> None:
    """Use a code up inside the transaction of what it was for.

    Raises:
        SignInError: somebody used it meanwhile.
    """
    if not factors.spend(transaction.connection, member_id, proof):
        raise refused(vault, member_id)


def refused(vault: Vault, member_id: str | None) -> SignInError:
    """Count a refusal; return the one error for all of them."""
    vault.journal.count_refusal(REFUSED, member_id)
    return SignInError()


class _OneEach:
    """Lets one passphrase of each member through at a time.

    Who has one right code, and nothing else, would otherwise fill the queue that all share.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._inside: set[str] = set()

    @contextmanager
    def of(self, member_id: str) -> Iterator[None]:
        with self._mutex:
            if member_id in self._inside:
                raise BusyError("one passphrase at a time")
            self._inside.add(member_id)
        try:
            yield
        finally:
            with self._mutex:
                self._inside.discard(member_id)


_ONE_EACH = _OneEach()


def _row(vault: Vault, login: str) -> Any:
    with vault.database.read() as connection:
        query = select(members).where(members.c.login == login, members.c.ended_day.is_(None))
        return connection.execute(query).one_or_none()


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
