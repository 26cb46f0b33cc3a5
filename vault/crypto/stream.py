"""Sealing a file of any length in constant memory: STREAM over AES-256-GCM.

STREAM is from Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance" (2015), section 7. Every chunk's nonce holds its number and whether
it is the last, so chunks cannot be dropped, moved, repeated or appended. Specification:
docs/spec/stream.md.

The header commits to the key. AES-GCM alone does not: one ciphertext can be made to open under two
keys to two different files, and two readers would then swear to different evidence.

Not handled here: hiding the length, and where the key comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.crypto.suite import KEY_SIZE, TAG_SIZE, equal, hkdf, random
from vault.errors import FormatError, SealError, TooLongError, UnknownVersionError, WrongKeyError

FORMAT = "witness-vault/stream/v1"
CHUNK_SIZE = 64 * 1024
PREFIX_SIZE = 7
COMMITMENT_SIZE = 32
MAX_CHUNKS = 2**32

Piece = bytes | memoryview

_MAGIC = f"{FORMAT}\n".encode()
_FAMILY = _MAGIC[:-2]  # all but the version number and the line feed
HEADER_SIZE = len(_MAGIC) + PREFIX_SIZE + COMMITMENT_SIZE


class Sealer:
    """Seals one file, some chunks at a time, into memory of its caller's.

    Args:
        key: 32 bytes, for this file only.
        prefix: of the nonces; random but for vectors.

    Attributes:
        header: with what the sealed file begins.

    Raises:
        FormatError: a key of another size.
    """

    def __init__(self, key: bytes, prefix: bytes | None = None) -> None:
        _check_key(key)
        self._prefix = random(PREFIX_SIZE) if prefix is None else prefix
        self._aead = AESGCM(_chunk_key(key, self._prefix))
        self._number = 0
        self.header = _MAGIC + self._prefix + _commitment(key, self._prefix)

    def seal(self, plain: memoryview, into: memoryview, *, last: bool) -> memoryview:
        """Seal what comes next of the file; returns the part of `into` that was filled.

        Args:
            plain: whole chunks, but for the last one. Nothing only if the file is empty.
            into: other memory, with room for all of `plain` and a tag for each chunk.
            last: nothing comes after it.

        Raises:
            TooLongError: more than 2^32 chunks (256 TiB).
        """
        assert last or (plain and len(plain) % CHUNK_SIZE == 0)
        filled = 0
        for start in range(0, max(len(plain), 1), CHUNK_SIZE):
            chunk = plain[start : start + CHUNK_SIZE]
            end = filled + len(chunk) + TAG_SIZE
            ends = last and start + CHUNK_SIZE >= len(plain)
            nonce = _nonce(self._prefix, self._number, last=ends)
            self._aead.encrypt_into(nonce, chunk, None, into[filled:end])
            self._number += 1
            filled = end
        return into[:filled]


class Pieces:
    """Pieces of any size, copied into memory of another: all are gone when the next is asked for.

    Args:
        pieces: in their order.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def fill(self, into: memoryview) -> memoryview:
        """Return the part of `into` that was filled: all of it unless nothing is left."""
        filled = 0
        while filled < len(into) and self.more():
            taken = self._rest[: len(into) - filled]
            into[filled : filled + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            filled += len(taken)
        return into[:filled]

    def more(self) -> bool:
        """Say whether anything is left; waits for it."""
        while not self._rest:
            if (piece := next(self._pieces, None)) is None:
                return False
            self._rest = memoryview(piece)
        return True


def encrypt(key: bytes, chunks: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the sealed file: the header, then one sealed chunk at a time.

    Args:
        key: 32 bytes, for this file only.
        chunks: the file in pieces of any size, none at all for an empty file. Memory in use is some
            chunks and one piece.

    Raises:
        FormatError: a key of another size.
        TooLongError: more than 2^32 chunks (256 TiB).
    """
    sealer, pieces = Sealer(key), Pieces(chunks)
    yield sealer.header
    plain, sealed = room(CHUNK_SIZE), room(CHUNK_SIZE + TAG_SIZE)
    last = False
    while not last:
        chunk = pieces.fill(plain)
        last = not pieces.more()
        yield bytes(sealer.seal(chunk, sealed, last=last))


def decrypt(key: bytes, chunks: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the file, 64 KiB at a time (less at the end), from its sealed form in any pieces.

    What is yielded is authentic and in its place; that nothing is missing after it is known only
    when the iterator ends without an error. Until then a caller may collect the bytes or pass them
    to something that can be thrown away whole, and must not show, keep or act on them as the file.

    Raises:
        FormatError: a key of another size, or not in this format.
        UnknownVersionError: another version of this format.
        WrongKeyError: sealed with another key; nothing was opened.
        SealError: truncated, extended, reordered, or changed anywhere.
    """
    _check_key(key)
    pieces = Pieces(chunks)
    prefix = _check_header(key, bytes(pieces.fill(room(HEADER_SIZE))))
    aead = AESGCM(_chunk_key(key, prefix))
    sealed, number, last = room(CHUNK_SIZE + TAG_SIZE), 0, False
    while not last:
        chunk = pieces.fill(sealed)
        last = not pieces.more()
        if number and len(chunk) <= TAG_SIZE:
            # A second spelling of the same file: an empty chunk stands only for an empty file.
            raise SealError("the last chunk is empty")
        try:
            yield aead.decrypt(_nonce(prefix, number, last=last), chunk, None)
        except InvalidTag:
            raise SealError(f"chunk {number}") from None
        number += 1


def room(size: int) -> memoryview:
    """Return memory of that many bytes."""
    return memoryview(bytearray(size))


def _check_key(key: bytes) -> None:
    if len(key) != KEY_SIZE:
        raise FormatError(f"{KEY_SIZE} bytes expected")


def _chunk_key(key: bytes, prefix: bytes) -> bytes:
    # Its own key per prefix: 56 bits alone would be too few if a file key were ever used twice.
    return hkdf(key, f"{FORMAT}/chunks".encode(), salt=prefix)


def _commitment(key: bytes, prefix: bytes) -> bytes:
    return hkdf(key, f"{FORMAT}/commitment".encode(), COMMITMENT_SIZE, salt=prefix)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    if number >= MAX_CHUNKS:
        raise TooLongError("too many chunks")
    return prefix + number.to_bytes(4) + bytes([last])


def _check_header(key: bytes, header: bytes) -> bytes:
    """Return the nonce prefix of a header that belongs to `key`."""
    if not header.startswith(_MAGIC):
        raise _not_this_format(header)
    if len(header) < HEADER_SIZE:
        raise SealError("truncated in the header")
    prefix = header[len(_MAGIC) : len(_MAGIC) + PREFIX_SIZE]
    if not equal(header[-COMMITMENT_SIZE:], _commitment(key, prefix)):
        raise WrongKeyError
    return prefix


def _not_this_format(header: bytes) -> Exception:
    if len(header) < len(_MAGIC) and _MAGIC.startswith(header):
        return SealError("truncated in the header")
    if header.startswith(_FAMILY):
        return UnknownVersionError(f"this program reads {FORMAT}")
    return FormatError(f"not {FORMAT}")
