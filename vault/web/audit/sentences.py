"""Entries as sentences in the reader's language. The log itself holds ids only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vault.cases.model import code_of, number_of
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT, SYSTEM, WITNESS, Entry
from vault.members import people
from vault.web.audit.reckoned import local
from vault.web.inside.pages import text
from vault.web.shared.application import words

_NONE = "—"
# In which group of texts the values of a detail have their words; others are shown as stored.
_VALUES = {
    "as": "role",
    "capacity": "capacity",
    "cause": "cause",
    "compartments": "compartment",
    "factor": "proof",
    "for": "purpose",
    "key": "key",
    "kind": "kinds",
    "kinds": "backups.kind",
    "reason": "reason",
    "roles": "role",
    "rule": "rule",
    "what": "looked",
    "why": "why",
    "words": "answer",
}
# Details that hold ids of members.
_MEMBERS = frozenset({"signed_by", "in_place_of"})
# Details that hold ids of cases.
_CASES = frozenset({"cases"})
# Details that hold ids of files.
_FILES = frozenset({"file", "files"})
# Details of which a sentence says how many there are; the entry's own page shows them as stored.
_COUNTED = frozenset({"commitments"})
# A day or a moment as the log keeps it.
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
_SHORT = 8
_CASE_ID = 32


@dataclass(frozen=True)
class Line:
    """One entry for people.

    Attributes:
        case: full id of the case it is about, for a filter, or None.
        code: the case's short code, or None.
        detail: names and values, in words where there are any.
    """

    entry: Entry
    sentence: str
    case: str | None
    code: str | None
    detail: tuple[tuple[str, str], ...]

    @property
    def around(self) -> tuple[str, str]:
        """What stands before and after the code of the case, for a link in the sentence."""
        if self.code is None:
            return self.sentence, ""
        before, code, after = self.sentence.partition(self.code)
        return (before, after) if code else (f"{before} — ", "")


class Names:
    """Who the ids are: names from the database, roles from the signed roster."""

    def __init__(self, vault: Vault) -> None:
        self.by_id: Mapping[str, str] = people.names(vault)
        self._roles = {member.id: sorted(member.roles) for member in vault.roster().members}

    def of(self, member: str) -> str:
        """Return "A. (lawyer)"; a part of the id for somebody who is in no list."""
        if member not in self.by_id:
            return text("actor.unknown", id=member[:_SHORT])
        roles = [text(f"role.{role}") for role in self._roles.get(member, ())]
        if not roles:
            return self.by_id[member]
        return text("actor.member", name=self.by_id[member], roles=", ".join(roles))

    def actor(self, actor: str) -> str:
        """Return who did it."""
        if actor in (WITNESS, SYSTEM, ROOT):
            return text(f"actor.{actor}")
        return self.of(actor)


def line(entry: Entry, names: Names) -> Line:
    """Return an entry as a sentence with its details."""
    case, member = entry.subject.get("case"), entry.subject.get("member")
    code = code_of(case) if case and len(case) == _CASE_ID else case
    sentence = text(
        f"say.{entry.kind}",
        actor=names.actor(entry.actor),
        case=code or _NONE,
        member=names.of(member) if member else _NONE,
    )
    file = {name: entry.subject[name] for name in ("file",) if name in entry.subject}
    items = sorted({**file, **entry.detail}.items())
    detail = tuple((_name(key), _value(key, item, names)) for key, item in items)
    if member and names.of(member) not in sentence:
        # Else a filter by member would puzzle.
        detail = ((_name("member"), names.of(member)), *detail)
    return Line(entry, sentence, case, code, detail)


def _name(key: str) -> str:
    return _known("detail", key)


def _value(key: str, value: object, names: Names) -> str:
    group = _VALUES.get(key, "")
    values = value if isinstance(value, tuple) else (value,)
    if key in _COUNTED:
        return str(len(values))
    if key in _MEMBERS:
        return ", ".join(names.of(str(item)) for item in values)
    if key in _CASES:
        return ", ".join(code_of(str(item)) for item in values)
    if key in _FILES:
        return ", ".join(number_of(str(item)) for item in values)
    return ", ".join(_said(group, str(item)) for item in values)


def _said(group: str, item: str) -> str:
    return local(item) if _TIME.fullmatch(item) else _known(group, item)


def _known(group: str, name: str) -> str:
    key = f"{group}.{name}"
    return text(key) if words().has(key) else name
