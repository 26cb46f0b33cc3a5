"""The second factor of people in tests: one place makes secrets and codes.

A code works once and the next one comes after thirty seconds. Tests that sign in more often than
that say so here: `time_passes` puts back which step was used, as if half a minute had gone by for
that rule alone. The rule itself has its own tests, in tests/members.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from vault.crypto.suite import sha256
from vault.members import totp
from vault.members.factors import Pairing
from vault.storage.tables.people import members


def secret_of(login: str) -> bytes:
    """Return what the authenticator app of somebody in a test vault holds."""
    return sha256(f"authenticator of {login}".encode())[: totp.SECRET_SIZE]


def code_of(login: str) -> str:
    """Return the six digits that their app shows now."""
    return totp.code_at(secret_of(login), totp.step_now())


def pairing_of(login: str) -> Pairing:
    return Pairing(secret_of(login), code_of(login))


def time_passes(vault, login: str) -> None:
    """Let the next code of a member be a new one."""
    with vault.database.write() as connection:
        connection.execute(members.update().filter_by(login=login).values(totp_step=0))


def fresh_code(vault, login: str) -> str:
    """Return digits that this member has not used yet."""
    time_passes(vault, login)
    return code_of(login)


@dataclass
class Authenticator:
    """An app for real servers, where time cannot be put back: gives each step's code once.

    The step before is accepted too, but may end while a code is being typed: so the step of now and
    the one after can be had at once; then it waits for the next.
    """

    secret: bytes = field(repr=False)
    used: int = field(default_factory=lambda: totp.step_now() - 1)  # what came before is not known

    def code(self) -> str:
        step = max(self.used + 1, totp.step_now())
        while step > totp.step_now() + totp.SKEW:
            time.sleep(0.2)
        self.used = step
        return totp.code_at(self.secret, step)
