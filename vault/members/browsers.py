"""Known browsers: a token that says that a member has signed in here before, to nobody but us.

It opens nothing and replaces nothing; it only gives this browser a lane of its own for guesses.
Every token is as long as every other and says nothing without the vault key. Its life ends with the
setting, and with everything that ends the member's sessions: a new passphrase, "end sessions", a
reset. Format: docs/spec/factor.md.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from vault import canonical, clock
from vault.crypto import suite
from vault.errors import FormatError, SealError
from vault.journal.vault import Vault
from vault.members import lanes
from vault.members.actor import Actor
from vault.members.lanes import Lane

LABEL = "known-browsers"
SIZE = 102  # characters of a token

_CONTEXT = b"witness-vault/known-browser/v1"
_ID_SIZE = 16
_HELD = struct.Struct(">16s16sQQ")  # id, member, generation of their sessions, seconds


@dataclass(frozen=True)
class Known:
    """What a token says.

    Attributes:
        id: of the browser, 16 random bytes.
        member: the member's id.
        generation: of the member's sessions when it was made.
        made: seconds since the epoch.
    """

    id: bytes = field(repr=False)
    member: str = field(repr=False)
    generation: int
    made: int

    def seal(self, key: bytes) -> str:
        """Return the token."""
        held = _HELD.pack(self.id, bytes.fromhex(self.member), self.generation, self.made)
        return canonical.b64(suite.aead_seal(key, held, _CONTEXT))

    @classmethod
    def open(cls, key: bytes, token: str) -> Known | None:
        """Return what a token says; None if it is none of ours."""
        if len(token) != SIZE:
            return None
        try:
            held = suite.aead_open(key, canonical.unb64(token), _CONTEXT)
        except (FormatError, SealError):
            return None
        browser_id, member, generation, made = _HELD.unpack(held)
        return cls(browser_id, member.hex(), generation, made)


def remember(vault: Vault, actor: Actor) -> str:
    """Return a token for the browser in which `actor` is signed in now."""
    known = Known(suite.random(_ID_SIZE), actor.id, actor.generation, clock.now())
    return known.seal(vault.agent.subkey(LABEL))


def lane_of(vault: Vault, row: Any | None, token: str) -> Lane:
    """Return the lane in which a browser's guesses for a login count.

    Args:
        vault: the vault.
        row: the row of whoever has the login, or None.
        token: what the browser brought, if anything.
    """
    known = Known.open(vault.agent.subkey(LABEL), token)
    if row is None or known is None:
        return lanes.of_strangers(row)
    own = (known.member, known.generation) == (row.id, row.session_generation)
    lives = 0 <= clock.now() - known.made < vault.settings.staff.browser_known
    return lanes.of_browser(known.id) if own and lives else lanes.of_strangers(row)
