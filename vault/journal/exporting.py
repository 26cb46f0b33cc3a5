"""Everything an auditor takes away, as the files of an export, a few thousand rows at a time.

An export holds the whole log, or what came since a checkpoint that the auditor kept. Not every
checkpoint of a large log goes along: about 16,384 evenly, those that somebody cosigned and those
by which a key hands over to the next. Any of them covers all that came before it; the others would
only narrow the span that is named if entries *and* hashes were rewritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault.journal import cosigning, nodes
from vault.journal.reading import key_changes
from vault.ledger import export as layout
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.entry import MAX_SEQ, Entry
from vault.ledger.note import Note
from vault.ledger.succession import follow
from vault.resources import resource
from vault.storage.tables.ledger import checkpoints, cosignatures, ledger_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Column, Connection

    from vault.ledger.note import NoteVerifier

ROWS_AT_ONCE = 4_096
CHECKPOINTS = 16_384
# Goes along for whoever has nothing else; whoever kept an earlier copy of it trusts that one.
VERIFIER = "verify_ledger.py"

_seq, _size = ledger_entries.c.seq, checkpoints.c.size


def files(
    connection: Connection, first: NoteVerifier, since: bytes | None = None
) -> Mapping[str, Iterable[bytes]]:
    """Return the files of an export by name, each as pieces to write one after the other.

    They are read as they are written: the connection stays open until then, so that all are of
    one moment.

    Args:
        connection: open, one read transaction.
        first: the key that the log began with.
        since: a signed checkpoint; the export then holds what came after it.

    Raises:
        FormatError, SignatureError: `since` is no checkpoint of this log.
        RolledBackError, ForkedError: it is one, but this log does not follow from it.
    """
    begin, key, more = (0, first, {}) if since is None else _since(connection, first, since)
    return {
        layout.ENTRIES: layout.format_entries(_rows(connection, ledger_entries.c.leaf, begin)),
        layout.HASHES: layout.format_hashes(_rows(connection, ledger_entries.c.hash, begin)),
        layout.CHECKPOINTS: layout.format_checkpoints(_notes(connection, begin)),
        layout.VKEY: [layout.format_vkey(key)],
        VERIFIER: [resource(f"auditing/{VERIFIER}").read_bytes()],
        **more,
    }


def _since(
    connection: Connection, first: NoteVerifier, note: bytes
) -> tuple[int, NoteVerifier, dict[str, list[bytes]]]:
    stated = Checkpoint.parse(Note.parse(note).text)
    key = first
    for leaf in key_changes(connection, stated.size):
        key = follow(key, leaf, Entry.parse(leaf).seq) or key
    open_checkpoint(note, key)
    frontier = nodes.frontier(connection, stated)
    return stated.size, key, {layout.SINCE: [layout.format_since(frontier, note)]}


def _rows(connection: Connection, column: Column[bytes], begin: int) -> Iterator[bytes]:
    query = select(_seq, column).order_by(_seq).limit(ROWS_AT_ONCE)
    while rows := connection.execute(query.where(_seq >= begin)).all():
        yield from (row[1] for row in rows)
        begin = rows[-1][0] + 1


def _notes(connection: Connection, begin: int) -> Iterator[bytes]:
    for size in sorted(_sizes(connection, begin)):
        note = connection.execute(select(checkpoints.c.note).where(_size == size)).scalar_one()
        yield cosigning.signed(connection, size, note)


def _sizes(connection: Connection, begin: int) -> set[int]:
    last = connection.execute(select(func.max(_size))).scalar_one() or 0
    block = (_size - 1) // (1 + max(last - begin, 0) // CHECKPOINTS)
    newest = select(func.max(_size)).where(_size > begin).group_by(block)
    seen = select(cosignatures.c.size).where(cosignatures.c.size > begin)
    sizes = {*connection.execute(newest).scalars(), *connection.execute(seen).scalars()}
    for leaf in key_changes(connection, MAX_SEQ):
        handed_over = select(func.min(_size)).where(_size > max(Entry.parse(leaf).seq, begin))
        sizes.add(connection.execute(handed_over).scalar_one())
    return sizes - {None}
