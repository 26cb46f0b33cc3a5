"""The files of an export, to and from bytes (docs/spec/ledger.md).

Both ways line by line: a log of a million entries never stands in memory as a whole. Reading is
strict about the files and lenient about what stands in them: an entry that was tampered with must
reach the verifier, which names it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vault.errors import FormatError
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import Frontier, check_hashes
from vault.ledger.note import MAX_NOTE, Note, NoteVerifier
from vault.ledger.text import MAX_NUMBER, decode_base64, decode_utf8, encode_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

ENTRIES = "entries.jsonl"
HASHES = "hashes.txt"
CHECKPOINTS = "checkpoints.txt"
VKEY = "ledger.vkey"
SINCE = "since.txt"

# What was tampered with may be longer than any entry; what is longer than this is no line of ours.
MAX_LINE = 65_536

# One for each binary one of a size.
_MOST_SUBTREES = MAX_NUMBER.bit_length()

_HEX = re.compile(rb"(?:[0-9a-f]{2})*")


def format_entries(entries: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of `entries.jsonl`: one leaf on each.

    Raises:
        FormatError: a leaf holds a newline.
    """
    for entry in entries:
        if b"\n" in entry:
            raise FormatError("a line holds a newline")
        yield entry + b"\n"


def parse_entries(file: BinaryIO) -> Iterator[bytes]:
    """Yield the leaves of `entries.jsonl`, unverified.

    Raises:
        FormatError: a line does not end, or not soon enough.
    """
    while line := file.readline(MAX_LINE):
        if not line.endswith(b"\n"):
            raise FormatError("a line does not end")
        yield line[:-1]


def format_hashes(leaf_hashes: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of `hashes.txt`: one leaf hash on each, lower-case hex.

    Raises:
        HashSizeError: not a hash.
    """
    for item in leaf_hashes:
        check_hashes((item,))
        yield item.hex().encode() + b"\n"


def parse_hashes(file: BinaryIO) -> Iterator[bytes]:
    """Yield the leaf hashes of `hashes.txt`.

    Raises:
        FormatError: a line that is not lower-case hex, or does not end.
        HashSizeError: not a hash.
    """
    for line in parse_entries(file):
        if not _HEX.fullmatch(line):
            raise FormatError(HASHES)
        item = bytes.fromhex(line.decode())
        check_hashes((item,))
        yield item


def format_checkpoints(checkpoints: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of `checkpoints.txt`: signed checkpoints, an empty line between two.

    A checkpoint holds exactly one empty line, before its signatures, so texts and signatures take
    turns and no separator can be mistaken.

    Raises:
        FormatError: not a signed checkpoint.
    """
    for number, checkpoint in enumerate(checkpoints):
        Checkpoint.parse(Note.parse(checkpoint).text)
        yield b"\n" + checkpoint if number else checkpoint


def parse_checkpoints(file: BinaryIO) -> Iterator[bytes]:
    """Yield the notes of `checkpoints.txt`, unverified.

    Raises:
        FormatError: not a sequence of signed checkpoints.
    """
    blocks = _blocks(file)
    for text in blocks:
        signatures = next(blocks, None)
        if signatures is None:
            raise FormatError(CHECKPOINTS)
        note = b"%b\n%b" % (text, signatures)
        Checkpoint.parse(Note.parse(note).text)
        yield note


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


def format_since(frontier: Frontier, checkpoint: bytes) -> bytes:
    """Return `since.txt`: the tree that an export goes on from, and the checkpoint over it.

    Args:
        frontier: its complete subtrees.
        checkpoint: a signed note of that size.
    """
    lines = "".join(f"{encode_base64(item)}\n" for item in frontier.hashes)
    return lines.encode() + b"\n" + checkpoint


def parse_since(data: bytes) -> tuple[Frontier, bytes]:
    """Return what `since.txt` holds; the checkpoint's signature is not looked at.

    Raises:
        FormatError: not of this shape, or the subtrees are not those under the checkpoint.
    """
    head, gap, checkpoint = data.partition(b"\n")
    hashes: list[bytes] = []
    while gap and head:
        if len(hashes) == _MOST_SUBTREES:
            raise FormatError(SINCE)
        hashes.append(decode_base64(decode_utf8(head)))
        head, gap, checkpoint = checkpoint.partition(b"\n")
    stated = Checkpoint.parse(Note.parse(checkpoint).text)
    frontier = Frontier(stated.size, tuple(hashes))
    if frontier.root() != stated.root:
        raise FormatError(SINCE)
    return frontier, checkpoint


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield what stands between empty lines."""
    block = b""
    for line in parse_entries(file):
        if line:
            block += line + b"\n"
        elif block:
            yield block
            block = b""
        else:
            raise FormatError(CHECKPOINTS)
        if len(block) > MAX_NOTE:
            raise FormatError(CHECKPOINTS)
    if block:
        yield block
    elif file.tell():
        raise FormatError(CHECKPOINTS)
