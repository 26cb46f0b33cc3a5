"""Signing in with login and passphrase.

An unknown login costs the same derivation and gives the same answer as a wrong passphrase. Every
attempt passes through the one bounded Argon2 process, so a flood slows itself and nothing else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from vault.crypto import suite
from vault.crypto.keyfile import open_keyfile
from vault.crypto.passphrase import SALT_SIZE
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import RefusedError, SignInError, WrongPassphraseError
from vault.journal.vault import Vault
from vault.members.actor import Actor, rostered
from vault.members.enrol import PURPOSE, fold_login
from vault.storage.tables.people import members

REFUSED = "signin.refused"


def sign_in(vault: Vault, login: str, passphrase: str) -> Actor:
    """Return the member, their keys unwrapped; writes the entry first.

    Raises:
        SignInError: login or passphrase is wrong, or the member has ended.
        RefusedError: they are right, but the roster does not know this member yet.
        BusyError: too many are signing in; try again.
        LockedError: the vault is locked.
    """
    row = _row(vault, fold_login(login))
    if row is None:
        _pretend(vault, login, passphrase)
        vault.journal.count_refusal(REFUSED)
        raise SignInError
    try:
        secrets = open_keyfile(
            row.key_file,
            purpose=PURPOSE,
            owner=row.id,
            derive=lambda salt, parameters: vault.kdf.derive(passphrase, salt, parameters),
        )
    except WrongPassphraseError as error:
        vault.journal.count_refusal(REFUSED, row.id)
        raise SignInError from error
    actor = _actor(vault, row, secrets)
    with vault.journal.transaction() as transaction:
        transaction.log("signin", actor.id)
    return actor


def sign_out(vault: Vault, actor: Actor) -> None:
    """Write that a member signed out; the session itself is ended by whoever holds it."""
    with vault.journal.transaction() as transaction:
        transaction.log("signout", actor.id)


def _row(vault: Vault, login: str) -> Any:
    with vault.database.read() as connection:
        query = select(members).where(members.c.login == login, members.c.ended_day.is_(None))
        return connection.execute(query).one_or_none()


def _pretend(vault: Vault, login: str, passphrase: str) -> None:
    """Do the work of a real attempt for a login that nobody has."""
    salt = suite.sha256(fold_login(login).encode())[:SALT_SIZE]
    vault.kdf.derive(passphrase, salt, vault.passphrase_parameters)


def _actor(vault: Vault, row: Any, secrets: dict[str, bytes]) -> Actor:
    member = rostered(vault, row.id)
    if member is None:
        vault.journal.count_refusal(REFUSED, row.id)
        raise RefusedError("waits for confirmation")
    signing, opening = SigningKey(secrets["signing"]), OpeningKey(secrets["opening"])
    if (member.signing, member.opening) != (signing.public, opening.public):
        vault.journal.count_refusal(REFUSED, row.id)
        raise SignInError
    return Actor(row.id, row.name, row.login, member.roles, signing, opening)
