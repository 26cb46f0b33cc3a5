"""Proofs without the whole list: from leaf hashes and the stored roots of complete subtrees.

A store keeps every leaf hash, and of each complete subtree of 2^8, 2^16, … leaves its root. They
are read a tile (256 neighbours) at a time, as the tiles of C2SP `tlog-tiles` are: at a million
entries a proof needs six tiles at most. What is stored is believed by nobody: whoever makes a proof
verifies it before it is given, and all of it can be computed from the leaf hashes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vault.errors import LedgerError
from vault.ledger.merkle import (
    TILE_HEIGHT,
    Frontier,
    node_hash,
)

TILE_WIDTH = 1 << TILE_HEIGHT

# Level, first index, count: at most that many neighbouring hashes of a level, as they are stored.
Load = Callable[[int, int, int], Sequence[bytes]]


class Tiles:
    """The subtrees of one log, read as they are needed; each tile once.

    `subtree` is what `merkle.inclusion_path` and `merkle.consistency_path` ask for.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._read: dict[tuple[int, int], Sequence[bytes]] = {}

    def subtree(self, start: int, end: int) -> bytes:
        """Return the root over [start, end), aligned as `merkle.Subtree` asks.

        Raises:
            LedgerError: a hash is not stored.
        """
        return self._peaks(start, end).root()

    def frontier(self, size: int) -> Frontier:
        """Return the frontier of the first `size` leaves.

        Raises:
            LedgerError: a hash is not stored.
        """
        return self._peaks(0, size)

    def _peaks(self, start: int, end: int) -> Frontier:
        peaks, at, rest = [], start, end - start
        while rest:
            level = rest.bit_length() - 1
            peaks.append(self._complete(level, at >> level))
            at, rest = at + (1 << level), rest - (1 << level)
        return Frontier(end - start, tuple(peaks))

    def _complete(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, from the hashes stored at or below its level."""
        above = level % TILE_HEIGHT
        hashes = self._stored(level - above, index << above, 1 << above)
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [node_hash(left, right) for left, right in pairs]
        return hashes[0]

    def _stored(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return neighbours of one tile."""
        tile, place = divmod(first, TILE_WIDTH)
        if (level, tile) not in self._read:
            self._read[level, tile] = self._load(level, tile * TILE_WIDTH, TILE_WIDTH)
        found = self._read[level, tile][place : place + count]
        if len(found) < count:
            raise LedgerError(f"not every hash from {first} on at level {level} is stored")
        return found
