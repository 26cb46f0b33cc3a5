"""The two spellings that every C2SP text format shares: base64 and decimal numbers, strictly.

Standard Base 64 with padding (RFC 4648, section 4) and ASCII decimals without leading zeroes. A
second spelling of the same value is refused, so that two readers never see two texts as one.
"""

from __future__ import annotations

import base64
import re

from vault.errors import FormatError

# The C2SP formats allow 64 bits; ours stay within what every JSON reader holds as well.
MAX_NUMBER = 2**53 - 1

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def encode_base64(data: bytes) -> str:
    """Return standard Base 64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, size: int | None = None) -> bytes:
    """Decode standard Base 64.

    Args:
        text: the encoded bytes.
        size: exact number of bytes expected, if it is fixed.

    Raises:
        FormatError: outside the alphabet, unpadded, a second spelling, or the wrong size.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise FormatError("not base64") from error
    if encode_base64(data) != text:
        raise FormatError("not the one spelling of base64")
    if size is not None and len(data) != size:
        raise FormatError(f"{size} bytes expected")
    return data


def parse_decimal(text: str) -> int:
    """Return the number 0 to MAX_NUMBER that `text` spells.

    Raises:
        FormatError: signs, spaces, leading zeroes, other digits than ASCII's, or too large.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_NUMBER:
        raise FormatError("not a decimal number")
    return int(text)


def decode_utf8(data: bytes) -> str:
    """Return the text of `data`.

    Raises:
        FormatError: not UTF-8.
    """
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8") from error
