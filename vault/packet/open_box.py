"""Opening boxes. Only `testimony` may import this; the import contracts say so."""

from __future__ import annotations

from vault import canonical
from vault.crypto import padding
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError
from vault.packet.box import (
    FIXED_FORMAT,
    FIXED_MINIMUM,
    FORMAT,
    MINIMUM,
    BoxContent,
    Current,
    Fixed,
    context,
)
from vault.packet.format import Header


def open_box(receipt: Receipt, sealed: bytes) -> BoxContent:
    """Open the box of a receipt.

    Raises:
        WrongKeyError, SealError: not this receipt's box, or changed.
        FormatError: opened, but not a box.
    """
    key = OpeningKey(receipt.box_seed)
    plain = padding.unpad(key.open(sealed, context(FORMAT, key.public)), MINIMUM)
    value = canonical.loads_object(plain, frozenset({"format", "header", "fixed", "current"}))
    if value["format"] != FORMAT:
        raise FormatError("box")
    header = Header.from_json(value["header"])
    frame = key.open(canonical.unb64(value["fixed"]), context(FIXED_FORMAT, key.public))
    fixed = canonical.loads(padding.unpad(frame, FIXED_MINIMUM))
    return BoxContent(
        header, Fixed.from_json(header.testimony, fixed), Current.from_json(value["current"])
    )
