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

from itertools import chain
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.crypto.suite import KEY_SIZE, TAG_SIZE, equal, hkdf, random
from vault.errors import FormatError, SealError, TooLongError, UnknownVersionError, WrongKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = "witness-vault/stream/v1"
CHUNK_SIZE = 64 * 1024
PREFIX_SIZE = 7
COMMITMENT_SIZE = 32
MAX_CHUNKS = 2**32

_MAGIC = f"{FORMAT}\n".encode()
_FAMILY = _MAGIC[:-2]  # all but the version number and the line feed
HEADER_SIZE = len(_MAGIC) + PREFIX_SIZE + COMMITMENT_SIZE


def encrypt(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed file: the header, then one sealed chunk at a time.

    Args:
        key: 32 bytes, for this file only.
        chunks: the file in pieces of any size, none at all for an empty file. Memory in use is one
            chunk and one piece.

    Raises:
        FormatError: a key of another size.
        TooLongError: more than 2^32 chunks (256 TiB).
    """
    yield from _encrypt(key, chunks, random(PREFIX_SIZE))


def decrypt(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
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
    pieces = iter(chunks)
    header, rest = _take(pieces, HEADER_SIZE)
    prefix = _check_header(key, header)
    aead = AESGCM(_chunk_key(key, prefix))
    for number, (block, last) in enumerate(_blocks(chain([rest], pieces), CHUNK_SIZE + TAG_SIZE)):
        if number and len(block) <= TAG_SIZE:
            # A second spelling of the same file: an empty chunk stands only for an empty file.
            raise SealError("the last chunk is empty")
        try:
            yield aead.decrypt(_nonce(prefix, number, last=last), block, None)
        except InvalidTag:
            raise SealError(f"chunk {number}") from None


def _encrypt(key: bytes, chunks: Iterable[bytes], prefix: bytes) -> Iterator[bytes]:
    _check_key(key)
    yield _MAGIC + prefix + _commitment(key, prefix)
    aead = AESGCM(_chunk_key(key, prefix))
    for number, (block, last) in enumerate(_blocks(chunks, CHUNK_SIZE)):
        yield aead.encrypt(_nonce(prefix, number, last=last), block, None)


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


def _take(pieces: Iterator[bytes], size: int) -> tuple[bytes, bytes]:
    """Return the first `size` bytes (fewer at the end) and what else was read with them."""
    taken = b""
    for piece in pieces:
        taken += piece
        if len(taken) >= size:
            break
    return taken[:size], taken[size:]


def _blocks(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes | memoryview, bool]]:
    """Cut `pieces` anew into blocks of `size` bytes; the last one, marked, may be shorter or empty.

    A full block waits until another byte is seen, because only then it is known not to be the last.
    """
    waiting, held = list[bytes | memoryview](), 0
    for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        if held > size:
            joined = memoryview(b"".join(waiting))
            whole = (held - 1) // size * size
            for start in range(0, whole, size):
                yield joined[start : start + size], False
            waiting, held = [joined[whole:]], held - whole
    yield b"".join(waiting), True
