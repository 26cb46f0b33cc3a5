"""The roster document `witness-vault/roster/v1`: who may be sealed to. No names, only keys.

Times are RFC 3339 moments in UTC (`2026-11-22T10:15:00Z`); being of one fixed form they compare
as strings. See docs/spec/roster.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from vault import canonical
from vault.crypto import seal, suite
from vault.errors import FormatError, UnknownVersionError
from vault.roster.roles import ROLES

FORMAT = "witness-vault/roster/v1"
RECOVERY = "recovery"
GENDERS = frozenset({"female", "male"})
MAX_MEMBERS = 500
MAX_TERMS = 64
MAX_DELAY = 604_800
MAX_LIFETIME = 63_072_000

_ID = re.compile(r"[0-9a-f]{32}")
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_FIELDS = frozenset(
    "format version previous issued expires delay root recovery collector ledger members".split()
)
_OPTIONAL = frozenset({"terms", "replaces"})
_MEMBER_FIELDS = frozenset("id roles signing opening valid_from valid_to reader_gender".split())
_TERM_FIELDS = frozenset({"role", "valid_from", "valid_to"})


@dataclass(frozen=True)
class Term:
    """A time in which a member holds one role; open while `valid_to` is None."""

    role: str
    valid_from: str
    valid_to: str | None = None

    def covers(self, moment: str) -> bool:
        """Return whether `moment` lies in it."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)

    def to_json(self) -> dict[str, Any]:
        """Return the term as it stands in the document."""
        return {"role": self.role, "valid_from": self.valid_from, "valid_to": self.valid_to}

    @classmethod
    def from_json(cls, value: Any) -> Term:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _TERM_FIELDS:
            raise FormatError("roster term")
        if not _known(value["role"], ROLES):
            raise FormatError("roster roles")
        begin, end = matching(_MOMENT, value["valid_from"]), value["valid_to"]
        if end is not None and matching(_MOMENT, end) < begin:
            raise FormatError("a term ends before it begins")
        return cls(value["role"], begin, end)


@dataclass(frozen=True)
class RosterMember:
    """One member as the roster knows them.

    Args:
        id: 16 random bytes, hex.
        roles: names from ROLES, those that were announced and have not begun included.
        signing: Ed25519 public key, 32 bytes.
        opening: X-Wing public key, 1,216 bytes.
        valid_from: may be sealed to from this moment.
        valid_to: no longer after this moment; None while they stay.
        reader_gender: for witnesses who wish for a reader of one gender; None when not stated.
        terms: times of roles that are not the member's own: added later, or held no more.
        replaces: id of the ended membership whose person this is, with new keys; None else.
    """

    id: str
    roles: frozenset[str]
    signing: bytes
    opening: bytes
    valid_from: str
    valid_to: str | None = None
    reader_gender: str | None = None
    terms: tuple[Term, ...] = ()
    replaces: str | None = None

    @property
    def ever(self) -> frozenset[str]:
        """Return the roles they have or had: what they signed in one of them stays signed."""
        return self.roles | {term.role for term in self.terms}

    def times(self, role: str) -> tuple[Term, ...]:
        """Return when they hold or held a role; their own time bounds all of it."""
        stated = tuple(term for term in self.terms if term.role == role)
        own = Term(role, self.valid_from, self.valid_to)
        return stated or ((own,) if role in self.roles else ())

    def holds(self, role: str, moment: str) -> bool:
        """Return whether this member may be sealed to in `role` at `moment`."""
        return self.active(moment) and any(term.covers(moment) for term in self.times(role))

    def is_over(self, role: str, moment: str) -> bool:
        """Return whether they held `role` and will not again: every time of it has ended."""
        ends = [self.valid_to or term.valid_to for term in self.times(role)]
        return bool(ends) and all(end is not None and end <= moment for end in ends)

    def held(self, moment: str) -> frozenset[str]:
        """Return the roles held at `moment`: none that has not begun, none that is over."""
        return frozenset(role for role in self.roles if self.holds(role, moment))

    def active(self, moment: str) -> bool:
        """Return whether this member may be sealed to at `moment`."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)

    @property
    def fingerprint(self) -> str:
        """Return what two people compare aloud: eight groups of four hex digits."""
        return suite.fingerprint(self.signing + self.opening)

    @property
    def agreed(self) -> str:
        """Return in one line what people agree to: roles, fingerprint, whom they replace."""
        return " ".join((*sorted(self.roles), self.fingerprint, self.replaces or ""))

    def to_json(self) -> dict[str, Any]:
        """Return the member as it stands in the document."""
        # What is empty is left out: of one roster there is one spelling.
        terms = {"terms": [term.to_json() for term in self.terms]} if self.terms else {}
        replaces = {} if self.replaces is None else {"replaces": self.replaces}
        return {
            **terms,
            **replaces,
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
        if not isinstance(value, dict) or value.keys() - _OPTIONAL != _MEMBER_FIELDS:
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
            terms=_terms(value["terms"], roles) if "terms" in value else (),
            replaces=matching(_ID, value["replaces"]) if "replaces" in value else None,
        )


Known = tuple[Any, RosterMember]
"""A member as in the document, and parsed."""


@dataclass(frozen=True)
class Roster:
    """One version of the list of members.

    Args:
        version: 1 for the first, then one more each time.
        previous: SHA-256 of the previous document; None for the first.
        issued: when it was signed.
        expires: intake closes after this moment.
        delay: seconds from `issued` after which somebody added, or a role given, may begin.
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
    delay: int
    root: bytes
    recovery: bytes
    collector: bytes
    ledger: str
    members: tuple[RosterMember, ...]

    def encode(self) -> bytes:
        """Return the document as canonical JSON."""
        return canonical.dumps(self.to_json())

    @cached_property
    def hash(self) -> bytes:
        """SHA-256 of the document, 32 bytes."""
        return suite.sha256(self.encode())

    def to_json(self) -> dict[str, Any]:
        """Return the document as a JSON object."""
        return {
            "format": FORMAT,
            "version": self.version,
            "previous": None if self.previous is None else canonical.b64(self.previous),
            "issued": self.issued,
            "expires": self.expires,
            "delay": self.delay,
            "root": canonical.b64(self.root),
            "recovery": canonical.b64(self.recovery),
            "collector": canonical.b64(self.collector),
            "ledger": self.ledger,
            "members": [member.to_json() for member in self.members],
        }

    @classmethod
    def from_json(cls, value: Any, known: Mapping[str, Known] | None = None) -> Roster:
        """Parse strictly; raises FormatError or UnknownVersionError.

        Args:
            value: the document.
            known: members of an earlier version, parsed; whoever is unchanged is taken from there.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise UnknownVersionError("roster")
        if value.keys() != _FIELDS:
            raise FormatError("roster fields")
        version, ledger = value["version"], value["ledger"]
        if type(version) is not int or version < 1 or not isinstance(ledger, str):
            raise FormatError("roster version")
        if type(value["delay"]) is not int or not 0 <= value["delay"] <= MAX_DELAY:
            raise FormatError("roster delay")
        previous, issued = value["previous"], matching(_MOMENT, value["issued"])
        after(issued, MAX_LIFETIME)  # a real moment, with room for every other that follows from it
        return cls(
            version=version,
            previous=None if previous is None else canonical.unb64(previous, 32),
            issued=issued,
            expires=matching(_MOMENT, value["expires"]),
            delay=value["delay"],
            root=canonical.unb64(value["root"], 32),
            recovery=_public(value["recovery"]),
            collector=_public(value["collector"]),
            ledger=ledger,
            members=_members(value["members"], known or {}),
        )

    def known(self, value: Any) -> Mapping[str, Known]:
        """Return what `from_json` of the next version takes; `value` is this one's document."""
        return {m.id: (raw, m) for raw, m in zip(value["members"], self.members, strict=True)}

    def member(self, member_id: str) -> RosterMember | None:
        """Return the member with this id, whether active or not."""
        return next((m for m in self.members if m.id == member_id), None)

    def ever(self, member: RosterMember) -> frozenset[str]:
        """Return the roles that a person has or had, under the keys that these replace as well."""
        roles, seen = member.ever, {member.id}
        before = self.member(member.replaces or "")
        while before is not None and before.id not in seen:
            roles, seen = roles | before.ever, seen | {before.id}
            before = self.member(before.replaces or "")
        return roles

    def holders(self, role: str, moment: str) -> tuple[RosterMember, ...]:
        """Return the members who hold `role` and may be sealed to at `moment`."""
        return tuple(m for m in self.members if m.holds(role, moment))


