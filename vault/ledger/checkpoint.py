"""Checkpoints: the size and root of the log, signed (C2SP tlog-checkpoint).

The key's name is the origin. Ours have no extension lines, and a reader refuses them: a line that
nobody audits is a place to hide something.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault.errors import FormatError
from vault.ledger.merkle import check_hashes
from vault.ledger.note import Note, NoteVerifier, Sign, check_name, sign_note
from vault.ledger.text import MAX_NUMBER, decode_base64, encode_base64, parse_decimal

_LINES = 3


@dataclass(frozen=True)
class Checkpoint:
    """The log `origin` at `size` entries has the root hash `root` (32 bytes).

    Raises:
        FormatError: not an origin or a size.
        HashSizeError: not a hash.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name(self.origin)
        if not 0 <= self.size <= MAX_NUMBER:
            raise FormatError("not a size")
        check_hashes((self.root,))

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the three lines.

        Raises:
            FormatError: more or fewer lines, or one of them malformed.
            HashSizeError: the root is no hash.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise FormatError("a checkpoint has three lines")
        return cls(lines[0], parse_decimal(lines[1]), decode_base64(lines[2]))

    def sign(self, verifier: NoteVerifier, sign: Sign) -> bytes:
        """Return the signed checkpoint. Whoever calls this has first run `verify.check_follows`.

        Raises:
            FormatError: the key is not named after the origin.
            SignatureError: what `sign` returned does not verify.
        """
        if verifier.name != self.origin:
            raise FormatError("the key is not named after the log")
        return sign_note(self.text(), verifier, sign).encode()


def open_checkpoint(data: bytes, verifier: NoteVerifier) -> Checkpoint:
    """Return the checkpoint in `data` after verifying the log's signature.

    Args:
        data: a signed note; other signatures in it are ignored.
        verifier: the log's key, of type ED25519.

    Raises:
        FormatError: not a signed checkpoint, or one of another log.
        SignatureError: not signed by the log.
    """
    note = Note.parse(data)
    verifier.verify(note)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != verifier.name:
        raise FormatError("a checkpoint of another log")
    return checkpoint
