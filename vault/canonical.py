"""Canonical JSON (RFC 8785) and base64url (RFC 4648, section 5, no padding).

Everything this program hashes, signs, seals or keeps as JSON passes through here, so two makers
always produce the same bytes and a reader never accepts a second spelling of the same value.

Floating-point numbers are refused: no format of ours needs one, and they are where two JSON
libraries disagree. Integers stay within ±(2^53 - 1), which every reader can hold.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import rfc8785

from vault.errors import FormatError

MAX_DEPTH = 32


def dumps(value: Any) -> bytes:
    """Return `value` as canonical JSON, UTF-8.

    Raises:
        FormatError: a float, a non-string key, a lone surrogate, an integer beyond 2^53 - 1, or
            nesting beyond MAX_DEPTH.
    """
    _check(value, MAX_DEPTH)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        # Not chained: the library's error holds the text.
        raise FormatError("not expressible as canonical JSON") from None


def loads(data: bytes) -> Any:
    """Parse canonical JSON and refuse any other spelling of it.

    Raises:
        FormatError: not UTF-8, not JSON, or not in canonical form (duplicate keys, spaces, floats).
    """
    try:
        value = json.loads(data.decode("utf-8", "strict"))
    except (ValueError, RecursionError):
        raise FormatError("not JSON") from None  # the decoder's error holds the whole document
    if dumps(value) != data:
        raise FormatError("JSON is not in canonical form")
    return value


def loads_object(data: bytes, fields: frozenset[str] | None = None) -> dict[str, Any]:
    """Parse a canonical JSON object; with `fields`, exactly these keys must stand in it."""
    value = loads(data)
    if not isinstance(value, dict):
        raise FormatError("not a JSON object")
    if fields is not None and value.keys() != fields:
        raise FormatError("unexpected or missing field")
    return value


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any, size: int | None = None) -> bytes:
    """Decode base64url without padding, strictly.

    Args:
        text: the encoded string.
        size: exact number of bytes expected, if it is fixed.

    Raises:
        FormatError: not a string, characters outside the alphabet, a second spelling of the same
            bytes, or the wrong size.
    """
    if not isinstance(text, str):
        raise FormatError("base64url expected")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("not base64url") from None
    if b64(data) != text:
        raise FormatError("not the one spelling of base64url")
    if size is not None and len(data) != size:
        raise FormatError(f"{size} bytes expected")
    return data


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise FormatError("nested too deeply")
    if isinstance(value, float):
        raise FormatError("no floating-point numbers")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise FormatError("keys are strings")
            _check(item, depth - 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item, depth - 1)
