"""The four files of an export, to and from bytes (docs/spec/ledger.md).

Reading is strict about the files and lenient about what stands in them: an entry that was tampered
with must reach the verifier, which names it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vault.errors import FormatError
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import check_hashes
from vault.ledger.note import Note, NoteVerifier
from vault.ledger.text import decode_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

ENTRIES = "entries.jsonl"
HASHES = "hashes.txt"
CHECKPOINTS = "checkpoints.txt"
VKEY = "ledger.vkey"

_HASH = re.compile(rb"[0-9a-f]{64}")


def files_of(
    entries: Iterable[bytes],
    leaf_hashes: Iterable[bytes],
    checkpoints: Iterable[bytes],
    verifier: NoteVerifier,
) -> dict[str, bytes]:
    """Return all four files of an export by their names.

    Raises:
        FormatError: as the functions for each.
    """
    return {
        ENTRIES: format_entries(entries),
        HASHES: format_hashes(leaf_hashes),
        CHECKPOINTS: format_checkpoints(checkpoints),
        VKEY: format_vkey(verifier),
    }


def format_entries(entries: Iterable[bytes]) -> bytes:
    """Return `entries.jsonl`: one leaf on each line."""
    return _lines(entries)


def parse_entries(data: bytes) -> tuple[bytes, ...]:
    """Return the leaves of `entries.jsonl`, unverified.

    Raises:
        FormatError: the last line does not end.
    """
    return _split(data)


def format_hashes(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return `hashes.txt`: one leaf hash on each line, lower-case hex.

    Raises:
        FormatError: not a hash.
    """
    hashes = tuple(leaf_hashes)
    check_hashes(hashes)
    return _lines(item.hex().encode() for item in hashes)


def parse_hashes(data: bytes) -> tuple[bytes, ...]:
    """Return the leaf hashes of `hashes.txt`.

    Raises:
        FormatError: a line that is not a hash.
    """
    lines = _split(data)
    if not all(_HASH.fullmatch(line) for line in lines):
        raise FormatError(HASHES)
    return tuple(bytes.fromhex(line.decode()) for line in lines)


def format_checkpoints(checkpoints: Iterable[bytes]) -> bytes:
    """Return `checkpoints.txt`: signed checkpoints, an empty line between two.

    A checkpoint holds exactly one empty line, before its signatures, so texts and signatures take
    turns and no separator can be mistaken.

    Raises:
        FormatError: not a signed checkpoint.
    """
    return b"\n".join(_checked(checkpoint) for checkpoint in checkpoints)


def parse_checkpoints(data: bytes) -> tuple[bytes, ...]:
    """Return the signed checkpoints of `checkpoints.txt`, unverified.

    Raises:
        FormatError: not a sequence of signed checkpoints.
    """
    if not data:
        return ()
    if not data.endswith(b"\n"):
        raise FormatError(CHECKPOINTS)
    blocks = data[:-1].split(b"\n\n")
    if len(blocks) % 2:
        raise FormatError(CHECKPOINTS)
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    return tuple(_checked(b"%b\n\n%b\n" % pair) for pair in pairs)


def format_vkey(verifier: NoteVerifier) -> bytes:
    """Return `ledger.vkey`: the log's verifier key on one line."""
    return f"{verifier.vkey()}\n".encode()


def parse_vkey(data: bytes) -> str:
    """Return the vkey in `ledger.vkey`.

    Raises:
        FormatError: not one line with a verifier key.
    """
    vkey = decode_utf8(data).removesuffix("\n")
    return NoteVerifier.parse(vkey).vkey()


def _checked(checkpoint: bytes) -> bytes:
    Checkpoint.parse(Note.parse(checkpoint).text)
    return checkpoint


def _lines(items: Iterable[bytes]) -> bytes:
    lines = tuple(items)
    if any(b"\n" in line for line in lines):
        raise FormatError("a line holds a newline")
    return b"".join(line + b"\n" for line in lines)


def _split(data: bytes) -> tuple[bytes, ...]:
    if data and not data.endswith(b"\n"):
        raise FormatError("the last line does not end")
    return tuple(data.split(b"\n")[:-1])
