"""The suite: which algorithms this program composes, each behind one small function.

HKDF-SHA256 (RFC 5869), HMAC-SHA256 (RFC 2104), SHA-256 (FIPS 180-4), AES-256-GCM (SP 800-38D).
Sealing to a public key is in `seal.py`, signatures in `sign.py`, passphrases in `passphrase.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import FormatError, SealError

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16


def random(size: int) -> bytes:
    """Return `size` bytes from the operating system."""
    return secrets.token_bytes(size)


def sha256(data: bytes) -> bytes:
    """Return SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def fingerprint(public: bytes) -> str:
    """Return what people compare aloud or on paper: eight groups of four hex digits."""
    digest = sha256(public)[:16].hex()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def hkdf(ikm: bytes, info: bytes, length: int = KEY_SIZE, salt: bytes = b"") -> bytes:
    """Return `length` bytes of HKDF-SHA256; `info` names the one use of the result."""
    return HKDF(hashes.SHA256(), length, salt or None, info).derive(ikm)


def mac(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA256, 32 bytes."""
    return hmac.digest(key, message, "sha256")


def equal(one: bytes, other: bytes) -> bool:
    """Compare in time that does not depend on the content."""
    return hmac.compare_digest(one, other)


def aead_seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce (12 B, random) followed by the AES-256-GCM ciphertext and tag.

    One key must not seal more than 2^32 messages (SP 800-38D, section 8.3); the keys here seal one
    testimony's grants or the sessions between two restarts.
    """
    nonce = random(NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def aead_open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open what `aead_seal` made.

    Raises:
        FormatError: too short to be one.
        SealError: wrong key, changed, or another `aad`.
    """
    if len(sealed) < NONCE_SIZE + TAG_SIZE:
        raise FormatError("sealed message too short")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], aad)
    except InvalidTag as error:
        raise SealError from error
