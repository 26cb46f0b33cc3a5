"""The allow-lists: what each agent can be asked, and how arguments and results look on the wire.

Client and server both read these tables, so neither can say what the other does not understand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vault.canonical import b64, unb64
from vault.errors import FormatError


@dataclass(frozen=True)
class Codec:
    """How one kind of value is written in JSON and read strictly."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _only(kind: type) -> Codec:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise FormatError("another kind of value expected")
        return value

    return Codec(check, check)


def _decode_opened(value: Any) -> tuple[bytes, bytes]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a pair
        raise FormatError("a pair expected")
    return unb64(value[0]), unb64(value[1])


def _decode_listed(value: Any) -> list[tuple[bytes, bytes]]:
    if not isinstance(value, list):
        raise FormatError("a list expected")
    return [_decode_opened(pair) for pair in value]


BYTES = Codec(b64, unb64)
TEXT = _only(str)
NUMBER = _only(int)
FLAG = _only(bool)
NOTHING = _only(type(None))
OPENED = Codec(lambda pair: [b64(part) for part in pair], _decode_opened)
LISTED = Codec(lambda pairs: [OPENED.encode(pair) for pair in pairs], _decode_listed)


@dataclass(frozen=True)
class Operation:
    """What one operation takes, in order, and what it gives."""

    takes: tuple[Codec, ...]
    gives: Codec

    def encode_arguments(self, arguments: tuple[Any, ...]) -> list[Any]:
        """Return the arguments as JSON values."""
        return [codec.encode(value) for codec, value in zip(self.takes, arguments, strict=True)]

    def decode_arguments(self, values: Any) -> list[Any]:
        """Return the arguments.

        Raises:
            FormatError: their number or kinds are not those of the operation.
        """
        if not isinstance(values, list) or len(values) != len(self.takes):
            raise FormatError("another number of arguments expected")
        return [codec.decode(value) for codec, value in zip(self.takes, values, strict=True)]


Operations = Mapping[str, Operation]

SESSION: Operations = {
    "seal": Operation((TEXT, BYTES, BYTES), BYTES),
    "open": Operation((TEXT, BYTES), OPENED),
    "end": Operation((BYTES, NUMBER), NOTHING),
    "derive": Operation((TEXT, BYTES), BYTES),
    "forget": Operation((), NOTHING),
    "memory_state": Operation((), TEXT),
}

VAULT: Operations = {
    **SESSION,
    "unlock": Operation((BYTES, BYTES, BYTES, BYTES), NOTHING),
    "lock": Operation((), NOTHING),
    "locked": Operation((), FLAG),
    "subkey": Operation((TEXT,), BYTES),
    "signed": Operation((), NUMBER),
    "sign_note": Operation((BYTES, BYTES), BYTES),
    "ledger_public": Operation((), BYTES),
    "collector_seeds": Operation((), BYTES),
    "note_session": Operation((TEXT, BYTES, BYTES), NOTHING),
    "sessions_of": Operation((TEXT,), LISTED),
    "take": Operation((TEXT, NUMBER, NUMBER), FLAG),
    "give_back": Operation((TEXT, NUMBER), NOTHING),
}

KDF: Operations = {
    # passphrase in UTF-8, salt, memory in KiB, passes, lanes
    "derive_key": Operation((BYTES, BYTES, NUMBER, NUMBER, NUMBER), BYTES),
}
