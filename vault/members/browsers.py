"""Known browsers: a token that says that a member has signed in here before, to nobody but us.

It opens nothing and replaces nothing; it only gives this browser a lane of its own for guesses.
Every token is as long as every other and says nothing without the vault key. Its life ends with the
setting, and with everything that ends the member's sessions: a new passphrase, "end sessions", a
reset. Format: docs/spec/factor.md.
"""

from __future__ import annotations

import struct
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


def remember(vault: Vault, actor: Actor) -> str:
    """Return a token for the browser in which `actor` is signed in now."""
    member = bytes.fromhex(actor.id)
    held = _HELD.pack(suite.random(_ID_SIZE), member, actor.generation, clock.now())
    return canonical.b64(suite.aead_seal(vault.agent.subkey(LABEL), held, _CONTEXT))


def lane_of(vault: Vault, row: Any | None, token: str) -> Lane:
    """Return the lane in which a browser's guesses for a login count.

    Args:
        vault: the vault.
        row: the row of whoever has the login, or None.
        token: what the browser brought, if anything.
    """
    browser = _open(vault, token)
    if row is None or browser is None:
        return lanes.of_strangers(row)
    browser_id, member, generation, made = browser
    age = clock.now() - made
    if (
        member.hex() != row.id
        or generation != row.session_generation
        or not 0 <= age < vault.settings.staff.browser_known
    ):
        return lanes.of_strangers(row)
    return lanes.of_browser(browser_id)


def _open(vault: Vault, token: str) -> tuple[bytes, bytes, int, int] | None:
    if len(token) != SIZE:
        return None
    try:
        sealed = canonical.unb64(token)
        held = suite.aead_open(vault.agent.subkey(LABEL), sealed, _CONTEXT)
    except (FormatError, SealError):
        return None
    browser_id, member, generation, made = _HELD.unpack(held)
    return browser_id, member, generation, made
