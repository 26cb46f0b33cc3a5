"""Canonical JSON (RFC 8785) and base64url (RFC 4648, section 5, no padding).

Everything this program hashes, signs, seals or keeps as JSON passes through here, so two makers
always produce the same bytes and a reader never accepts a second spelling of the same value.

Floating-point numbers are refused: no format of ours needs one, and they are where two JSON
libraries disagree. Integers stay within ±(2^53 - 1), which every reader can hold, and keys within
the Basic Multilingual Plane, where the order by UTF-16 unit that the RFC asks for is the order by
code point. What is left, the standard library's encoder writes as the RFC does, ten times faster
than an encoder in Python; the tests hold it against one (docs/decisions/0002-dependencies.md).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from vault.errors import FormatError

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1

_LAST_OF_PLANE = "\uffff"
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def dumps(value: Any) -> bytes:
    """Return `value` as canonical JSON, UTF-8.

    Raises:
        FormatError: anything but objects, lists, strings, integers, booleans and null; a key that
            is no string or holds a character beyond U+FFFF; a lone surrogate; an integer beyond
            MAX_INTEGER; or nesting beyond MAX_DEPTH.
    """
    _check(value, MAX_DEPTH)
    try:
        return _encode(value).encode("utf-8")
    except UnicodeError:
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
    if isinstance(value, dict):
        for key in value:
            _check_key(key)
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        _check_leaf(value)
        return
    for item in value:
        _check(item, depth - 1)


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or max(key, default="") > _LAST_OF_PLANE:
        raise FormatError("keys are strings of the Basic Multilingual Plane")


def _check_leaf(value: Any) -> None:
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise FormatError("an integer is too large")
    elif value is not None and not isinstance(value, str):
        raise FormatError("no such value in our formats")
