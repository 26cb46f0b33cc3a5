"""Verifies the whole stored log, just now, however often somebody asks.

Parsing entries and checking signatures takes most of the time, and gives the same answer for the
same bytes. So what was verified is remembered by a digest over every byte of its rows: while that
digest is the same, only what came since is parsed. A row that was changed anywhere has another
digest, and then everything is verified from the beginning. Nothing is remembered but in memory.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from vault.errors import LedgerError
from vault.journal.columns import check_row
from vault.ledger.merkle import Frontier
from vault.ledger.verify import Report, verify_export
from vault.storage.tables.ledger import checkpoints, ledger_entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Result

# However long the log is, so much of it is in memory.
ROWS_AT_ONCE = 1_000

_seq, _size = ledger_entries.c.seq, checkpoints.c.size
_entries = select(ledger_entries).order_by(_seq).execution_options(yield_per=ROWS_AT_ONCE)
_notes = select(_size, checkpoints.c.note).order_by(_size).execution_options(yield_per=ROWS_AT_ONCE)


class Digest:
    """SHA-256 over rows, one after the other; never changed, only continued."""

    def __init__(self, sha: Any = None, count: int = 0) -> None:
        self._sha = sha or hashlib.sha256()
        self.count = count

    @property
    def value(self) -> bytes:
        """The digest, 32 bytes."""
        return bytes(self._sha.digest())

    def over(self, rows: Iterable[Any]) -> Digest:
        """Return the digest continued over more rows."""
        sha, count = self._sha.copy(), self.count
        for row in rows:
            sha.update(repr(tuple(row)).encode())
            count += 1
        return Digest(sha, count)


@dataclass(frozen=True)
class _Known:
    """What was verified: the tree up to a checkpoint, and a digest of its rows and its notes."""

    frontier: Frontier = field(default_factory=Frontier)
    entries: Digest = field(default_factory=Digest)
    notes: Digest = field(default_factory=Digest)
    vkey: str = ""
    until: str = ""

    def stands(self, connection: Connection) -> bool:
        """Say whether no byte of it has changed since."""
        size = self.frontier.size
        rows = Digest().over(connection.execute(_entries.where(_seq < size)))
        notes = Digest().over(connection.execute(_notes.where(_size <= size)))
        return (rows.value, notes.value) == (self.entries.value, self.notes.value)

    def beyond(self, connection: Connection) -> tuple[Result[Any], Result[Any]]:
        """Return the rows and notes that came since, to be read one after the other."""
        size = self.frontier.size
        rows = connection.execute(_entries.where(_seq >= size))
        return rows, connection.execute(_notes.where(_size > size))

    def extended(self, connection: Connection, report: Report) -> _Known:
        """Return this with what was verified since, each row held against its entry.

        Read again, the rows could be others than those that were verified: so they have to come to
        the root that was verified.

        Raises:
            LedgerError: a row says something else than its entry; or another root.
        """
        rows, notes = self.beyond(connection)
        frontier, entries, covered = self.frontier, self.entries, report.verified
        for some in rows.partitions():
            for row in some:
                check_row(row._asdict())
            verified = [row for row in some if row.seq < covered]
            frontier = frontier.extend([row.hash for row in verified])
            entries = entries.over(verified)
        if frontier.root() != report.root:
            raise LedgerError("the entries changed while they were verified")
        until = report.until or self.until
        return _Known(frontier, entries, self.notes.over(notes), report.vkey, until)


class Whole:
    """The log of one database, as one process has verified it so far."""

    def __init__(self) -> None:
        self._known = _Known()

    def verify(self, connection: Connection, first: str, current: str) -> Report:
        """Hold every entry against its hash, its row and every checkpoint.

        Args:
            connection: open.
            first: the verifier key that the log began with.
            current: the one that it must have come to.

        Raises:
            LedgerError, SignatureError, FormatError: as `ledger.verify.verify_export`; and
                LedgerError if a row says something else than its entry. `seq` is the first.
        """
        known = self._known
        if not known.stands(connection):
            known = _Known()
        (rows, notes), (again, _) = known.beyond(connection), known.beyond(connection)
        report = verify_export(
            (row.leaf for row in rows),
            (row.hash for row in again),
            (row.note for row in notes),
            known.vkey or first,
            after=known.frontier,
        )
        if report.vkey != current:
            raise LedgerError("the log goes on under another key than this vault's")
        self._known = known.extended(connection, report)
        known = self._known
        return dataclasses.replace(report, checkpoints=known.notes.count, until=known.until)
