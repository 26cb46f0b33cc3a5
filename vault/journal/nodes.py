"""Proofs at any size in a few milliseconds, from the stored roots of complete subtrees.

Nothing stored is believed: each proof is verified before it leaves. If the subtrees do not lead to
the checkpoint, the proof is made from every leaf hash instead; if those do not either, there is
none. So whoever writes to the database can slow a proof down and nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from vault.errors import ForkedError, LedgerError, RolledBackError
from vault.ledger import merkle
from vault.ledger.merkle import Frontier
from vault.ledger.tiles import Tiles
from vault.storage.tables.ledger import ledger_entries, ledger_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from vault.ledger.checkpoint import Checkpoint
    from vault.ledger.merkle import Node, Subtree

    Proof = tuple[bytes, ...]


def keep(connection: Connection, closed: Sequence[Node]) -> None:
    """Store complete subtrees, inside a write transaction; what stood in their place was false."""
    if closed:
        rows = [{"level": one.level, "place": one.index, "hash": one.hash} for one in closed]
        connection.execute(ledger_nodes.insert().prefix_with("OR REPLACE"), rows)


def inclusion(connection: Connection, index: int, leaf: bytes, under: Checkpoint) -> Proof:
    """Return the proof that the leaf hash `leaf` stands at `index` under a checkpoint.

    Raises:
        LedgerError: what is stored does not lead to the checkpoint; or no such index.
    """

    def make(subtree: Subtree) -> Proof:
        proof = merkle.inclusion_path(index, under.size, subtree)
        merkle.verify_inclusion(index, under.size, leaf, proof, under.root)
        return proof

    return _proven(connection, under.size, make)


def consistency(connection: Connection, size: int, under: Checkpoint) -> Proof:
    """Return the proof that a checkpoint only adds to the log's own first `size` entries.

    Raises:
        RolledBackError: the checkpoint is the smaller.
        LedgerError: what is stored does not lead to the checkpoint.
    """

    def make(subtree: Subtree) -> Proof:
        proof = merkle.consistency_path(size, under.size, subtree)
        merkle.verify_consistency(size, under.size, proof, subtree(0, size), under.root)
        return proof

    return _proven(connection, under.size, make)


def frontier(connection: Connection, under: Checkpoint) -> Frontier:
    """Return the complete subtrees of the tree that a checkpoint signed.

    Raises:
        RolledBackError: the checkpoint covers more than is stored.
        ForkedError: it signed something else than is stored.
    """
    try:
        found = Tiles(_load(connection)).frontier(under.size)
    except LedgerError:
        found = None
    if found is None or found.root() != under.root:
        leaves = _leaves(connection, under.size)
        if len(leaves) < under.size:
            raise RolledBackError(f"{under.size} entries were signed", seq=len(leaves))
        found = Frontier.of(leaves)
    if found.root() != under.root:
        raise ForkedError(f"the checkpoint at {under.size} entries signed something else")
    return found


def _proven(connection: Connection, size: int, make: Callable[[Subtree], Proof]) -> Proof:
    try:
        return make(Tiles(_load(connection)).subtree)
    except LedgerError:
        return make(merkle.subtrees_of(_leaves(connection, size)))


def _leaves(connection: Connection, size: int) -> Sequence[bytes]:
    place = ledger_entries.c.seq
    rows = select(ledger_entries.c.hash).where(place < size).order_by(place)
    return connection.execute(rows).scalars().all()


def _load(connection: Connection) -> Callable[[int, int, int], Sequence[bytes]]:
    def load(level: int, first: int, count: int) -> Sequence[bytes]:
        if level == 0:
            place, found = ledger_entries.c.seq, select(ledger_entries.c.hash)
        else:
            place = ledger_nodes.c.place
            found = select(ledger_nodes.c.hash).where(ledger_nodes.c.level == level)
        rows = found.where(place.between(first, first + count - 1)).order_by(place)
        return connection.execute(rows).scalars().all()

    return load
