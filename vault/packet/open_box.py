"""Opening boxes. Only `testimony` may import this; the import contracts say so."""

from __future__ import annotations

from typing import Any

from vault import canonical
from vault.crypto import padding, suite
from vault.crypto.receipt import Receipt
from vault.crypto.seal import PUBLIC_SIZE, OpeningKey, check_public
from vault.errors import FormatError, MacError
from vault.keyring.compartments import Compartment
from vault.packet.box import (
    FIXED_FORMAT,
    FIXED_MINIMUM,
    FORMAT,
    MINIMUM,
    VOUCHED,
    BoxContent,
    Current,
    Fixed,
    context,
    fixed_mac,
)
from vault.packet.format import TESTIMONY_ID, matching

_FIELDS = frozenset("format testimony publics fixed current".split())


def open_box(receipt: Receipt, sealed: bytes) -> BoxContent:
    """Open the box of a receipt.

    Raises:
        WrongKeyError, SealError: not this receipt's box, or changed.
        MacError: whoever wrote it changed what the receipt alone vouches for.
        FormatError: opened, but not a box.
    """
    key = OpeningKey(receipt.box_seed)
    plain = padding.unpad(key.open(sealed, context(FORMAT, key.public)), MINIMUM)
    value = canonical.loads_object(plain, _FIELDS)
    if value["format"] != FORMAT:
        raise FormatError("box")
    testimony = matching(TESTIMONY_ID, value["testimony"])
    publics = _publics(value["publics"])
    frame = key.open(canonical.unb64(value["fixed"]), context(FIXED_FORMAT, key.public))
    fixed = _fixed(receipt, testimony, publics, padding.unpad(frame, FIXED_MINIMUM))
    identity = OpeningKey(fixed.identity_seed).public
    return BoxContent(
        testimony,
        {**publics, Compartment.IDENTITY: identity},
        fixed,
        Current.from_json(value["current"]),
    )


def _publics(value: Any) -> dict[Compartment, bytes]:
    if not isinstance(value, dict) or value.keys() != set(VOUCHED):
        raise FormatError("box publics")
    return {name: check_public(canonical.unb64(value[name], PUBLIC_SIZE)) for name in VOUCHED}


def _fixed(
    receipt: Receipt, testimony: str, publics: dict[Compartment, bytes], plain: bytes
) -> Fixed:
    value = canonical.loads_object(plain, frozenset({"fixed", "mac"}))
    fixed = Fixed.from_json(testimony, value["fixed"])
    expected = fixed_mac(receipt, testimony, publics, fixed)
    if not suite.equal(expected, canonical.unb64(value["mac"], len(expected))):
        raise MacError
    return fixed
