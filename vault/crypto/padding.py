"""Padding, so that the size of what is sealed says little about what was written.

Form: length (4 B, big endian) ‖ data ‖ zero bytes, in total a power of two and at least `minimum`.
Powers of two leak log2(log2(size)) bits and at most double the size; the minimum of a record
(4 KiB) makes an empty part and a short one look alike.

A file is filled with zero bytes alone, as its record says its size: to four sizes between two
powers of two, 64 KiB at least. The exact size of a file is as good as its hash to whoever has the
same file; so filled, it costs an eighth on average, a quarter at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vault.crypto.stream import Piece
from vault.errors import FormatError, SealError

SMALLEST_FILE = 65_536

_LENGTH = 4
_LEADING = 3  # bits of the size of a file that stay as they are
_FILLING = bytes(65_536)


def pad(data: bytes, minimum: int) -> bytes:
    """Return `data` padded to a power of two, at least `minimum` (itself a power of two)."""
    needed = _LENGTH + len(data)
    size = max(minimum, 1 << (needed - 1).bit_length())
    return len(data).to_bytes(_LENGTH, "big") + data + bytes(size - needed)


def unpad(padded: bytes, minimum: int) -> bytes:
    """Return the data inside a padding of any allowed size.

    Two messages may be padded to the larger one's size, so more than one size is allowed.

    Raises:
        FormatError: the size is no power of two or below `minimum`, the length does not fit, or
            the filling is not zero.
    """
    if len(padded) < minimum or len(padded).bit_count() != 1:
        raise FormatError("padding")
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    if end > len(padded) or any(padded[end:]):
        raise FormatError("padding")
    return padded[_LENGTH:end]


def filled_size(size: int) -> int:
    """Return to how many bytes a file of `size` bytes is filled."""
    step = 1 << max(0, size.bit_length() - _LEADING)
    return max(SMALLEST_FILE, -(-size // step) * step)


def fill(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Give a file in pieces, and after it what it is filled with."""
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
    left = filled_size(size) - size
    while left > 0:
        yield _FILLING[:left]
        left -= len(_FILLING)


def unfill(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Give a file of `size` bytes without what it was filled with.

    Raises:
        SealError: this is no file of that size, filled.
    """
    left, total = size, 0
    for piece in pieces:
        total += len(piece)
        own, rest = piece[:left], piece[left:]
        if rest.count(0) != len(rest):
            raise SealError("a file is longer than was said")
        left -= len(own)
        if own:
            yield own
    if total != filled_size(size):
        raise SealError("a file is not as long as was said")
