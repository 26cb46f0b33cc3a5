"""The roster document `witness-vault/roster/v1`: who may be sealed to. No names, only keys.

Times are RFC 3339 moments in UTC (`2026-11-22T10:15:00Z`); being of one fixed form they compare
as strings. See docs/spec/roster.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from vault import canonical
from vault.crypto import seal, suite
from vault.errors import FormatError, UnknownVersionError

FORMAT = "witness-vault/roster/v1"
RECOVERY = "recovery"
ROLES = frozenset(
    {
        "intake_officer",
        "lawyer",
        "doctor",
        "interpreter",
        "analyst",
        "auditor",
        "administrator",
        "trustee",
    }
)
GENDERS = frozenset({"female", "male"})
MAX_MEMBERS = 500

_ID = re.compile(r"[0-9a-f]{32}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_FIELDS = frozenset(
    "format version previous issued expires root recovery collector ledger members".split()
)
_MEMBER_FIELDS = frozenset("id roles signing opening valid_from valid_to reader_gender".split())


@dataclass(frozen=True)
class RosterMember:
    """One member as the roster knows them.

    Args:
        id: 16 random bytes, hex.
        roles: names from ROLES.
        signing: Ed25519 public key, 32 bytes.
        opening: X-Wing public key, 1,216 bytes.
        valid_from: may be sealed to from this moment.
        valid_to: no longer after this moment; None while they stay.
        reader_gender: for witnesses who wish for a reader of one gender; None when not stated.
    """

    id: str
    roles: frozenset[str]
    signing: bytes
    opening: bytes
    valid_from: str
    valid_to: str | None = None
    reader_gender: str | None = None

    def active(self, moment: str) -> bool:
        """Return whether this member may be sealed to at `moment`."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)

    @property
    def fingerprint(self) -> str:
        """Return what two people compare aloud: eight groups of four hex digits."""
        digest = suite.sha256(self.signing + self.opening)[:16].hex()
        return " ".join(digest[i : i + 4] for i in range(0, 32, 4))

    def to_json(self) -> dict[str, Any]:
        """Return the member as it stands in the document."""
        return {
            "id": self.id,
            "roles": sorted(self.roles),
            "signing": canonical.b64(self.signing),
            "opening": canonical.b64(self.opening),
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "reader_gender": self.reader_gender,
        }

    @classmethod
    def from_json(cls, value: Any) -> RosterMember:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _MEMBER_FIELDS:
            raise FormatError("roster member")
        roles = value["roles"]
        if not isinstance(roles, list) or not all(_known(role, ROLES) for role in roles):
            raise FormatError("roster roles")
        if sorted(set(roles)) != roles:
            raise FormatError("roster roles are sorted, each once")
        if value["reader_gender"] is not None and not _known(value["reader_gender"], GENDERS):
            raise FormatError("roster gender")
        return cls(
            id=matching(_ID, value["id"]),
            roles=frozenset(roles),
            signing=canonical.unb64(value["signing"], 32),
            opening=seal.check_public(canonical.unb64(value["opening"], seal.PUBLIC_SIZE)),
            valid_from=matching(_MOMENT, value["valid_from"]),
            valid_to=None if value["valid_to"] is None else matching(_MOMENT, value["valid_to"]),
            reader_gender=value["reader_gender"],
        )


@dataclass(frozen=True)
class Roster:
    """One version of the list of members.

    Args:
        version: 1 for the first, then one more each time.
        previous: SHA-256 of the previous document; None for the first.
        issued: when it was signed.
        expires: intake closes after this moment.
        root: Ed25519 public key that confirms, 32 bytes; the same in every version.
        recovery: X-Wing public key of the recovery key.
        collector: X-Wing public key of the collector.
        ledger: verifier key of the ledger in the form of C2SP signed-note.
        members: sorted by id.
    """

    version: int
    previous: bytes | None
    issued: str
    expires: str
    root: bytes
    recovery: bytes
    collector: bytes
    ledger: str
    members: tuple[RosterMember, ...]

    def encode(self) -> bytes:
        """Return the document as canonical JSON."""
        return canonical.dumps(self.to_json())

    @property
    def hash(self) -> bytes:
        """Return SHA-256 of the document, 32 bytes."""
        return suite.sha256(self.encode())

    def to_json(self) -> dict[str, Any]:
        """Return the document as a JSON object."""
        return {
            "format": FORMAT,
            "version": self.version,
            "previous": None if self.previous is None else canonical.b64(self.previous),
            "issued": self.issued,
            "expires": self.expires,
            "root": canonical.b64(self.root),
            "recovery": canonical.b64(self.recovery),
            "collector": canonical.b64(self.collector),
            "ledger": self.ledger,
            "members": [member.to_json() for member in self.members],
        }

    @classmethod
    def from_json(cls, value: Any) -> Roster:
        """Parse strictly; raises FormatError or UnknownVersionError."""
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise UnknownVersionError("roster")
        if value.keys() != _FIELDS:
            raise FormatError("roster fields")
        version, ledger = value["version"], value["ledger"]
        if type(version) is not int or version < 1 or not isinstance(ledger, str):
            raise FormatError("roster version")
        previous = value["previous"]
        return cls(
            version=version,
            previous=None if previous is None else canonical.unb64(previous, 32),
            issued=matching(_MOMENT, value["issued"]),
            expires=matching(_MOMENT, value["expires"]),
            root=canonical.unb64(value["root"], 32),
            recovery=_public(value["recovery"]),
            collector=_public(value["collector"]),
            ledger=ledger,
            members=_members(value["members"]),
        )

    def member(self, member_id: str) -> RosterMember | None:
        """Return the member with this id, whether active or not."""
        return next((m for m in self.members if m.id == member_id), None)

    def holders(self, role: str, moment: str) -> tuple[RosterMember, ...]:
        """Return the members who hold `role` and may be sealed to at `moment`."""
        return tuple(m for m in self.members if role in m.roles and m.active(moment))


def matching(pattern: re.Pattern[str], value: Any) -> str:
    """Return `value` if it is a string of exactly this form, else raise FormatError."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("unexpected text")
    return value


def _known(value: Any, names: frozenset[str]) -> bool:
    return isinstance(value, str) and value in names


def _public(value: Any) -> bytes:
    return seal.check_public(canonical.unb64(value, seal.PUBLIC_SIZE))


def _members(value: Any) -> tuple[RosterMember, ...]:
    if not isinstance(value, list) or len(value) > MAX_MEMBERS:
        raise FormatError("roster members")
    members = tuple(RosterMember.from_json(item) for item in value)
    ids = [member.id for member in members]
    if sorted(set(ids)) != ids:
        raise FormatError("roster members are sorted by id, each once")
    return members
