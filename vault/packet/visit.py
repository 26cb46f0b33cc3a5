"""The signal of a visit: somebody came to a box, and with which of the two receipts.

Every visit to either box sends one, alike but for its proof: a MAC over the day, under a key that
only the receipt and whoever opens the account can make. What is kept is the proof alone. To nobody
else it names a day or a receipt; who holds the account tries the days. See docs/spec/packet.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from vault import canonical
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError

FORMAT = "witness-vault/visit/v1"
NAME = "visit"
PROOF_SIZE = 32

_FIELDS = frozenset({"name", "proof"})


def proof_key(addenda_key: bytes) -> bytes:
    """Return the key of a receipt's proofs, 32 bytes; it gives nothing back of the addenda key."""
    return suite.hkdf(addenda_key, f"{FORMAT}/proof".encode())


def proof(key: bytes, testimony: str, day: str) -> bytes:
    """Return what says that somebody came on a day with the receipt of this proof key, 32 bytes."""
    return suite.mac(key, f"{FORMAT}\0{testimony}\0{day}".encode())


def secret(receipt: Receipt, day: str) -> bytes:
    """Return the packet secret of a visit: all of one day with one receipt are one packet."""
    return suite.hkdf(receipt.entropy, f"{FORMAT}/{day}".encode())


def instruction(receipt: Receipt, testimony: str, day: str) -> dict[str, Any]:
    """Return the instruction that says that somebody came."""
    made = proof(proof_key(receipt.addenda_key), testimony, day)
    return {"name": NAME, "proof": canonical.b64(made)}


def parse(instruction: dict[str, Any]) -> bytes:
    """Return the proof of an instruction of this name.

    Raises:
        FormatError: anything else.
    """
    if instruction.keys() != _FIELDS or instruction["name"] != NAME:
        raise FormatError("visit")
    return canonical.unb64(instruction["proof"], PROOF_SIZE)


def days_among(
    key: bytes, testimony: str, proofs: Collection[bytes], days: Iterable[str]
) -> tuple[str, ...]:
    """Return those of some days on which somebody came with the receipt of a proof key."""
    return tuple(day for day in days if proof(key, testimony, day) in proofs)
