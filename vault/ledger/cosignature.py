"""Cosignatures: somebody outside says which checkpoint they saw, and when (C2SP tlog-cosignature).

Version `cosignature/v1`, Ed25519, signature type 0x04. The signed message does not name the
cosigner, so one key must never serve two names. Whoever cosigns has first checked that the
checkpoint follows from the last one they cosigned (`verify.check_follows`).
"""

from __future__ import annotations

from vault.errors import FormatError, SignatureError
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.note import COSIGNATURE, Note, NoteSignature, NoteVerifier, Sign

HEADER = "cosignature/v1"
MAX_TIMESTAMP = 2**63 - 1
# Beyond it a moment cannot be written; a cosigner's clock may say anything.
MAX_TIME = 253_402_300_799

_TIME_SIZE = 8
_SIGNATURE_SIZE = 64


def message(timestamp: int, text: str) -> bytes:
    """Return what a cosigner signs: header, time and the checkpoint's text."""
    return f"{HEADER}\ntime {timestamp}\n{text}".encode()


def cosign(data: bytes, verifier: NoteVerifier, timestamp: int, sign: Sign) -> bytes:
    """Return the signed checkpoint `data` with one more line: the cosignature.

    Args:
        data: a signed checkpoint whose log signature the caller has verified.
        verifier: name and public key of the cosigner, of type COSIGNATURE.
        timestamp: seconds since the epoch, 0 <= timestamp <= MAX_TIMESTAMP.
        sign: returns the Ed25519 signature (64 bytes) of the bytes it is given.

    Raises:
        FormatError: not a checkpoint, not a cosigner's key, or the time is out of bounds.
        SignatureError: what `sign` returned does not verify.
    """
    verifier.expect(COSIGNATURE)
    note = Note.parse(data)
    Checkpoint.parse(note.text)
    if not 0 <= timestamp <= MAX_TIMESTAMP:
        raise FormatError("the time is out of bounds")
    signed = message(timestamp, note.text)
    signature = sign(signed)
    verifier.check(signed, signature)
    stamped = timestamp.to_bytes(_TIME_SIZE, "big") + signature
    return note.with_signature(NoteSignature(verifier.name, verifier.key_id, stamped)).encode()


def verify_cosignature(data: bytes, verifier: NoteVerifier) -> int:
    """Return when the cosigner saw the checkpoint, in seconds since the epoch.

    The log's own signature is not looked at: `checkpoint.open_checkpoint` does that. If the
    cosigner signed more than once, all must verify and the latest time counts.

    Raises:
        FormatError: not a checkpoint, or not a cosigner's key.
        SignatureError: not cosigned by this key, or a cosignature that does not verify.
    """
    verifier.expect(COSIGNATURE)
    note = Note.parse(data)
    Checkpoint.parse(note.text)
    return max(
        _verify_one(note.text, stamped, verifier) for stamped in verifier.signatures_in(note)
    )


def _verify_one(text: str, stamped: bytes, verifier: NoteVerifier) -> int:
    timestamp = int.from_bytes(stamped[:_TIME_SIZE], "big")
    if len(stamped) != _TIME_SIZE + _SIGNATURE_SIZE or timestamp > MAX_TIMESTAMP:
        raise SignatureError("cosignature")
    verifier.check(message(timestamp, text), stamped[_TIME_SIZE:])
    return timestamp
