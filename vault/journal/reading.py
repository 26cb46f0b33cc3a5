"""Reads the log: entries by filter, checkpoints, proofs, and all that an auditor takes away.

That somebody read the log is itself an entry; whoever calls this writes it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BinaryExpression, UnaryExpression, select, union
from sqlalchemy.sql.operators import custom_op

from vault.errors import FormatError, LedgerError, NotFoundError
from vault.journal import nodes
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import MAX_SEQ, Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.note import Note
from vault.ledger.proof import TlogProof
from vault.ledger.succession import KIND, WHICH
from vault.storage.tables.ledger import checkpoints, ledger_entries

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

MAX_ROWS = 1_000

_columns = ledger_entries.c
_MARK = f'"key":"{WHICH}"'.encode()


@dataclass(frozen=True)
class Filter:
    """Which entries to read; all that is given must hold.

    Attributes:
        member: who did it, or whom it is about.
        case: the case it is about.
        kind: one of `ledger.entry.KINDS`.
        first: the lowest place, from 0.
        last: the highest place.
    """

    member: str | None = None
    case: str | None = None
    kind: str | None = None
    first: int = 0
    last: int = MAX_SEQ


def read_entries(
    connection: Connection, chosen: Filter, limit: int = MAX_ROWS, *, newest_first: bool = False
) -> list[Entry]:
    """Return at most `limit` (up to MAX_ROWS) entries.

    Raises:
        LedgerError: a stored leaf is no entry of its place; `seq` says which.
    """
    order = _columns.seq.desc() if newest_first else _columns.seq
    query = select(_columns.seq, _columns.leaf)
    most = min(limit, MAX_ROWS)
    if chosen.member is None:
        query = query.where(*_conditions(chosen))
    else:
        # Each by its own index, so that neither reads more than a page; then both as one list.
        halves = (
            select(_columns.seq)
            .where(*_conditions(chosen, column == chosen.member))
            .order_by(order)
            .limit(most)
            .subquery()
            for column in (_columns.actor, _columns.member)
        )
        query = query.where(_columns.seq.in_(union(*(select(half.c.seq) for half in halves))))
    rows = connection.execute(query.order_by(order).limit(most))
    return [_parse(row.seq, row.leaf) for row in rows]


def _conditions(chosen: Filter, *more: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Return what must hold; of several columns, the index of the rarest is used.

    SQLite uses no index for a column with a plus before it: it would guess, and guess wrong, that
    one member's entries are fewer than one case's.
    """
    conditions: list[ColumnElement[bool]] = [_columns.seq.between(chosen.first, chosen.last)]
    if chosen.case is not None:
        conditions.append(_columns.case_id == chosen.case)
        more = tuple(_unindexed(condition) for condition in more)
    if chosen.kind is not None:
        other = chosen.case is None and more
        kind = _columns.kind == chosen.kind
        conditions.append(_unindexed(kind) if other else kind)
    return [*conditions, *more]


def _unindexed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the same condition, with a plus before its column."""
    assert isinstance(condition, BinaryExpression)
    plain: ColumnElement[Any] = UnaryExpression(condition.left, operator=custom_op("+"))
    return BinaryExpression(plain, condition.right, condition.operator)


def last_checkpoint(connection: Connection) -> bytes | None:
    """Return the newest signed checkpoint; None if nothing was signed yet."""
    query = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    note: bytes | None = connection.execute(query).scalar_one_or_none()
    return note


def prove(connection: Connection, seq: int, under: bytes | None = None) -> TlogProof:
    """Return the proof that entry `seq` stands under a checkpoint, by default the newest.

    Raises:
        NotFoundError: no such entry, or no checkpoint covers it yet.
        LedgerError: the checkpoint is malformed, or what is stored does not lead to it.
    """
    note = under or last_checkpoint(connection)
    signed = _opened(note) if note else None
    if note is None or signed is None or not 0 <= seq < signed.size:
        raise NotFoundError(f"no checkpoint covers entry {seq}")
    leaf = connection.execute(select(_columns.leaf).where(_columns.seq == seq)).scalar_one_or_none()
    if leaf is None:
        raise LedgerError(f"entry {seq} is missing", seq=seq)
    return TlogProof(seq, nodes.inclusion(connection, seq, leaf_hash(leaf), signed), note)


def follows(connection: Connection, size: int, note: bytes) -> tuple[bytes, ...]:
    """Return the proof that a checkpoint only adds to the log's own first `size` entries.

    Args:
        connection: open.
        size: of the earlier tree.
        note: a stored checkpoint.

    Raises:
        RolledBackError: the checkpoint covers less than `size`.
        LedgerError: the checkpoint is malformed, or what is stored does not lead to it.
    """
    return nodes.consistency(connection, size, _opened(note))


def key_changes(connection: Connection, size: int) -> tuple[bytes, ...]:
    """Return the leaves by which the log's own key was changed, among the first `size`."""
    query = select(_columns.leaf).where(_columns.kind == KIND, _columns.seq < size)
    leaves = connection.execute(query.order_by(_columns.seq)).scalars()
    return tuple(leaf for leaf in leaves if _MARK in leaf)


def _parse(seq: int, leaf: bytes) -> Entry:
    try:
        entry = Entry.parse(leaf)
    except FormatError as error:
        raise LedgerError(f"entry {seq} is malformed", seq=seq) from error
    if entry.seq != seq:
        raise LedgerError(f"entry {seq} says it is number {entry.seq}", seq=seq)
    return entry


def _opened(note: bytes) -> Checkpoint:
    try:
        return Checkpoint.parse(Note.parse(note).text)
    except FormatError as error:
        raise LedgerError("the last checkpoint is malformed") from error
