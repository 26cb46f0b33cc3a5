"""What pages are given: a line for a list, a record, a whole case."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import clock
from vault.consent.gate import Decision, Waiting
from vault.keyring.drafts import Written
from vault.keyring.summaries import Summary
from vault.packet.files import Attachment
from vault.roster.roles import CAPACITIES, INTAKE_OFFICER

NEW, ASSIGNED, SET_ASIDE, ERASED = "new", "assigned", "set_aside", "erased"
ROLE_OF: Mapping[str | None, str] = dict([(None, INTAKE_OFFICER), *CAPACITIES.items()])
"""As what somebody opens a case, by the capacity in which it was given to them."""


_LAST_DAYS = 7
"""Before its end a case waits for whoever handles it."""


def code_of(case_id: str) -> str:
    """Return the short code that people say: eight characters of the case id's base 32."""
    text = base64.b32encode(bytes.fromhex(case_id)[:5]).decode("ascii")
    return f"{text[:4]}-{text[4:]}"


def number_of(file_id: str) -> str:
    """Return the short number of a file: what its page, the saved file and the auditors call it."""
    return file_id[:8]


@dataclass(frozen=True)
class CaseLine:
    """One case as a list shows it; nothing of any testimony.

    Args:
        id: 16 bytes, hex.
        status: "new", "assigned", "set_aside" or "erased".
        day: of the slot in which it came.
        active: day of the last activity.
        capacity: of the reader: one of CAPACITIES, or None.
        packets: how many packets of the witness stand there now.
        replies: how many replies.
        files: how many files of the witness have come whole.
        readable: False while the witness has not allowed reading: no grant exists outside the box.
        summary: the reader's own, None if there is none that opens and verifies.
        forced: last day, of late, on which somebody came with the second words; None: nobody did.
        due: from this day on it is erased, as its witness asked; None: nobody asked.
        unsent: the reader keeps a draft in it.
        ends: from this day on it is erased by itself, if that is soon; None: it is not.
        opens_until: of one that was erased on the day `active`: the last day of the last backup
            that could still open it.
    """

    id: str
    status: str
    day: str
    active: str
    capacity: str | None
    packets: int
    replies: int
    files: int
    readable: bool
    summary: Summary | None = field(default=None, repr=False)
    forced: str | None = field(default=None, repr=False)
    due: str | None = None
    unsent: bool = False
    ends: str | None = None
    opens_until: str | None = None

    @property
    def code(self) -> str:
        """The short code that people say."""
        return code_of(self.id)

    @property
    def unread(self) -> int:
        """How many packets came since the reader looked.

        All, where that is not known, and where packets went missing: look rather than trust.
        """
        seen = 0 if self.summary is None else self.summary.seen
        return self.packets - seen if seen <= self.packets else self.packets

    @property
    def new_files(self) -> int:
        """How many files have come since the reader looked; one may come long after its packet."""
        return max(0, self.files - (0 if self.summary is None else self.summary.files))

    def ends_within(self, days: int) -> bool:
        """Say whether it is erased by itself within so many days."""
        return self.ends is not None and self.ends <= clock.day(clock.now() + days * clock.DAY)

    @property
    def waiting(self) -> bool:
        """Whether the witness waits for an answer; somebody else's reply since answers, too."""
        if self.status == ERASED:
            return False
        if self.due or self.summary is None or self.unread or self.ends_within(_LAST_DAYS):
            return True
        return self.summary.waiting and self.replies <= self.summary.replies


@dataclass(frozen=True)
class RecordView:
    """One opened record.

    Args:
        id: record id, hex.
        compartment: "account", "medical" or "work".
        kind: "statement", "addendum", "reply", "note" or "consent".
        day: as it says itself.
        author: "witness", or a member's name.
        form: whose questions were asked, None for staff records.
        version: of that form, 0 if it is not known.
        language: of the page it was written on, None for staff records.
        answers: of a statement or addendum.
        text: of a reply, or a note's cleaned HTML.
        number: keeps the order of one kind within a day; 0 for the first statement.
        origin: "receipt", "second", "unproven" (MAC of neither receipt), "unchecked" (the reader
            does not hold the account, in which the keys of those MACs stand), "member", or
            "broken" (it did not open or its signature does not verify) or "closed" (written before
            the case went back to the officers); nothing of the last two is shown.
        after_forced: it came with the first receipt on or after a day on which somebody came with
            the second.
        arrived: day on which the vault stored it.
        new: it came since the reader looked last.
        vouched: the vault heard of it from the receipt itself, where it says what is allowed.
        files: what was sent with it, keys included.
    """

    id: str
    compartment: str
    kind: str
    day: str
    author: str = field(repr=False)
    form: str | None = None
    version: int = 0
    language: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    text: str | None = field(default=None, repr=False)
    origin: str = "receipt"
    number: int = 0
    after_forced: bool = False
    arrived: str = ""
    new: bool = False
    vouched: bool = True
    files: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Draft:
    """What the reader wrote and has not sent; `kind` is "reply" or "note"."""

    id: str
    kind: str
    written: Written


@dataclass(frozen=True)
class CaseView:
    """An opened case.

    Args:
        line: as a list shows it.
        form: form id, None if the account does not open.
        language: of the page it was written on.
        testimony: its testimony's id.
        records: everything in it, in order.
        readers: who else holds a key: name, and their capacity or "intake_officer".
        given_day: on which the reader was given it, None for an intake officer.
        may_know: the reader's role opens identity, where the witness releases it.
        known_since: day on which identity was given to the reader; None if it was not.
        trustees: how many of them together can open it in an emergency; 0: they cannot.
        wish: the gender of reader that the witness wishes for; None: no wish.
        decided: what the gate says to each consent item; nothing where the account is not opened.
        waiting: what the witness allowed and what does not count yet, by item.
        agreed: the capacities besides lawyer and deputy that the witness lets read.
        ended: somebody lost access by this opening: the witness took their word back.
        drafts: what the reader wrote here and has not sent, newest first.
        reads: the compartments that the reader's role is shown.
        forced: the days on which somebody came with the second words, oldest first.
        pressed: the records that tell of pressure, newest first.
        foretold: the day on which the witness first said that a later withdrawal would be under
            pressure, and the later one on which they last answered otherwise, or None.
    """

    line: CaseLine
    form: str | None
    language: str | None
    testimony: str
    records: tuple[RecordView, ...] = field(repr=False)
    readers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    given_day: str | None = None
    may_know: bool = False
    known_since: str | None = None
    trustees: int = 0
    wish: str | None = field(default=None, repr=False)
    decided: Mapping[str, Decision] = field(default_factory=dict, repr=False)
    waiting: Mapping[str, Waiting] = field(default_factory=dict, repr=False)
    agreed: frozenset[str] = field(default=frozenset(), repr=False)
    ended: bool = False
    drafts: tuple[Draft, ...] = ()
    reads: frozenset[str] = frozenset()
    forced: tuple[str, ...] = field(default=(), repr=False)
    pressed: tuple[RecordView, ...] = field(default=(), repr=False)
    foretold: tuple[str, str | None] | None = field(default=None, repr=False)
    may_assign: bool = False
    may_reply: bool = False
    may_note: bool = False
    may_stop: bool = False
    may_set_aside: bool = False
