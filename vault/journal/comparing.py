"""Holds checkpoints that somebody kept against the log as it stands: every entry hashed anew.

The answer names the first entry at fault. Where an entry and its recorded hash were both rewritten,
only checkpoints tell, and the fault lies between the last that agrees and the first that does not:
the more of them were kept, the narrower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault.errors import LedgerError, RolledBackError
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.merkle import Frontier, leaf_hash
from vault.ledger.note import Note
from vault.storage.tables.ledger import checkpoints, ledger_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from vault.ledger.succession import Succession

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Compared:
    """What comparing found.

    Attributes:
        earlier: how many entries the earlier checkpoint covers; of several, the smallest.
        later: and the later one.
        fault: the first and the last place at which the first fault can lie; None: there is none.
        gone: whether the log ends before what was kept.
    """

    earlier: int
    later: int
    fault: tuple[int, int] | None = None
    gone: bool = False


def open_kept(notes: Sequence[bytes], keys: Succession) -> tuple[Checkpoint, ...]:
    """Return checkpoints that somebody kept, each signed by the log's key of its size.

    Raises:
        FormatError: one is no checkpoint of this log.
        SignatureError: one is not signed by the log.
    """
    return tuple(
        open_checkpoint(note, keys.at(Checkpoint.parse(Note.parse(note).text).size))
        for note in notes
    )


def stored(connection: Connection, size: int | None) -> bytes | None:
    """Return the stored checkpoint at a size; without one, the newest."""
    query = select(checkpoints.c.note)
    newest = select(func.max(checkpoints.c.size)).scalar_subquery()
    found: bytes | None = connection.execute(
        query.where(checkpoints.c.size == (newest if size is None else size))
    ).scalar_one_or_none()
    return found


def compare(connection: Connection, kept: Sequence[Checkpoint], later: Checkpoint) -> Compared:
    """Say whether the log of `later` only adds to what each of `kept` stands for.

    Args:
        connection: open.
        kept: at least one, in any order.
        later: not smaller than the largest of them, or the log was cut.
    """
    earlier = min(one.size for one in kept)
    frontier = Frontier()
    for one in sorted((*kept, later), key=lambda checkpoint: checkpoint.size):
        good = frontier.size
        try:
            frontier = _up_to(connection, frontier, one.size)
        except LedgerError as error:
            place = good if error.seq is None else error.seq
            gone = isinstance(error, RolledBackError)
            return Compared(earlier, later.size, (place, place), gone=gone)
        if frontier.root() != one.root:
            return Compared(earlier, later.size, (good, max(one.size - 1, good)))
    return Compared(earlier, later.size)


def _up_to(connection: Connection, frontier: Frontier, size: int) -> Frontier:
    """Return the frontier at `size`, from leaves that have the hashes recorded for them."""
    columns = ledger_entries.c
    query = select(columns.seq, columns.leaf, columns.hash).where(
        columns.seq >= frontier.size, columns.seq < size
    )
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(query.order_by(columns.seq))
    for part in rows.partitions():
        for seq, row in enumerate(part, frontier.size):
            if row.seq != seq:
                raise LedgerError(f"entry {seq} is missing", seq=seq)
            if leaf_hash(row.leaf) != row.hash:
                raise LedgerError(f"entry {seq} was changed", seq=seq)
        frontier = frontier.extend([row.hash for row in part])
    if frontier.size < size:
        raise RolledBackError(f"entry {frontier.size} is gone", seq=frontier.size)
    return frontier
