"""Signed notes: a text and the signatures under it (C2SP signed-note, c2sp.org/signed-note).

Ed25519 only (RFC 8032). The private key is never here: whoever signs passes a callable, so that the
key may live in another process. Unknown signatures are kept and ignored, as the specification asks,
so that cosignatures of strangers do no harm. Nothing here knows what the text means.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.errors import FormatError, SignatureError
from vault.ledger.text import decode_base64, decode_utf8, encode_base64

ED25519 = 0x01
COSIGNATURE = 0x04

PUBLIC_KEY_SIZE = 32
KEY_ID_SIZE = 4
MAX_NOTE = 262_144
MAX_SIGNATURES = 64
MAX_NAME = 256

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_DASH = "\N{EM DASH} "

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: who (`name`, `key_id` of 4 bytes) and the bytes of the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line without its newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.signature)}"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Read one line.

        Raises:
            FormatError: not a signature line.
        """
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise FormatError("not a signature line")
        blob = decode_base64(encoded)
        if len(blob) <= KEY_ID_SIZE:
            raise FormatError("an empty signature")
        return cls(check_name(name), blob[:KEY_ID_SIZE], blob[KEY_ID_SIZE:])


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and one or more signatures. Parsing verifies nothing.

    Raises:
        FormatError: the text does not end in a newline or holds control characters; no signature
            or too many.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise FormatError("no signature, or too many")

    def encode(self) -> bytes:
        """Return text, empty line, signature lines."""
        lines = "".join(f"{signature.line()}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note; the last empty line parts the text from the signatures.

        Raises:
            FormatError: too large, not UTF-8, control characters, or not of this shape.
        """
        if len(data) > MAX_NOTE:
            raise FormatError("the note is too large")
        text, gap, rest = decode_utf8(data).rpartition("\n\n")
        if not gap or not rest.endswith("\n"):
            raise FormatError("not a signed note")
        lines = rest[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise FormatError("too many signatures")
        return cls(text + "\n", tuple(NoteSignature.parse(line) for line in lines))

    def with_signature(self, signature: NoteSignature) -> Note:
        """Return the same note with one more signature at the end."""
        return replace(self, signatures=(*self.signatures, signature))


@dataclass(frozen=True)
class NoteVerifier:
    """A public key under a name, for one type of signature; its text form is the vkey.

    Raises:
        FormatError: not a key name, or not 32 bytes.
    """

    name: str
    public_key: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_SIZE or self.algorithm not in (ED25519, COSIGNATURE):
            raise FormatError("not a verifier key")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || algorithm || public key), first 4 bytes."""
        return hashlib.sha256(f"{self.name}\n".encode() + self._typed_key).digest()[:KEY_ID_SIZE]

    @property
    def _typed_key(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key

    def vkey(self) -> str:
        """Return `name+keyid+base64(algorithm || public key)`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._typed_key)}"

    @classmethod
    def parse(cls, vkey: str, algorithm: int = ED25519) -> NoteVerifier:
        """Read a vkey of the one `algorithm` that is expected.

        Raises:
            FormatError: not a vkey, another algorithm, or the key id is not the key's.
        """
        match = _VKEY.fullmatch(vkey)
        if match is None:
            raise FormatError("not a verifier key")
        typed = decode_base64(match[3], 1 + PUBLIC_KEY_SIZE)
        verifier = cls(match[1], typed[1:], typed[0])
        verifier.expect(algorithm)
        if verifier.key_id.hex() != match[2]:
            raise FormatError("the key id is not the key's")
        return verifier

    def expect(self, algorithm: int) -> None:
        """Refuse the use of this key for another type of signature.

        Raises:
            FormatError: the key is of another type.
        """
        if self.algorithm != algorithm:
            raise FormatError("a verifier key of another type")

    def signatures_in(self, note: Note) -> tuple[bytes, ...]:
        """Return every signature in `note` that claims this key.

        Raises:
            SignatureError: there is none.
        """
        mine = (self.name, self.key_id)
        found = tuple(s.signature for s in note.signatures if (s.name, s.key_id) == mine)
        if not found:
            raise SignatureError("not signed by the expected key")
        return found

    def check(self, message: bytes, signature: bytes) -> None:
        """Verify one Ed25519 signature.

        Raises:
            SignatureError: it does not verify.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise SignatureError("note") from error

    def verify(self, note: Note) -> None:
        """Check that this key signed the text; a second, false line of it spoils the note.

        Raises:
            FormatError: the key is not of type ED25519.
            SignatureError: no signature of this key, or one that does not verify.
        """
        self.expect(ED25519)
        for signature in self.signatures_in(note):
            self.check(note.text.encode(), signature)


def sign_note(text: str, verifier: NoteVerifier, sign: Sign) -> Note:
    """Return `text` as a note signed by the holder of `verifier`'s private key.

    Args:
        text: ends in a newline, no control characters.
        verifier: name and public key of the signer, of type ED25519.
        sign: returns the Ed25519 signature (64 bytes) of the bytes it is given.

    Raises:
        FormatError: not a text that a note can hold, or the key is not of type ED25519.
        SignatureError: what `sign` returned does not verify; nothing false is ever published.
    """
    verifier.expect(ED25519)
    message = check_text(text).encode()
    signature = sign(message)
    verifier.check(message, signature)
    return Note(text, (NoteSignature(verifier.name, verifier.key_id, signature),))


def check_text(text: str) -> str:
    """Return `text` if a note can hold it.

    Raises:
        FormatError: no newline at the end, control characters, or lone surrogates.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise FormatError("not a text that a note can hold")
    return _encodable(text)


def check_name(name: str) -> str:
    """Return `name` if it can name a key.

    Raises:
        FormatError: empty, too long, or with a plus, a Unicode space or a control character.
    """
    if not 1 <= len(name) <= MAX_NAME or "+" in name or _CONTROL.search(name):
        raise FormatError("not a key name")
    if any(character.isspace() for character in name):
        raise FormatError("a key name holds no spaces")
    return _encodable(name)


def _encodable(text: str) -> str:
    try:
        text.encode("utf-8", "strict")
    except UnicodeEncodeError as error:
        raise FormatError("not expressible as UTF-8") from error
    return text
