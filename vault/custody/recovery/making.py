"""A new recovery key, offline: made, split, and put together once from paper before it counts.

The secret is here for as long as these functions run. What proves that shares were typed from
paper is a signature by a key that only the secret gives: nobody can publish a key in the roster
whose shares were never put together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from vault import clock
from vault.crypto import shares, sign, suite
from vault.crypto.seal import OpeningKey
from vault.custody.recovery.documents import KEY, PublicKey
from vault.errors import RefusedError, ShareError, SignatureError

_PROOF = b"witness-vault/recovery-proof/v1"


def make(threshold: int, count: int) -> tuple[PublicKey, tuple[str, ...]]:
    """Make a key; returns its public half, unproven, and its shares.

    Raises:
        FormatError: 2 <= threshold <= count <= 16 does not hold.
    """
    key = OpeningKey.generate()
    split = tuple(shares.split(key.seed, threshold, count))
    public = PublicKey(key.public, _proof_key(key.seed).public, threshold, count, clock.day())
    return public, split


def prove(key: PublicKey, typed: Sequence[str]) -> tuple[PublicKey, tuple[ShareError, ...]]:
    """Put shares together and return the key with its proof, and what was wrong with some shares.

    Raises:
        ShareError: they do not give this key; says which share is wrong, as far as can be known.
    """
    combined = shares.combine(typed, lambda secret: OpeningKey(secret).public == key.public)
    proof = _proof_key(combined.secret).sign(KEY, key.statement())
    return dataclasses.replace(key, proof=proof), combined.faults


def check_proven(key: PublicKey) -> None:
    """Refuse a key that nobody has put together from its shares yet.

    Raises:
        RefusedError: there is no proof.
        SignatureError: the proof is not one of this key.
    """
    if key.proof is None:
        raise RefusedError("its shares were not tested yet: witness-vault recovery test")
    try:
        sign.verify(key.proof_key, KEY, key.statement(), key.proof)
    except SignatureError:
        raise SignatureError("the proof that its shares were tested") from None


def _proof_key(secret: bytes) -> sign.SigningKey:
    return sign.SigningKey(suite.hkdf(secret, _PROOF))