def after(moment: str, seconds: int) -> str:
    """Return the moment so many seconds later.

    Raises:
        FormatError: there is no such moment.
    """
    try:
        at = datetime.strptime(moment, _FORM).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    except (ValueError, OverflowError) as error:
        raise FormatError("no such moment") from error
    return at.strftime(_FORM).rjust(len(moment), "0")


def matching(pattern: re.Pattern[str], value: Any) -> str:
    """Return `value` if it is a string of exactly this form, else raise FormatError."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("unexpected text")
    return value


def _terms(value: Any, roles: list[str]) -> tuple[Term, ...]:
    """Return a member's terms: closed ones; the last of a role that they have may be open."""
    if not isinstance(value, list) or not 0 < len(value) <= MAX_TERMS:
        raise FormatError("roster terms")
    terms = tuple(Term.from_json(item) for item in value)
    places = [(term.role, term.valid_from) for term in terms]
    if sorted(set(places)) != places:
        raise FormatError("roster terms are sorted by role and begin, each once")
    for term, following in zip(terms, (*terms[1:], None), strict=True):
        last = following is None or following.role != term.role
        if term.valid_to is None and not (last and term.role in roles):
            raise FormatError("only the last term of a role that the member has is open")
    return terms


def _known(value: Any, names: frozenset[str]) -> bool:
    return isinstance(value, str) and value in names


def _public(value: Any) -> bytes:
    return seal.check_public(canonical.unb64(value, seal.PUBLIC_SIZE))


def _members(value: Any, known: Mapping[str, Known]) -> tuple[RosterMember, ...]:
    if not isinstance(value, list) or len(value) > MAX_MEMBERS:
        raise FormatError("roster members")
    members = tuple(_member(item, known) for item in value)
    ids = [member.id for member in members]
    if sorted(set(ids)) != ids:
        raise FormatError("roster members are sorted by id, each once")
    return members


def _member(value: Any, known: Mapping[str, Known]) -> RosterMember:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        raw, member = known.get(value["id"], (None, None))
        if member is not None and raw == value:
            return member
    return RosterMember.from_json(value)
