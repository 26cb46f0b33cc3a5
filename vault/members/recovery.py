"""Recovery codes: a member's way in without their authenticator, each once."""

from __future__ import annotations

import re
import secrets

from vault.crypto import suite
from vault.roster.invitations import folded

COUNT = 10

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base 32, RFC 4648
_LENGTH = 10  # 50 bits
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")
_CONTEXT = b"witness-vault/recovery-code/v1/"
_MAX_TYPED = 64


def new_code() -> str:
    """Return a new code, two groups of five letters."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"


def mac_of(key: bytes, member_id: str, typed: str) -> bytes:
    """Return what is stored of a code of one member, 32 bytes, from any spelling of it.

    What is no code gives the MAC of nothing, which is never stored; the work is the same.
    """
    code = folded(typed[:_MAX_TYPED])
    code = code if _CODE.fullmatch(code) else ""
    return suite.mac(key, _CONTEXT + member_id.encode() + b"/" + code.encode())
