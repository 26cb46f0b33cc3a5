"""The secrets of one testimony, all derived from one 32-byte secret.

A packet maker draws that secret at random. The intake server derives it from the page's `send_id`
and a key that lives in memory only, so that a double click or a resend has the same words and the
same testimony id, and nobody can derive it again once that key is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.crypto.seal import SEED_SIZE, OpeningKey
from vault.keyring.compartments import OF_TESTIMONY, Compartment

LABEL = "witness-vault/material/v1/"
ACCOUNT_COMMITMENT = b"witness-vault/commitment/v1/account"
COLLECTOR_COMMITMENT = b"witness-vault/commitment/v1/collector"


@dataclass(frozen=True)
class Material:
    """Receipt, second receipt, compartment keys, salts and ids of one testimony.

    Args:
        secret: 32 bytes; whoever has it can open everything of this testimony.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Material:
        """Return the material of a new testimony."""
        return cls(suite.random(SEED_SIZE))

    def bytes_for(self, use: str, size: int = SEED_SIZE) -> bytes:
        """Return `size` bytes for one named use."""
        return suite.hkdf(self.secret, (LABEL + use).encode(), size)

    @cached_property
    def receipt(self) -> Receipt:
        """The receipt that the witness keeps."""
        return Receipt(self.bytes_for("receipt", 16))

    @cached_property
    def second(self) -> Receipt:
        """The receipt of the second box: computationally independent of the first."""
        return Receipt(self.bytes_for("second-receipt", 16))

    @cached_property
    def boxes(self) -> tuple[OpeningKey, OpeningKey]:
        """Key pairs of the first and the second box."""
        return OpeningKey(self.receipt.box_seed), OpeningKey(self.second.box_seed)

    @cached_property
    def compartments(self) -> dict[Compartment, OpeningKey]:
        """Key pairs of account, medical and identity, epoch 1."""
        return {c: OpeningKey(self.bytes_for(f"compartment/{c}")) for c in OF_TESTIMONY}

    def record_id(self, compartment: Compartment) -> str:
        """Return the id of the first record of a compartment, hex."""
        return self.bytes_for(f"record/{compartment}", 16).hex()


def account_commitment(
    salt: bytes, box_publics: tuple[bytes, bytes], addenda_keys: tuple[bytes, bytes]
) -> bytes:
    """Return what the header commits to for whoever opens the account, 32 bytes.

    The salt keeps whoever sees only the header from testing a box key against it.
    """
    return suite.sha256(b"".join((ACCOUNT_COMMITMENT, salt, *box_publics, *addenda_keys)))


def collector_commitment(salt: bytes, instructions_keys: tuple[bytes, bytes]) -> bytes:
    """Return what the header commits to for the collector, 32 bytes."""
    return suite.sha256(b"".join((COLLECTOR_COMMITMENT, salt, *instructions_keys)))
