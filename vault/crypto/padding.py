"""Padding, so that the size of what is sealed says little about what was written.

Form: length (4 B, big endian) ‖ data ‖ zero bytes, in total a power of two and at least `minimum`.
Powers of two leak log2(log2(size)) bits and at most double the size; the minimum of a record
(4 KiB) makes an empty part and a short one look alike.
"""

from __future__ import annotations

from vault.errors import FormatError

_LENGTH = 4


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
