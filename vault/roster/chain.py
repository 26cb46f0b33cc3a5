"""The chain of signed rosters: from the pinned root key to the version that may be sealed to.

A chain file is one signed roster for each line (canonical JSON holds no line break), oldest first.
Every version names the hash of the one before, so a missing link shows; the reader remembers the
highest version it has seen, so an old chain does not pass for the current one. Who has to sign what
stands in `signers`. See docs/spec/roster.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import sign
from vault.errors import FormatError, RosterError, RosterExpiredError, WitnessVaultError
from vault.roster import signers
from vault.roster.model import FORMAT, Known, Roster
from vault.roster.signers import ROOT

SIGNED_FORMAT = "witness-vault/signed-roster/v1"
MAX_LINE = 2_000_000
MAX_SIGNATURES = 2

_FIELDS = frozenset({"format", "roster", "signatures"})
_SIGNATURE_FIELDS = frozenset({"by", "signature"})


@dataclass(frozen=True)
class Pin:
    """What a reader remembers: the root key, and the highest version seen with its hash."""

    root: bytes
    version: int = 0
    hash: bytes = b""


@dataclass(frozen=True)
class Signed:
    """One line of the chain, parsed and not yet verified.

    Attributes:
        roster: the document.
        signatures: who signed, with what, in order.
    """

    roster: Roster
    signatures: tuple[tuple[str, bytes], ...]
    _raw: Any = field(repr=False)

    @property
    def by(self) -> tuple[str, ...]:
        """Who signed, in order."""
        return tuple(by for by, _ in self.signatures)

    @classmethod
    def parse(cls, line: bytes, known: Mapping[str, Known] | None = None) -> Signed:
        """Parse strictly; raises FormatError or UnknownVersionError."""
        if len(line) > MAX_LINE:
            raise FormatError("line too long")
        value = canonical.loads_object(line, _FIELDS)
        if value["format"] != SIGNED_FORMAT:
            raise FormatError("not a signed roster")
        roster = Roster.from_json(value["roster"], known)
        return cls(roster, _signatures(value["signatures"]), value["roster"])

    def encode(self) -> bytes:
        """Return the line, without a line break."""
        signatures = [{"by": by, "signature": canonical.b64(made)} for by, made in self.signatures]
        return canonical.dumps(
            {"format": SIGNED_FORMAT, "roster": self.roster.to_json(), "signatures": signatures}
        )

    def known(self) -> Mapping[str, Known]:
        """Return its members for parsing the next line."""
        return self.roster.known(self._raw)


@dataclass(frozen=True)
class Link:
    """A verified version, and whether the chain up to it ever held who signs by two."""

    roster: Roster
    founded: bool


def sign_roster(roster: Roster, key: sign.SigningKey, by: str = ROOT) -> bytes:
    """Return the roster as one line of the chain (no line break), signed by root or member."""
    made = ((by, key.sign(FORMAT, roster.encode())),)
    return Signed(roster, made, None).encode()


def add_signature(line: bytes, by: str, key: sign.SigningKey) -> bytes:
    """Return a line with one more signature.

    Raises:
        FormatError: no line of a chain.
    """
    signed = Signed.parse(line)
    made = (by, key.sign(FORMAT, signed.roster.encode()))
    return Signed(signed.roster, (*signed.signatures, made), None).encode()


def verify_chain(lines: Iterable[bytes], pin: Pin) -> Roster:
    """Return the newest roster of a chain that holds together from its first version.

    Raises:
        RosterError: as `verify_history`.
    """
    return verify_history(lines, pin)[-1]


def verify_history(lines: Iterable[bytes], pin: Pin) -> list[Roster]:
    """Return all rosters of a chain that holds together from its first version, oldest first.

    Raises:
        RosterError: empty, a bad signature, a change that its signers may not make, a missing or
            foreign link, or older than the pin.
    """
    history: list[Roster] = []
    link, known = None, None
    for line in lines:
        signed = _parsed(line, known)
        link, known = follow(signed, link, pin.root), signed.known()
        history.append(link.roster)
    if not history:
        raise RosterError("empty")
    if pin.version and all((r.version, r.hash) != (pin.version, pin.hash) for r in history):
        raise RosterError("older than, or another branch of, a version seen before")
    return history


def follow(signed: Signed, before: Link | None, root: bytes) -> Link:
    """Return the next link of a chain.

    Args:
        signed: the next line.
        before: the link before it; None for the first.
        root: the pinned root key.

    Raises:
        RosterError: it does not follow, or its signers may not make this change.
    """
    roster = signed.roster
    if roster.root != root:
        raise RosterError("another root key")
    expected = (1, None) if before is None else (before.roster.version + 1, before.roster.hash)
    if (roster.version, roster.previous) != expected:
        raise RosterError(f"version {roster.version} does not follow")
    founded = before is not None and before.founded
    if before is None:
        signers.check_first(roster, signed.by)
    else:
        change = signers.compare(before.roster, roster, founded=founded)
        signers.check_signers(before.roster, roster, change, signed.by, founded=founded)
    _check_signatures(signed, before, root)
    return Link(roster, founded or signers.is_founded(roster))


def check_time(roster: Roster, moment: str) -> Roster:
    """Return `roster` if its time is not over at `moment`, else raise RosterExpiredError."""
    if roster.expires <= moment:
        raise RosterExpiredError(f"version {roster.version}")
    return roster


def _parsed(line: bytes, known: Mapping[str, Known] | None) -> Signed:
    try:
        return Signed.parse(line, known)
    except WitnessVaultError as error:
        raise RosterError("a link of the chain cannot be read") from error


def _signatures(value: Any) -> tuple[tuple[str, bytes], ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_SIGNATURES:
        raise FormatError("one or two signatures")
    return tuple(_signature(item) for item in value)


def _signature(value: Any) -> tuple[str, bytes]:
    if not isinstance(value, dict) or value.keys() != _SIGNATURE_FIELDS:
        raise FormatError("a signature")
    if not isinstance(value["by"], str):
        raise FormatError("a signer")
    return value["by"], canonical.unb64(value["signature"], sign.SIGNATURE_SIZE)


def _check_signatures(signed: Signed, before: Link | None, root: bytes) -> None:
    members = () if before is None else before.roster.members
    keys = {member.id: member.signing for member in members} | {ROOT: root}
    message = signed.roster.encode()
    for by, made in signed.signatures:
        try:
            sign.verify(keys[by], FORMAT, message, made)
        except WitnessVaultError as error:
            raise RosterError("a signature does not verify") from error
