"""Sealing to a public key: HPKE (RFC 9180, base mode, single shot) with X25519 + ML-KEM-768.

Suite: `KEM.MLKEM768_X25519` (X-Wing, KEM id 0x647a), HKDF-SHA256, AES-256-GCM. The KEM is a draft
(draft-connolly-cfrg-xwing-kem), so every message starts with a version byte.

The library takes `info` but no AAD, and every failure of it is one `InvalidTag`. The frame
therefore carries the version and the recipient's key id, so that a reader can tell "damaged" from
"not for this key" before any decryption. See docs/spec/envelope.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from vault.crypto import suite
from vault.errors import FormatError, SealError, UnknownVersionError, WrongKeyError

VERSION = 0x01
SEED_SIZE = 32
PUBLIC_SIZE = 1216
KEY_ID_SIZE = 16
ENC_SIZE = 1120
OVERHEAD = 1 + KEY_ID_SIZE + ENC_SIZE + suite.TAG_SIZE
MAX_INFO = 1024

_MLKEM_PUBLIC = 1184
_HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def key_id(public: bytes) -> bytes:
    """Return the first 16 bytes of SHA-256(public key): names a key in frames and file names."""
    return suite.sha256(public)[:KEY_ID_SIZE]


@dataclass(frozen=True)
class OpeningKey:
    """A key pair that opens what was sealed to its public half.

    Args:
        seed: 32 bytes; both private halves come from SHAKE256(seed, 96) as X-Wing expands them.
    """

    seed: bytes = field(repr=False)
    public: bytes = field(init=False, repr=False)
    _private: hpke.MLKEM768X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise FormatError("a seed has 32 bytes")
        expanded = hashlib.shake_256(self.seed).digest(96)
        lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
        public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        object.__setattr__(self, "public", public)
        object.__setattr__(self, "_private", hpke.MLKEM768X25519PrivateKey(lattice, curve))

    @classmethod
    def generate(cls) -> OpeningKey:
        """Return a new random key pair."""
        return cls(suite.random(SEED_SIZE))

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Open a frame made by `seal` for this key and this `info`.

        Raises:
            FormatError: not a frame.
            UnknownVersionError: a frame of another version.
            WrongKeyError: sealed to another public key.
            SealError: changed, or sealed in another context (`info`).
        """
        if len(sealed) < OVERHEAD:
            raise FormatError("sealed message too short")
        if sealed[0] != VERSION:
            raise UnknownVersionError("sealed message")
        if not suite.equal(sealed[1 : 1 + KEY_ID_SIZE], key_id(self.public)):
            raise WrongKeyError
        try:
            return _HPKE.decrypt(sealed[1 + KEY_ID_SIZE :], self._private, info)
        except (InvalidTag, ValueError) as error:
            raise SealError from error


def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal `plaintext` to the holder of `public`.

    Args:
        public: 1,216 bytes, ML-KEM-768 encapsulation key followed by the X25519 public key.
        info: the context; whoever opens must present the same. At most 1,024 bytes.
        plaintext: any size; the frame is OVERHEAD bytes longer.

    Returns:
        version (1 B) ‖ key id (16 B) ‖ enc (1,120 B) ‖ ciphertext ‖ tag (16 B).

    Raises:
        FormatError: `public` is no valid key, or `info` is too long.
    """
    if len(info) > MAX_INFO:
        raise FormatError("context too long")
    key = _public_key(public)
    try:
        sealed = _HPKE.encrypt(plaintext, key, info)
    except ValueError as error:  # an X25519 point of small order gives an all-zero secret
        raise FormatError("not a usable public key") from error
    return bytes((VERSION,)) + key_id(public) + sealed


def sealed_for(sealed: bytes) -> bytes:
    """Return the key id (16 B) that a frame names, without opening it."""
    if len(sealed) < OVERHEAD:
        raise FormatError("sealed message too short")
    return sealed[1 : 1 + KEY_ID_SIZE]


def check_public(public: bytes) -> bytes:
    """Return `public` if it is a well-formed public key of the suite, else raise FormatError."""
    _public_key(public)
    return public


@lru_cache(maxsize=64)  # the same few recipients again and again; public keys are no secret
def _public_key(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_SIZE:
        raise FormatError("a public key has 1216 bytes")
    try:
        lattice = mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC])
        curve = x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:])
    except ValueError as error:
        raise FormatError("not a public key") from error
    return hpke.MLKEM768X25519PublicKey(lattice, curve)
