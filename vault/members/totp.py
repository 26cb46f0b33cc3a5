"""Codes of authenticator apps: RFC 6238 with SHA-1, six digits, 30 seconds.

Not handled here: where secrets are kept and which steps were used (`factors`).
"""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, urlencode

import pyotp

from vault import clock
from vault.crypto import suite
from vault.errors import InputError

SECRET_SIZE = 20  # RFC 4226, section 4, R6: 160 bits recommended
STEP_SECONDS = 30
SKEW = 1  # steps that a phone's clock may be off; RFC 6238, section 5.2

_DIGITS = re.compile(r"[0-9]{6}")
_BETWEEN = re.compile(r"[\s\-–—]")
_GROUP = 4
_MAX_TYPED = 64


def new_secret() -> bytes:
    """Return a new secret, SECRET_SIZE random bytes."""
    return suite.random(SECRET_SIZE)


def text_of(secret: bytes) -> str:
    """Return a secret as apps take it: base 32 (RFC 4648)."""
    return base64.b32encode(secret).decode("ascii")


def groups_of(secret: bytes) -> str:
    """Return the same in groups of four, for typing."""
    text = text_of(secret)
    return " ".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def secret_of(text: str) -> bytes:
    """Return the secret that `text_of` or `groups_of` wrote.

    Raises:
        InputError: this is none.
    """
    try:
        secret = base64.b32decode(_BETWEEN.sub("", text).upper())
    except ValueError:
        raise InputError("this is no secret of an authenticator") from None
    if len(secret) != SECRET_SIZE:
        raise InputError("this is no secret of an authenticator")
    return secret


def address_of(secret: bytes, label: str) -> str:
    """Return the `otpauth:` address that apps read from a QR code. It names nobody."""
    fields = urlencode({"secret": text_of(secret), "issuer": label}, quote_via=quote)
    return f"otpauth://totp/{quote(label, safe='')}?{fields}"


def step_now() -> int:
    """Return the number of the current step."""
    return clock.now() // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """Return the six digits of a step."""
    return pyotp.TOTP(text_of(secret)).generate_otp(step)


def matching_step(secret: bytes, typed: str, after: int = 0) -> int | None:
    """Return the step that the typed digits belong to, of those accepted now; None if of none.

    Every step is computed and compared, whatever was typed.

    Args:
        secret: the member's.
        typed: digits, with or without spaces.
        after: the last step used; neither it nor an earlier one counts again.
    """
    code = _BETWEEN.sub("", typed[:_MAX_TYPED])
    digits = code if _DIGITS.fullmatch(code) else ""
    now, found = step_now(), None
    for step in range(now - SKEW, now + SKEW + 1):
        if suite.equal(code_at(secret, step).encode(), digits.encode()) and step > after:
            found = step
    return found
