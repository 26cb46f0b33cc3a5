"""The Merkle tree over the log (RFC 6962, section 2.1), its proofs and their verification.

SHA-256. Leaves and nodes are hashed under different prefixes, so a node can never be shown as a
leaf. Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2, and is independent of how the
proofs are made. Trees are lists of leaf hashes; nothing here knows what an entry is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.errors import (
    EmptyHashError,
    EmptyProofError,
    EmptyTreeError,
    FormatError,
    HashSizeError,
    LedgerError,
    NoSuchEntryError,
    RolledBackError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
# A tree of 2^53 leaves has no longer proof.
MAX_PROOF = 64
# Subtrees of 2^8, 2^16, … leaves are what a store keeps beside the leaves: one hash in 256.
TILE_HEIGHT = 8

# The root over the leaves [start, end) of a tree; `start` is a multiple of the largest power of two
# below end - start, as in every proof.
Subtree = Callable[[int, int], bytes]

_SIZE_BYTES = 8


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over `leaves` (leaf hashes, 32 bytes each)."""
    return Frontier.of(leaves).root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the proof that leaf `index` stands in the tree over `leaves`, sibling first.

    Args:
        index: 0 <= index < len(leaves).
        leaves: leaf hashes.

    Raises:
        EmptyTreeError, NoSuchEntryError: no such leaf.
    """
    return inclusion_path(index, len(leaves), subtrees_of(leaves))


def inclusion_path(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the proof that leaf `index` stands in the tree of `size` leaves, sibling first.

    Args:
        index: 0 <= index < size.
        size: of the tree.
        subtree: gives the roots that the proof is made of.

    Raises:
        EmptyTreeError: the tree has no leaf, so no proof.
        NoSuchEntryError: no such leaf; `seq` is `index`.
    """
    _check_index(index, size)
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(first: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the proof that the tree over `leaves` only adds to its own first `first` leaves.

    Args:
        first: the earlier size, 0 <= first <= len(leaves).
        leaves: leaf hashes of the later tree.

    Raises:
        RolledBackError: the earlier size is beyond the later one.
    """
    return consistency_path(first, len(leaves), subtrees_of(leaves))


def consistency_path(first: int, second: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the proof that the tree of `second` leaves only adds to that of `first` leaves.

    Args:
        first: the earlier size, 0 <= first <= second.
        second: the later size.
        subtree: gives the roots that the proof is made of.

    Raises:
        RolledBackError: the earlier size is beyond the later one.
    """
    if not 0 <= first <= second:
        raise RolledBackError(f"a log of {second} entries does not follow one of {first}")
    if first in (0, second):
        return ()
    return _subproof(first, 0, second, subtree, whole=True)


def _subproof(
    first: int, start: int, end: int, subtree: Subtree, *, whole: bool
) -> tuple[bytes, ...]:
    """SUBPROOF of RFC 6962, section 2.1.2, over [start, end); `whole` is its flag b."""
    if first == end:
        return () if whole else (subtree(start, end),)
    middle = start + _split(end - start)
    if first <= middle:
        left = _subproof(first, start, middle, subtree, whole=whole)
        return (*left, subtree(middle, end))
    right = _subproof(first, middle, end, subtree, whole=False)
    return (*right, subtree(start, middle))


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` (its hash) stands at `index` in the tree of `size` leaves under `root`.

    Raises:
        EmptyTreeError, NoSuchEntryError, HashSizeError: there is nothing to prove by.
        EmptyProofError: the tree has more than one leaf, the proof no hash.
        LedgerError: it does not stand there; `seq` is `index`.
    """
    _check_proof(proof, leaf, root)
    _check_index(index, size)
    if size > 1 and not proof:
        raise EmptyProofError(f"entry {index} of {size}", seq=index)
    position, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise LedgerError(f"the proof of entry {index} is too long", seq=index)
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    if last or not hmac.compare_digest(result, root):
        raise LedgerError(f"the proof of entry {index} does not lead to the root", seq=index)


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Check that the tree of `second` leaves only adds to the tree of `first` leaves.

    Stricter than RFC 9162 where that is silent: an empty earlier tree has the one empty root.

    Raises:
        HashSizeError: a hash is none.
        RolledBackError: the later tree is the smaller.
        EmptyProofError: both trees have leaves, not equally many, and the proof has no hash.
        LedgerError: it does not.
    """
    _check_proof(proof, first_root, second_root)
    if not 0 <= first <= second:
        raise RolledBackError(f"a log of {second} entries does not follow one of {first}")
    if first in (0, second):
        expected = EMPTY_ROOT if first == 0 else second_root
        consistent = not proof and hmac.compare_digest(first_root, expected)
        if second == 0:
            consistent = consistent and hmac.compare_digest(second_root, EMPTY_ROOT)
    elif not proof:
        raise EmptyProofError(f"from {first} to {second} entries")
    else:
        consistent = _leads_to_both(first, second, proof, first_root, second_root)
    if not consistent:
        raise LedgerError(f"the log of {second} entries does not follow the one of {first}")


def _leads_to_both(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    # A complete earlier tree is itself a node of the later one and is left out of the proof.
    nodes = (first_root, *proof) if first & (first - 1) == 0 else tuple(proof)
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, node)
        position, last = position >> 1, last >> 1
    return (
        last == 0 and hmac.compare_digest(old, first_root) and hmac.compare_digest(new, second_root)
    )


@dataclass(frozen=True)
class Node:
    """The root of a complete subtree worth storing: see `tiles`.

    Attributes:
        level: it stands over 2^level leaves; a multiple of TILE_HEIGHT.
        index: which of those of its level, from 0.
        hash: 32 bytes.
    """

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Frontier:
    """All that the next append needs: the size and the roots of the complete subtrees.

    One hash for each set bit of `size`, largest subtree first.

    Raises:
        FormatError: the hashes do not fit the size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size < 2**53 or len(self.hashes) != self.size.bit_count():
            raise FormatError("the hashes do not fit the size of the tree")
        check_hashes(self.hashes)

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> Frontier:
        """Return the frontier of the tree over `leaves` (leaf hashes)."""
        return cls().extend(leaves)

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier after one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> Frontier:
        """Return the frontier after more leaf hashes."""
        return self.grow(leaves)[0]

    def grow(self, leaves: Sequence[bytes]) -> tuple[Frontier, list[Node]]:
        """Return the frontier after more leaf hashes, and every complete subtree they closed."""
        hashes, size, closed = list(self.hashes), self.size, []
        for leaf in leaves:
            right, rest, level = leaf, size, 0
            while rest & 1:
                right, rest, level = node_hash(hashes.pop(), right), rest >> 1, level + 1
                if level % TILE_HEIGHT == 0:
                    closed.append(Node(level, rest, right))
            hashes.append(right)
            size += 1
        return Frontier(size, tuple(hashes)), closed

    def root(self) -> bytes:
        """Return the root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, result = self.hashes
        for left in reversed(larger):
            result = node_hash(left, result)
        return result

    def consistency_proof(self, appended: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the proof from this tree to the one with `appended` leaf hashes added.

        The whole list is not needed: every node of the proof is either a complete subtree of this
        tree or made of appended leaves alone.
        """
        peaks = self._peaks()

        def subtree(start: int, end: int) -> bytes:
            if start < self.size:
                return peaks[start, end]
            return root(appended[start - self.size : end - self.size])

        return consistency_path(self.size, self.size + len(appended), subtree)

    def _peaks(self) -> dict[tuple[int, int], bytes]:
        peaks, start = {}, 0
        for item in self.hashes:
            width = 1 << ((self.size - start).bit_length() - 1)
            peaks[start, start + width] = item
            start += width
        return peaks

    def encode(self) -> bytes:
        """Return the size (8 bytes, big endian) and the hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.hashes)

    @classmethod
    def parse(cls, data: bytes) -> Frontier:
        """Read what `encode` wrote.

        Raises:
            FormatError: too short, or the hashes do not fit the size.
        """
        if len(data) < _SIZE_BYTES:
            raise FormatError("a frontier is cut short")
        body = data[_SIZE_BYTES:]
        hashes = tuple(body[at : at + HASH_SIZE] for at in range(0, len(body), HASH_SIZE))
        return cls(int.from_bytes(data[:_SIZE_BYTES], "big"), hashes)


def _split(size: int) -> int:
    """Return the largest power of two below `size`, for size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def check_hashes(hashes: Iterable[bytes]) -> None:
    """Return if each is a hash.

    Raises:
        EmptyHashError: one has no bytes.
        HashSizeError: one has another number of bytes than 32.
    """
    for item in hashes:
        if not item:
            raise EmptyHashError
        if len(item) != HASH_SIZE:
            raise HashSizeError(f"{HASH_SIZE} bytes expected")


def _check_proof(proof: Sequence[bytes], *others: bytes) -> None:
    if len(proof) > MAX_PROOF:
        raise LedgerError("the proof is too long")
    check_hashes((*proof, *others))


def _check_index(index: int, size: int) -> None:
    if size == 0:
        raise EmptyTreeError(f"entry {index}", seq=index)
    if not 0 <= index < size:
        raise NoSuchEntryError(f"entry {index} of {size}", seq=index)


def subtrees_of(leaves: Sequence[bytes]) -> Subtree:
    """Return the subtrees of the tree over `leaves`, computed anew each time."""
    return lambda start, end: root(leaves[start:end])
