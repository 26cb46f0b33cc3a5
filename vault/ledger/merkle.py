"""The Merkle tree over the log (RFC 6962, section 2.1), its proofs and their verification.

SHA-256. Leaves and nodes are hashed under different prefixes, so a node can never be shown as a
leaf. Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2, and is independent of how the
proofs are made. Trees are lists of leaf hashes; nothing here knows what an entry is.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.errors import FormatError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
# A tree of 2^53 leaves has no longer proof.
MAX_PROOF = 64

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
        LedgerError: no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise LedgerError(f"no entry {index} in a tree of {len(leaves)}")
    return _path(index, leaves)


def _path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*_path(index, leaves[:split]), root(leaves[split:]))
    return (*_path(index - split, leaves[split:]), root(leaves[:split]))


def consistency_proof(first: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the proof that the tree over `leaves` only adds to its own first `first` leaves.

    Args:
        first: the earlier size, 0 <= first <= len(leaves).
        leaves: leaf hashes of the later tree.

    Raises:
        LedgerError: the earlier size is beyond the later one.
    """
    return _consistency(first, len(leaves), lambda start, end: root(leaves[start:end]))


def _consistency(
    first: int, second: int, subtree: Callable[[int, int], bytes]
) -> tuple[bytes, ...]:
    if not 0 <= first <= second:
        raise LedgerError(f"a log of {second} entries does not follow one of {first}")
    if first in (0, second):
        return ()
    return _subproof(first, 0, second, subtree, whole=True)


def _subproof(
    first: int, start: int, end: int, subtree: Callable[[int, int], bytes], *, whole: bool
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
        LedgerError: it does not; `seq` is `index`.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise LedgerError(f"no entry {index} in a tree of {size}", seq=index)
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
        LedgerError: it does not.
    """
    _check_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second:
        raise LedgerError(f"a log of {second} entries does not follow one of {first}")
    if first in (0, second):
        expected = EMPTY_ROOT if first == 0 else second_root
        consistent = not proof and hmac.compare_digest(first_root, expected)
        if second == 0:
            consistent = consistent and hmac.compare_digest(second_root, EMPTY_ROOT)
    else:
        consistent = _leads_to_both(first, second, proof, first_root, second_root)
    if not consistent:
        raise LedgerError(f"the log of {second} entries does not follow the one of {first}")


def _leads_to_both(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    # A complete earlier tree is itself a node of the later one and is left out of the proof.
    nodes = (first_root, *proof) if first & (first - 1) == 0 else tuple(proof)
    if not proof:
        return False
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
        if any(len(item) != HASH_SIZE for item in self.hashes):
            raise FormatError(f"{HASH_SIZE} bytes expected")

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> Frontier:
        """Return the frontier of the tree over `leaves` (leaf hashes)."""
        return cls().extend(leaves)

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier after one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> Frontier:
        """Return the frontier after more leaf hashes."""
        hashes, size = list(self.hashes), self.size
        for leaf in leaves:
            right, rest = leaf, size
            while rest & 1:
                right, rest = node_hash(hashes.pop(), right), rest >> 1
            hashes.append(right)
            size += 1
        return Frontier(size, tuple(hashes))

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

        return _consistency(self.size, self.size + len(appended), subtree)

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


def _check_hashes(*hashes: bytes) -> None:
    if any(len(item) != HASH_SIZE for item in hashes) or len(hashes) > MAX_PROOF + 2:
        raise LedgerError("a proof holds what is no hash")
