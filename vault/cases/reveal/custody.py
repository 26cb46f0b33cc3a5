"""Custody of what was attached: who may see a file, who saw or saved it, what was confirmed.

Who may see it is the witness's word (C15), in the record that brought the file; of what was kept
back, as they said later. Who saw it is the log's, so that nobody can leave it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vault.cases.model import RecordView
from vault.cases.reveal.boxes import listed, parsed_entry
from vault.cases.reveal.opened import FILES_OPENED, GIVEN
from vault.cases.reveal.reading import ORIGINS, UNCHECKED
from vault.consent.items import FILES_NOW, YES
from vault.ledger.entry import Entry
from vault.packet.files import Attachment
from vault.roster.roles import DEPUTY, DOCTOR, LAWYER
from vault.storage.tables.ledger import ledger_entries

CONFIRMED = "file.confirmed"
KINDS = (*FILES_OPENED, CONFIRMED)
KEPT_BACK, _LAWYER = "nobody", "lawyer"

_OFFICER = None  # has no capacity: reads what is new, and passes it on
_HANDLING = frozenset({_OFFICER, LAWYER, DEPUTY})
_SEEN_BY: Mapping[str, frozenset[str | None]] = {
    _LAWYER: _HANDLING,
    "court": _HANDLING,
    "doctor": _HANDLING | {DOCTOR},
    KEPT_BACK: frozenset(),
}


@dataclass(frozen=True)
class Listed:
    """A file of a case as a list names it.

    Args:
        record: that tells of it.
        file: what it says.
        may_see: one of READERS: the witness's newest word.
        stored: day on which the vault stored it; None: it is not here.
        open: whoever looks may see it; else not even its name is theirs.
    """

    record: RecordView
    file: Attachment
    may_see: str
    stored: str | None
    open: bool


@dataclass(frozen=True)
class Seen:
    """That a member looked at a file, saved it, or confirmed what it is; `kind` is one of KINDS."""

    time: str
    member: str
    kind: str


def of_records(
    views: Iterable[RecordView], stored: Mapping[str, str | None], capacity: str | None
) -> tuple[Listed, ...]:
    """Return the files that records tell of, in the order of the records.

    Of a file that several tell of the first counts, or whichever keeps it from whoever looks.

    Args:
        views: of one case, in order.
        stored: day of each file, by id.
        capacity: of whoever looks; None: an intake officer.
    """
    told = [view for view in views if view.origin in {*ORIGINS, UNCHECKED}]
    found: dict[str, Listed] = {}
    for view in told:
        for file in _in_order(view.files):
            readers = _released(file.may_see, view, told)
            may = capacity in _SEEN_BY[readers]
            one = Listed(view, file, readers, stored.get(file.id), may)
            if file.id not in found or (found[file.id].open and not may):
                found[file.id] = one
    return tuple(found.values())


def seen(connection: Connection, case_id: str, file_id: str) -> tuple[Seen, ...]:
    """Return what the log says was done with a file, oldest first."""
    return tuple(
        Seen(entry.time, entry.actor, entry.kind)
        for entry in _entries(connection, case_id)
        if entry.subject.get("file") == file_id or file_id in listed(entry.detail.get("files"))
    )


def told_today(connection: Connection, case_id: str, who: tuple[str, str], day: str) -> bool:
    """Say whether the log holds that a member did the same with a file of the case on this day.

    Args:
        connection: open.
        case_id: which case.
        who: the member, and what they do: one of FILES_OPENED. To save one is more than to look.
        day: which day.
    """
    member, how = who
    same = {GIVEN} if how == GIVEN else {*FILES_OPENED} - {GIVEN}
    return any(
        entry.actor == member and entry.time.startswith(day) and entry.kind in same
        for entry in _entries(connection, case_id)
    )


def _entries(connection: Connection, case_id: str) -> Iterator[Entry]:
    query = (
        select(ledger_entries.c.leaf)
        .where(ledger_entries.c.case_id == case_id, ledger_entries.c.kind.in_(KINDS))
        .order_by(ledger_entries.c.seq)
    )
    parsed = (parsed_entry(leaf) for leaf in connection.execute(query).scalars())
    return (entry for entry in parsed if entry is not None)


def _released(readers: str, view: RecordView, told: Iterable[RecordView]) -> str:
    """Return who may see a file of a record; what was kept back may have been let go since.

    Only the receipt that kept it back lets it go, and only on a page that the log vouches for: a
    reader could make one. Its last word counts, and any other closes it again.
    """
    if readers != KEPT_BACK or view.origin != ORIGINS[0]:
        return readers
    words = [
        (one.day, one.number, one.vouched and one.answers[FILES_NOW] in (True, YES))
        for one in told
        if one.origin == ORIGINS[0] and one.answers.get(FILES_NOW) is not None
    ]
    last = max(words, default=("", 0, False))
    return _LAWYER if last[2] and last[:2] >= (view.day, view.number) else KEPT_BACK


def _in_order(files: Iterable[Attachment]) -> list[Attachment]:
    """Return attachments as a list shows them: a cleaned copy right behind its original."""
    found = list(files)
    places = {one.id: place for place, one in enumerate(found)}
    return sorted(found, key=lambda one: (places[one.parent or one.id], one.parent is not None))
