"""What pages are given: a line for a list, a record, a whole case."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEW, ASSIGNED, SET_ASIDE = "new", "assigned", "set_aside"
LAWYER, DEPUTY = "lawyer", "deputy"


def code_of(case_id: str) -> str:
    """Return the short code that people say: eight characters of the case id's base 32."""
    text = base64.b32encode(bytes.fromhex(case_id)[:5]).decode("ascii")
    return f"{text[:4]}-{text[4:]}"


@dataclass(frozen=True)
class CaseLine:
    """One case as a list shows it; nothing of any testimony.

    Args:
        id: 16 bytes, hex.
        status: "new", "assigned" or "set_aside".
        day: of the slot in which it came.
        capacity: of the reader: "lawyer", "deputy", or None.
        records: how many records it holds.
        readable: False while the witness has not allowed reading: no grant exists outside the box.
    """

    id: str
    status: str
    day: str
    capacity: str | None
    records: int
    readable: bool

    @property
    def code(self) -> str:
        """The short code that people say."""
        return code_of(self.id)


@dataclass(frozen=True)
class RecordView:
    """One opened record.

    Args:
        id: record id, hex.
        compartment: "account", "medical" or "work".
        kind: "statement", "addendum", "reply" or "note".
        day: as it says itself.
        author: "witness", or a member's name.
        language: of the page it was written on, None for staff records.
        answers: of a statement or addendum.
        text: of a reply, or a note's cleaned HTML.
        number: keeps the order of one kind within a day; 0 for the first statement.
        origin: "receipt", "second", "unproven" (MAC of neither receipt), "member", or "broken"
            (it did not open or its signature does not verify; nothing of it is shown).
    """

    id: str
    compartment: str
    kind: str
    day: str
    author: str = field(repr=False)
    language: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    text: str | None = field(default=None, repr=False)
    origin: str = "receipt"
    number: int = 0


@dataclass(frozen=True)
class CaseView:
    """An opened case; `readers` are those who were given it besides the reader, with capacity."""

    line: CaseLine
    form: str | None
    language: str | None
    records: tuple[RecordView, ...] = field(repr=False)
    readers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    may_assign: bool = False
    may_reply: bool = False
    may_set_aside: bool = False
