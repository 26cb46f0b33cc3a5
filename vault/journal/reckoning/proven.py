"""Holds a part of the log against the signed checkpoint at its end.

A checkpoint keeps the frontier of its tree beside it, and its signed root proves that frontier. So
any part between two checkpoints can be proven by itself, without what lies before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from vault.errors import FormatError, LedgerError
from vault.journal.reckoning.read import Read, read
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.merkle import Frontier, leaf_hash
from vault.ledger.note import NoteVerifier
from vault.ledger.succession import KIND, Succession, follow
from vault.storage.tables.ledger import checkpoints, ledger_entries

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

_size = checkpoints.c.size


@dataclass(frozen=True)
class Part:
    """Entries that a signed checkpoint vouches for.

    Attributes:
        entries: taken apart, in order.
        frontier: of the tree at their end.
        keys: of the log up to there.
    """

    entries: list[Read]
    frontier: Frontier
    keys: Succession


def prove(
    connection: Connection, before: Frontier, end: int, keys: Succession, zone: ZoneInfo
) -> Part:
    """Return the entries from the frontier on up to `end`, where a checkpoint stands.

    Args:
        connection: open.
        before: of a tree that was proven.
        end: the size of a stored checkpoint, not before it.
        keys: of the log as far as they are known; where it goes on under another is followed.
        zone: where the organisation is.

    Raises:
        LedgerError: an entry is not what was signed, or its row says something else; `seq` is the
            first, of a part that was rewritten with its hashes the first of the part.
        SignatureError, FormatError: the checkpoint is not signed by the log.
    """
    entries, hashes = [], []
    for seq, row in enumerate(_rows(connection, before.size, end), before.size):
        hashes.append(_checked(seq, row))
        entries.append(read(seq, row.leaf, zone))
        _check_columns(row, entries[-1])
        if row.kind == KIND:
            after = follow(keys.at(seq), row.leaf, seq)
            keys = keys if after is None else _changed(keys, seq + 1, after)
    frontier = before.extend(hashes)
    if frontier.size != end:
        raise LedgerError(f"entry {frontier.size} is missing", seq=frontier.size)
    if frontier.root() != signed(connection, end, keys.at(end)).root:
        what = f"the checkpoint at {end} entries signed something else"
        raise LedgerError(what, seq=before.size)
    return Part(entries, frontier, keys)


def signed(connection: Connection, size: int, key: NoteVerifier) -> Checkpoint:
    """Return the stored checkpoint at `size`.

    Raises:
        LedgerError: there is none.
        SignatureError, FormatError: it is not signed by the log.
    """
    query = select(checkpoints.c.note).where(_size == size)
    note = connection.execute(query).scalar_one_or_none()
    if note is None:
        raise LedgerError(f"the checkpoint at {size} entries is missing")
    return open_checkpoint(note, key)


def frontier_at(connection: Connection, size: int, key: NoteVerifier) -> Frontier:
    """Return the frontier kept beside a checkpoint, proven by its signed root.

    Raises:
        LedgerError: there is none, or it is another.
        SignatureError, FormatError: the checkpoint is not signed by the log.
    """
    query = select(checkpoints.c.frontier).where(_size == size)
    stored = connection.execute(query).scalar_one_or_none()
    try:
        frontier = Frontier.parse(stored or b"")
    except FormatError as error:
        raise LedgerError(f"the frontier at {size} entries is malformed") from error
    checkpoint = signed(connection, size, key)
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise LedgerError(f"the frontier at {size} entries is not the one that was signed")
    return frontier


def _rows(connection: Connection, first: int, end: int) -> Any:
    columns = ledger_entries.c
    query = select(ledger_entries).where(columns.seq >= first, columns.seq < end)
    return connection.execute(query.order_by(columns.seq))


def _checked(seq: int, row: Any) -> bytes:
    if row.seq != seq:
        raise LedgerError(f"entry {seq} is missing", seq=seq)
    hashed = leaf_hash(row.leaf)
    if hashed != row.hash:
        raise LedgerError(f"entry {seq} was changed", seq=seq)
    return hashed


def _check_columns(row: Any, entry: Read) -> None:
    """Refuse a row by which a filter would leave its entry out, or show it elsewhere."""
    stated = (row.kind, row.actor, row.member, row.case_id)
    if stated != (entry.kind, entry.actor, entry.about, entry.case):
        raise LedgerError(f"the row of entry {entry.seq} says something else", seq=entry.seq)


def _changed(keys: Succession, begin: int, after: NoteVerifier) -> Succession:
    known = dict(keys.changes) | {begin: after}
    return Succession(keys.first, tuple((size, known[size]) for size in sorted(known)))
