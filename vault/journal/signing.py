"""Signs the head, but only one that follows from the last signed checkpoint.

Nothing in the database is believed: the last checkpoint's signature, the frontier kept with it, and
the hash of every leaf since are checked before the ledger key is asked, and the agent that holds
it checks that what it signs follows from what it signed last. So whoever can write to the database
cannot have a changed history signed; what was changed before the last checkpoint is found by the
verifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from vault.errors import FormatError, LedgerError, SignatureError
from vault.journal import nodes
from vault.journal.drafts import read_head
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.merkle import Frontier, Node, leaf_hash
from vault.ledger.note import NoteVerifier
from vault.ledger.verify import check_follows
from vault.storage.tables.ledger import checkpoints, ledger_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from vault.agents.api import VaultAgent


def sign_head(connection: Connection, agent: VaultAgent, origin: str) -> bytes | None:
    """Sign and store a checkpoint of the head, inside a write transaction of its own.

    Returns:
        The signed note of the head; None while there are no entries.

    Raises:
        LedgerError: what is stored does not follow from the last checkpoint; nothing is signed.
        LockedError: the ledger key is not in memory.
        AgentError: the agent does not answer.
    """
    verifier = NoteVerifier(origin, agent.ledger_public())
    head = read_head(connection)
    stored = connection.execute(
        select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
    ).one_or_none()
    previous = _open(stored.note, verifier) if stored else None
    frontier = _proven(stored.frontier, previous) if stored and previous else Frontier()
    appended = _leaves_from(connection, frontier.size)
    closed = _check_head(previous, frontier, appended, head, origin)
    if head.size == frontier.size:
        return bytes(stored.note) if stored else None
    new = Checkpoint(origin, head.size, head.root())
    proof = _since_signed(connection, agent.signed(), frontier, appended, new)
    note = new.sign(verifier, lambda text: agent.sign_note(text, b"".join(proof)))
    row = {"size": head.size, "note": note, "frontier": head.encode()}
    connection.execute(checkpoints.insert().values(**row))
    nodes.keep(connection, closed)
    return note


def _open(note: bytes, verifier: NoteVerifier) -> Checkpoint:
    try:
        return open_checkpoint(note, verifier)
    except (FormatError, SignatureError) as error:
        raise LedgerError("the last checkpoint is not signed by this log") from error


def _proven(stored: bytes, checkpoint: Checkpoint) -> Frontier:
    """Return the stored frontier if it is the one whose root was signed."""
    try:
        frontier = Frontier.parse(stored)
    except FormatError as error:
        raise LedgerError("the last checkpoint's frontier is malformed") from error
    if (frontier.size, frontier.root()) != (checkpoint.size, checkpoint.root):
        raise LedgerError("the last checkpoint's frontier is not the one that was signed")
    return frontier


def _since_signed(
    connection: Connection,
    signed: int,
    frontier: Frontier,
    appended: Sequence[bytes],
    new: Checkpoint,
) -> Sequence[bytes]:
    """Return the proof that a checkpoint follows from what the agent signed last.

    Its memory is what nobody reaches who writes to the database. It is ahead of the last checkpoint
    that is stored where a crash came between signing and storing, or where somebody took the newest
    entries away with the checkpoints over them.
    """
    if not 0 < signed < new.size:
        return ()
    if signed < frontier.size:
        return nodes.consistency(connection, signed, new)
    between = signed - frontier.size
    return frontier.extend(appended[:between]).consistency_proof(appended[between:])


def _check_head(
    previous: Checkpoint | None,
    frontier: Frontier,
    appended: Sequence[bytes],
    head: Frontier,
    origin: str,
) -> list[Node]:
    """Return the complete subtrees that the entries since the last checkpoint closed."""
    grown, closed = frontier.grow(appended)
    if grown != head:
        raise LedgerError("the stored entries do not lead to the head")
    proof = frontier.consistency_proof(appended)
    check_follows(previous, Checkpoint(origin, head.size, head.root()), proof)
    return closed


def _leaves_from(connection: Connection, first: int) -> list[bytes]:
    """Return the hashes of all leaves from `first` on, computed anew."""
    query = (
        select(ledger_entries.c.seq, ledger_entries.c.leaf, ledger_entries.c.hash)
        .where(ledger_entries.c.seq >= first)
        .order_by(ledger_entries.c.seq)
    )
    hashes = []
    for expected, row in enumerate(connection.execute(query), first):
        if row.seq != expected:
            raise LedgerError(f"entry {expected} is missing", seq=expected)
        computed = leaf_hash(row.leaf)
        if computed != row.hash:
            raise LedgerError(f"entry {expected} was changed", seq=expected)
        hashes.append(computed)
    return hashes
