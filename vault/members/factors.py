"""The second factor of members as it is stored: sealed secrets, recovery codes, what was used.

Checking a code is cheap and the same work for a login that nobody has. Formats:
docs/spec/factor.md; why the code comes before the passphrase: decision 0015.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Table, func, select

from vault.crypto import suite
from vault.errors import InputError, SealError
from vault.journal.vault import Vault
from vault.members import passkeys, recovery, totp
from vault.members.passkeys import Answer, Use
from vault.storage.tables import people
from vault.storage.tables.people import members, recovery_codes

TOTP_LABEL = "totp"
CODES_LABEL = "recovery-codes"

# Kinds of factors, as the log and the lanes name them; none: after a reset there was none left.
DIGITS, RECOVERY_CODE, PASSKEY, NONE = "digits", "recovery_code", "passkey", "none"

_CONTEXT = b"witness-vault/totp/v1/"
_NOBODY = ""


@dataclass(frozen=True)
class Proof:
    """What a right code is: a step of the app, a recovery code as stored, or a passkey."""

    step: int | None = None
    mac: bytes | None = field(default=None, repr=False)
    passkey: Use | None = None

    @property
    def kind(self) -> str:
        """Which factor it was, in one word."""
        if self.passkey is not None:
            return PASSKEY
        return DIGITS if self.mac is None else RECOVERY_CODE

    @property
    def guessable(self) -> bool:
        """Whether it could have been a guess that was lucky."""
        return self.kind == DIGITS


@dataclass(frozen=True)
class Pairing:
    """A new authenticator: the secret that was shown, and the digits that the app shows for it."""

    secret: bytes = field(repr=False)
    code: str = field(repr=False)

    def step(self) -> int:
        """Return the step of the digits.

        Raises:
            InputError: they do not belong to this secret now.
        """
        step = totp.matching_step(self.secret, self.code)
        if step is None:
            raise InputError("totp")
        return step


@dataclass(frozen=True)
class Status:
    """What a member has: an authenticator, how many recovery codes are left, how many passkeys."""

    authenticator: bool
    codes_left: int
    passkeys: int


def seal_secret(vault: Vault, member_id: str, secret: bytes) -> bytes:
    """Return an authenticator's secret as it is stored for one member."""
    return suite.aead_seal(vault.agent.subkey(TOTP_LABEL), secret, _context(member_id))


def check(vault: Vault, row: Any | None, typed: str | Answer) -> Proof | None:
    """Return what a code or a passkey's answer proves; None if it is no proof of this member now.

    Nothing is used up yet: `spend` does that in the transaction of what the code was for.

    Args:
        vault: the vault.
        row: the member's row; None for a login that nobody has, at the same cost.
        typed: six digits or a recovery code, as typed, or what a passkey answered.

    Raises:
        SealError: the stored secret was changed, or is another member's.
        LockedError, AgentError, BusyError, StorageError: nothing could be checked.
    """
    if isinstance(typed, Answer):
        use = passkeys.prove(vault, row.id if row else None, typed)
        return None if use is None else Proof(passkey=use)
    return _check_code(vault, row, typed)


def _check_code(vault: Vault, row: Any | None, typed: str) -> Proof | None:
    member_id = row.id if row else _NOBODY
    key = vault.agent.subkey(TOTP_LABEL)
    stored = row.totp if row else None
    if stored is None:
        # Nobody knows this one. It is sealed in order to be opened, as everybody's is.
        stored = suite.aead_seal(key, totp.new_secret(), _context(member_id))
    secret = suite.aead_open(key, stored, _context(member_id))
    if len(secret) != totp.SECRET_SIZE:
        raise SealError("not a secret of an authenticator")
    step = totp.matching_step(secret, typed, after=row.totp_step if row else 0)
    mac = recovery.mac_of(vault.agent.subkey(CODES_LABEL), member_id, typed)
    known = _has_code(vault, member_id, mac)
    if step is None and not known:
        return None
    return Proof(mac=mac) if known else Proof(step=step)


def spend(vault: Vault, connection: Connection, member_id: str, proof: Proof) -> bool:
    """Use a code up, inside a write transaction; false if another sign-in was faster."""
    if proof.passkey is not None:
        return passkeys.spend(vault, connection, member_id, proof.passkey)
    if proof.mac is not None:
        used = recovery_codes.delete().filter_by(member_id=member_id, mac=proof.mac)
        return bool(connection.execute(used).rowcount)
    moved = (
        members.update()
        .where(members.c.id == member_id, members.c.totp_step < proof.step)
        .values(totp_step=proof.step)
    )
    return bool(connection.execute(moved).rowcount)


def new_codes(vault: Vault, member_id: str, count: int = recovery.COUNT) -> dict[str, bytes]:
    """Return new recovery codes, each with what is to be stored of it."""
    key = vault.agent.subkey(CODES_LABEL)
    codes = [recovery.new_code() for _ in range(count)]
    return {code: recovery.mac_of(key, member_id, code) for code in codes}


def replace_codes(connection: Connection, member_id: str, macs: Iterable[bytes]) -> None:
    """Store these recovery codes of a member in place of all earlier ones."""
    connection.execute(recovery_codes.delete().filter_by(member_id=member_id))
    rows = [{"member_id": member_id, "mac": mac} for mac in macs]
    connection.execute(recovery_codes.insert(), rows)


def status(vault: Vault, member_id: str) -> Status:
    """Return what a member has."""
    codes_left, held = _count(recovery_codes), _count(people.passkeys)
    query = select(members.c.totp.is_not(None), codes_left, held).where(members.c.id == member_id)
    with vault.database.read() as connection:
        authenticator, codes, keys = connection.execute(query).one()
    return Status(bool(authenticator), codes, keys)


def _count(table: Table) -> ScalarSelect[int]:
    own = table.c.member_id == members.c.id
    return select(func.count()).select_from(table).where(own).scalar_subquery()


def _has_code(vault: Vault, member_id: str, mac: bytes) -> bool:
    query = select(recovery_codes.c.mac).filter_by(member_id=member_id, mac=mac)
    with vault.database.read() as connection:
        return connection.execute(query).first() is not None


def _context(member_id: str) -> bytes:
    return _CONTEXT + member_id.encode()
