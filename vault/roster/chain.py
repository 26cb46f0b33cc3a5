"""The chain of signed rosters: from the pinned root key to the version that may be sealed to.

A chain file is one signed roster for each line (canonical JSON holds no line break), oldest first.
Every version names the hash of the one before, so a missing link shows; the reader remembers the
highest version it has seen, so an old chain does not pass for the current one.

Signatures are a list, because a later version of the rules counts two members' in place of the
root's. This reader counts the root's only. See docs/spec/roster.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vault import canonical
from vault.crypto import sign
from vault.errors import FormatError, RosterError, RosterExpiredError, WitnessVaultError
from vault.roster.model import FORMAT, Roster

SIGNED_FORMAT = "witness-vault/signed-roster/v1"
ROOT = "root"
MAX_LINE = 2_000_000

_FIELDS = frozenset({"format", "roster", "signatures"})


@dataclass(frozen=True)
class Pin:
    """What a reader remembers: the root key, and the highest version seen with its hash."""

    root: bytes
    version: int = 0
    hash: bytes = b""


def sign_roster(roster: Roster, root_key: sign.SigningKey) -> bytes:
    """Return the roster signed by the root key, as one line of the chain (no line break)."""
    signature = root_key.sign(FORMAT, roster.encode())
    return canonical.dumps(
        {
            "format": SIGNED_FORMAT,
            "roster": roster.to_json(),
            "signatures": [{"by": ROOT, "signature": canonical.b64(signature)}],
        }
    )


def verify_chain(lines: Iterable[bytes], pin: Pin) -> Roster:
    """Return the newest roster of a chain that holds together from its first version.

    Raises:
        RosterError: empty, a bad signature, a missing or foreign link, or older than the pin.
    """
    current: Roster | None = None
    at_pin: bytes | None = None
    for line in lines:
        current = _next(line, current, pin.root)
        if current.version == pin.version:
            at_pin = current.hash
    if current is None:
        raise RosterError("empty")
    if pin.version and at_pin != pin.hash:
        raise RosterError("older than, or another branch of, a version seen before")
    return current


def check_time(roster: Roster, moment: str) -> Roster:
    """Return `roster` if its time is not over at `moment`, else raise RosterExpiredError."""
    if roster.expires <= moment:
        raise RosterExpiredError(f"version {roster.version}")
    return roster


def _next(line: bytes, before: Roster | None, root: bytes) -> Roster:
    try:
        if len(line) > MAX_LINE:
            raise FormatError("line too long")
        signed = canonical.loads_object(line, _FIELDS)
        if signed["format"] != SIGNED_FORMAT:
            raise FormatError("not a signed roster")
        roster = Roster.from_json(signed["roster"])
        _check_signature(roster, signed["signatures"], root)
    except RosterError:
        raise
    except (WitnessVaultError, AttributeError, TypeError) as error:
        raise RosterError("a link of the chain does not verify") from error
    expected = (1, None) if before is None else (before.version + 1, before.hash)
    if (roster.version, roster.previous) != expected:
        raise RosterError(f"version {roster.version} does not follow")
    return roster


def _check_signature(roster: Roster, signatures: Any, root: bytes) -> None:
    if roster.root != root:
        raise RosterError("another root key")
    for item in signatures:
        if item.keys() == {"by", "signature"} and item["by"] == ROOT:
            sign.verify(root, FORMAT, roster.encode(), canonical.unb64(item["signature"], 64))
            return
    raise RosterError("not confirmed by the root key")
