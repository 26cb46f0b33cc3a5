"""What a cosigner is asked to sign: a checkpoint, and that it follows from the last one signed.

The text is the body of an `add-checkpoint` request (C2SP tlog-witness, c2sp.org/tlog-witness): the
size of the last one, the consistency proof, an empty line, the checkpoint. A few hundred bytes that
say nothing of any entry; whoever runs a witness of that kind takes them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.errors import FormatError, LedgerError
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import cosign
from vault.ledger.merkle import EMPTY_ROOT, check_hashes, verify_consistency
from vault.ledger.note import MAX_NOTE, Note
from vault.ledger.text import (
    MAX_NUMBER,
    decode_base64,
    decode_utf8,
    encode_base64,
    parse_decimal,
)

if TYPE_CHECKING:
    from vault.ledger.note import NoteVerifier, Sign

MAX_HASHES = 63
MAX_SIZE = 2 * MAX_NOTE

_OLD = "old "


@dataclass(frozen=True)
class Offer:
    """The signed note `checkpoint` follows from the tree of `old` entries by `proof`.

    Raises:
        FormatError: not a size, too many hashes, or not a signed checkpoint.
        HashSizeError: one of them is none.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.old <= MAX_NUMBER or len(self.proof) > MAX_HASHES:
            raise FormatError("not a size, or too many hashes")
        check_hashes(self.proof)
        Checkpoint.parse(Note.parse(self.checkpoint).text)

    def encode(self) -> bytes:
        """Return the text form."""
        lines = [f"{_OLD}{self.old}", *map(encode_base64, self.proof)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Offer:
        """Read the text form. Nothing is verified yet.

        Raises:
            FormatError: not of this shape.
        """
        if len(data) > MAX_SIZE:
            raise FormatError("the file is too large")
        head, gap, checkpoint = data.partition(b"\n\n")
        first, *hashes = decode_utf8(head).split("\n")
        if not gap or not first.startswith(_OLD):
            raise FormatError("not a checkpoint to cosign")
        old = parse_decimal(first.removeprefix(_OLD))
        return cls(old, tuple(decode_base64(line) for line in hashes), checkpoint)

    def cosign(
        self,
        logs: tuple[NoteVerifier, ...],
        last: Checkpoint | None,
        cosigner: NoteVerifier,
        timestamp: int,
        sign: Sign,
        after: int = 0,
    ) -> bytes:
        """Return the checkpoint cosigned, if it follows from the last one that was.

        Only the log's own lines go along: a false one in the cosigner's name would spoil what the
        cosigner keeps, and the next time it could sign nothing any more.

        Args:
            logs: the log's keys; each must have signed it. Two where one hands over to the next.
            last: the last checkpoint that this cosigner signed; None for the very first.
            cosigner: name and public key, of type COSIGNATURE.
            timestamp: seconds since the epoch.
            sign: returns the Ed25519 signature of the bytes it is given.
            after: when this cosigner signed last.

        Raises:
            FormatError: not a checkpoint of this log, or not a cosigner's key.
            SignatureError: not signed by the log.
            LedgerError: it does not follow, or the time lies before the last signature's: nothing
                is signed.
        """
        if timestamp < after:
            raise LedgerError("this computer's clock stands before the last signature")
        for log in logs:
            new = open_checkpoint(self.checkpoint, log)
        size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if last is not None and last.origin != new.origin:
            raise LedgerError("a checkpoint of another log")
        again = new == last  # signed before, and perhaps lost on its way: the same once more
        if self.old != size and new.size > size:
            raise LedgerError(f"the proof begins at {self.old} entries, the last signed had {size}")
        verify_consistency(size, new.size, () if again else self.proof, root, new.root)
        return cosign(self._only_of(logs), cosigner, timestamp, sign)

    def _only_of(self, logs: tuple[NoteVerifier, ...]) -> bytes:
        note, mine = Note.parse(self.checkpoint), {(log.name, log.key_id) for log in logs}
        kept = tuple(one for one in note.signatures if (one.name, one.key_id) in mine)
        return Note(note.text, kept).encode()
