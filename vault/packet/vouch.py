"""What a receipt tells the vault about a page that says what is allowed: that it made it.

Whoever opened an account knows its addenda keys and could make an addendum that passes. No reader
ever knows the keys of its instructions: so beside such a page goes, in an instruction that the
vault verifies and enters in the log, a MAC over what the page says. To nobody without the account
it names a page, a receipt or an answer. See docs/spec/consent.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.crypto import suite
from vault.keyring.compartments import Compartment
from vault.packet.dating import commitment_of

FORMAT = "witness-vault/vouch/v1"
SIZE = 32


def vouch(addenda_key: bytes, testimony: str, content: Mapping[str, Any]) -> bytes:
    """Return what vouches for the account record of an addendum, 32 bytes.

    Args:
        addenda_key: of the receipt that made it, so that no reader can give it to the other one.
        testimony: id.
        content: as it was sealed, with its salt.

    Raises:
        FormatError: content without salt, answers, or canonical form.
    """
    key = suite.hkdf(addenda_key, f"{FORMAT}/key".encode())
    made = commitment_of(Compartment.ACCOUNT, "addendum", content)
    return suite.mac(key, f"{FORMAT}\0{testimony}\0".encode() + made)
