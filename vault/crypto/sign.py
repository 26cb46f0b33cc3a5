"""Ed25519 signatures (RFC 8032) with domain separation.

What is signed is `context || 0x00 || message`. The context names the format the message is in, so a
signature on one kind of message never passes for another, even under one key. A context holds no
zero byte, so the first one ends it and no two pairs give the same bytes. (Ed25519ctx would do the
same inside the algorithm, but the library does not offer it.)

`sign_raw` and `verify_raw` are for formats that say themselves what is signed: a C2SP signed note
signs its own text. They refuse messages with a zero byte, which such text never holds and a
separated one always does; so the two kinds cannot be mistaken for each other either.
"""

from __future__ import annotations

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault.errors import FormatError, SignatureError

SEED_SIZE = 32
PUBLIC_SIZE = 32
SIGNATURE_SIZE = 64

_CONTEXT = re.compile(r"[!-~]{1,100}", re.ASCII)
_P = 2**255 - 19
# The y coordinates of the eight points of small order; see `_check_order`.
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})


class SigningKey:
    """A private key. Its repr shows the public half only.

    Args:
        seed: 32 bytes.

    Raises:
        FormatError: not 32 bytes.
    """

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise FormatError(f"a seed of {SEED_SIZE} bytes expected")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"

    @property
    def seed(self) -> bytes:
        """The private seed, 32 bytes, for whoever seals it into a key file or a session."""
        return self._key.private_bytes_raw()

    def sign(self, context: str, message: bytes) -> bytes:
        """Return the signature, 64 bytes, on `message` as what `context` names.

        Raises:
            FormatError: the context is not 1 to 100 printable ASCII characters without spaces.
        """
        return self._key.sign(_separated(context, message))

    def sign_raw(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes, on `message` as it stands; for signed notes only.

        Raises:
            FormatError: the message holds a zero byte.
        """
        if b"\0" in message:
            raise FormatError("text without zero bytes expected")
        return self._key.sign(message)


def verify(public: bytes, context: str, message: bytes, signature: bytes) -> None:
    """Accept a signature made by `SigningKey.sign` with the same context, or raise.

    Raises:
        SignatureError: another key, context or message, or a malformed key or signature.
        FormatError: the context is not 1 to 100 printable ASCII characters without spaces.
    """
    _verify(public, _separated(context, message), signature)


def verify_raw(public: bytes, message: bytes, signature: bytes) -> None:
    """Accept a signature made by `SigningKey.sign_raw`, or raise.

    Raises:
        SignatureError: another key or message, a zero byte in the message, or a malformed key or
            signature.
    """
    if b"\0" in message:
        raise SignatureError("text without zero bytes expected")
    _verify(public, message, signature)


def _separated(context: str, message: bytes) -> bytes:
    if not _CONTEXT.fullmatch(context):
        raise FormatError("a context is 1 to 100 printable ASCII characters without spaces")
    return context.encode() + b"\0" + message


def _verify(public: bytes, message: bytes, signature: bytes) -> None:
    _check_order(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError from None


def _check_order(public: bytes) -> None:
    """Refuse keys of small order, in any encoding.

    Under such a key one signature passes for many messages, so its holder could deny each of them.
    RFC 8032 leaves the check open and the library does not make it.
    """
    y = int.from_bytes(public, "little") % 2**255 % _P
    if len(public) != PUBLIC_SIZE or y in _SMALL_ORDER:
        raise SignatureError("not a public key")
