"""One entry's proof, complete in itself: place, hashes and checkpoint (C2SP tlog-proof).

Opaque extra data is kept but never trusted: nothing signs it, and ours carry none.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault.errors import FormatError, UnknownVersionError
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.merkle import MAX_PROOF, check_hashes, verify_inclusion
from vault.ledger.note import MAX_NOTE, Note, NoteVerifier
from vault.ledger.text import (
    MAX_NUMBER,
    decode_base64,
    decode_utf8,
    encode_base64,
    parse_decimal,
)

FORMAT = "c2sp.org/tlog-proof@v1"
MAX_EXTRA = 8_192
MAX_SIZE = 2 * MAX_NOTE

_FAMILY = "c2sp.org/tlog-proof@"


@dataclass(frozen=True)
class TlogProof:
    """Entry `index` stands under `checkpoint`, a signed note, by the inclusion proof `hashes`.

    Raises:
        FormatError: not an index, too many hashes, or not a signed note.
        HashSizeError: one of them is no hash.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_NUMBER or len(self.hashes) > MAX_PROOF:
            raise FormatError("not an index, or too many hashes")
        check_hashes(self.hashes)
        if self.extra is not None and not 1 <= len(self.extra) <= MAX_EXTRA:
            raise FormatError("extra data is empty or too long")
        Note.parse(self.checkpoint)

    def encode(self) -> bytes:
        """Return the text form."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        lines = [FORMAT, *extra, f"index {self.index}", *map(encode_base64, self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read the text form. Nothing is verified yet.

        Raises:
            FormatError: not of this shape.
            UnknownVersionError: another version of the format.
        """
        if len(data) > MAX_SIZE:
            raise FormatError("the proof is too large")
        head, gap, checkpoint = data.partition(b"\n\n")
        lines = decode_utf8(head).split("\n")
        if lines[0] != FORMAT:
            unknown = lines[0].startswith(_FAMILY)
            raise (UnknownVersionError if unknown else FormatError)("not a proof of this format")
        extra, lines = _take_extra(lines[1:])
        if not gap or not lines or not lines[0].startswith("index "):
            raise FormatError("a proof names its index")
        index = parse_decimal(lines[0].removeprefix("index "))
        hashes = tuple(decode_base64(line) for line in lines[1:])
        return cls(index, hashes, checkpoint, extra)

    def verify(self, leaf: bytes, verifier: NoteVerifier) -> Checkpoint:
        """Check that the entry with the leaf hash `leaf` stands at `index`; return the checkpoint.

        Raises:
            FormatError: the note is no checkpoint of this log.
            SignatureError: not signed by the log.
            LedgerError: the entry is not there; `seq` is the index.
        """
        checkpoint = open_checkpoint(self.checkpoint, verifier)
        verify_inclusion(self.index, checkpoint.size, leaf, self.hashes, checkpoint.root)
        return checkpoint


def _take_extra(lines: list[str]) -> tuple[bytes | None, list[str]]:
    if lines and lines[0].startswith("extra "):
        return decode_base64(lines[0].removeprefix("extra ")), lines[1:]
    return None, lines
