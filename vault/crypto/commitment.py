"""A salted commitment to many named values, of which each can be shown without the others.

Every part is hashed with a salt of its own, derived from the record's: whoever is shown one part
and its salt learns nothing of the rest, and nobody can try guesses. Random-looking digests fill the
list up, so that it does not tell how many parts there are. See docs/spec/proof-of-date.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vault import canonical
from vault.crypto import suite

FORMAT = "witness-vault/proof-of-date/v1"
SALT_SIZE = 32
DIGEST_SIZE = 32
FILLED_TO = 16

_PART = f"{FORMAT}/part\0".encode()
_RECORD = f"{FORMAT}/record\0".encode()


def salt_of(salt: bytes, name: str) -> bytes:
    """Return the salt of one part, 32 bytes; it gives back nothing of the record's."""
    return suite.hkdf(salt, f"{FORMAT}/salt/{name}".encode())


def digest(salt: bytes, name: str, value: Any) -> bytes:
    """Return the digest of one part under its own salt, 32 bytes.

    Raises:
        FormatError: a value without canonical form.
    """
    return suite.sha256(_PART + salt + canonical.dumps([name, value]))


def digests(salt: bytes, parts: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the digests of all parts, filled up to a power of two of at least FILLED_TO, sorted.

    Args:
        salt: of the record, 32 bytes.
        parts: values by name.
    """
    made = [digest(salt_of(salt, name), name, value) for name, value in parts.items()]
    size = max(FILLED_TO, 1 << (max(1, len(made)) - 1).bit_length())
    filling = (suite.hkdf(salt, f"{FORMAT}/filling/{n}".encode()) for n in range(size - len(made)))
    return tuple(sorted([*made, *filling]))


def commitment(made: Iterable[bytes]) -> bytes:
    """Return what a sorted list of digests comes to, 32 bytes."""
    return suite.sha256(_RECORD + b"".join(made))
