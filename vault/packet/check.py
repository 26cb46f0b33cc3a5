"""Checks on an opened account, before anything of it is shown.

The account record of a testimony carries the keys of both boxes. The header commits to them, and
every record a witness sent carries a MAC by one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import seal, suite
from vault.errors import FormatError
from vault.packet.format import Header
from vault.packet.material import account_commitment
from vault.packet.seal_box import BoxPart

_BOX = frozenset({"public", "fixed", "addenda_key"})


@dataclass(frozen=True)
class Receipts:
    """What the account record knows of both boxes; the first is the witness's own."""

    parts: tuple[BoxPart, BoxPart] = field(repr=False)
    addenda_keys: tuple[bytes, bytes] = field(repr=False)


def receipts_of(header: Header, account: dict[str, Any]) -> Receipts:
    """Return the boxes' keys that an account record names, if the header commits to them.

    Raises:
        FormatError: they are missing, malformed, or not what the header commits to.
    """
    value = account.get("receipts")
    if not isinstance(value, dict) or value.keys() != {"salt", "boxes"}:
        raise FormatError("account without receipts")
    boxes = value["boxes"]
    if not isinstance(boxes, list) or len(boxes) != 2:  # noqa: PLR2004 - always two
        raise FormatError("two boxes")
    (first, first_key), (second, second_key) = (_box(item) for item in boxes)
    publics, keys = (first.public, second.public), (first_key, second_key)
    expected = account_commitment(canonical.unb64(value["salt"], 32), publics, keys)
    if not suite.equal(expected, header.account_commitment):
        raise FormatError("the header does not commit to these boxes")
    return Receipts((first, second), keys)


def _box(item: Any) -> tuple[BoxPart, bytes]:
    if not isinstance(item, dict) or item.keys() != _BOX:
        raise FormatError("box of an account")
    # An exact size: the commitment hashes the keys one after the other.
    public = canonical.unb64(item["public"], seal.PUBLIC_SIZE)
    part = BoxPart(public, canonical.unb64(item["fixed"]))
    return part, canonical.unb64(item["addenda_key"], 32)
