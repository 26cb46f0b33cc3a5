"""What will become an entry, and how entries are appended inside somebody's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vault import clock
from vault.errors import FormatError, LedgerError, NoEntryError
from vault.ledger import plain
from vault.ledger.entry import ROOT, SYSTEM, WITNESS, Entry, Value
from vault.ledger.merkle import Frontier, leaf_hash
from vault.storage.tables.ledger import ledger_entries, ledger_head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection

_HEAD = 1
# Made once: SQLAlchemy then finds what they compile to without looking at them again.
_READ = select(ledger_head.c.size, ledger_head.c.frontier)
_APPEND, _MOVE = ledger_entries.insert(), ledger_head.update()
_SINCE = (
    select(ledger_entries)
    .where(ledger_entries.c.seq >= bindparam("first"))
    .order_by(ledger_entries.c.seq)
)


@dataclass(frozen=True)
class Draft:
    """An entry without its place and nonce; the fields are those of `ledger.entry.Entry`.

    Attributes:
        time: by default the day for a witness and this moment for anybody else.
    """

    kind: str
    actor: str
    subject: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Value] = field(default_factory=dict)
    time: str | None = None

    def entry(self, seq: int) -> Entry:
        """Return the entry at `seq`.

        Raises:
            FormatError: a field is out of its bounds.
        """
        default = clock.day() if self.actor == WITNESS else clock.moment()
        return Entry(
            seq=seq,
            time=self.time or default,
            kind=self.kind,
            actor=self.actor,
            subject=self.subject,
            detail=self.detail,
        )


def append(connection: Connection, drafts: Sequence[Draft]) -> list[int]:
    """Append entries and move the head, inside a write transaction; return their places.

    Raises:
        FormatError: a field is out of its bounds.
        LedgerError: the stored head is malformed.
        ConflictError: an entry stands at that place already: the head was tampered with.
        NoEntryError: the entries do not stand as they were written.
    """
    if not drafts:
        return []
    frontier = read_head(connection)
    entries = [draft.entry(seq) for seq, draft in enumerate(drafts, frontier.size)]
    rows = [row_of(entry) for entry in entries]
    connection.execute(_APPEND, rows)
    grown = frontier.extend([row["hash"] for row in rows])
    _write_head(connection, grown)
    _check_stand(connection, frontier.size, rows, grown)
    return [entry.seq for entry in entries]


def check_goes_on(connection: Connection, written: Frontier) -> None:
    """Check that the log goes on from a head that this process has committed.

    In a burst, commits wait a moment for their checkpoint. Whoever writes to the database could use
    it to take an entry out with the head; afterwards nothing there would disagree.

    Raises:
        LedgerError: it does not.
    """
    head = read_head(connection)
    if written.size == 0 or head == written:
        return
    rows = connection.execute(_SINCE, {"first": written.size})
    if written.extend([row.hash for row in rows]) != head:
        raise LedgerError("an entry that was committed is gone")


def _check_stand(
    connection: Connection, first: int, rows: Sequence[dict[str, Any]], grown: Frontier
) -> None:
    """Read back what was written: the database may hold rules of its own.

    A trigger, or a table made anew that passes conflicts over in silence, could take the entries
    out again and the head back within the same commit. Nothing runs between this and its end.
    """
    found = connection.execute(_SINCE, {"first": first}).mappings()
    if [dict(row) for row in found] != rows or read_head(connection) != grown:
        raise NoEntryError("an entry does not stand as it was written")


def read_head(connection: Connection) -> Frontier:
    """Return the frontier of all entries.

    Raises:
        LedgerError: it is malformed.
    """
    row = connection.execute(_READ).one_or_none()
    if row is None:
        return Frontier()
    try:
        frontier = Frontier.parse(row.frontier)
    except FormatError as error:
        raise LedgerError("the head is malformed") from error
    if frontier.size != row.size:
        raise LedgerError("the head does not have its size")
    return frontier


def _write_head(connection: Connection, frontier: Frontier) -> None:
    values = {"size": frontier.size, "frontier": frontier.encode()}
    if not connection.execute(_MOVE, values).rowcount:
        connection.execute(ledger_head.insert().values(id=_HEAD, **values))


def row_of(entry: Entry) -> dict[str, Any]:
    """Return the row of an entry: its leaf, the leaf's hash, and what filters read of it."""
    return _row(entry.encode(), entry.seq, entry.kind, entry.actor, entry.subject)


def row_of_leaf(leaf: bytes) -> dict[str, Any]:
    """Return the row of an entry as it is stored.

    Raises:
        FormatError: it is none.
    """
    seq = plain.seq_of(leaf)
    if seq is None:
        return row_of(Entry.parse(leaf))
    stated = json.loads(leaf)  # well-formed, as was just seen
    return _row(leaf, seq, stated["kind"], stated["actor"], stated["subject"])


def _row(
    leaf: bytes, seq: int, kind: str, actor: str, subject: Mapping[str, str]
) -> dict[str, Any]:
    member = actor if actor not in (WITNESS, SYSTEM, ROOT) else None
    return {
        "seq": seq,
        "leaf": leaf,
        "hash": leaf_hash(leaf),
        "kind": kind,
        "actor": actor,
        "member": subject.get("member", member),
        "case_id": subject.get("case"),
    }
