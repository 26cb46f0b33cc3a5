"""The box `witness-vault/box/v1`: the sealed file a receipt opens. See docs/spec/box.md.

A box holds the testimony's header, a fixed part and a current part. The fixed part (seeds that
belong to the receipt alone, grants held back) is sealed to the box's key by itself: whoever holds
the account carries it from one writing of the box to the next without being able to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import padding, seal
from vault.errors import FormatError
from vault.keyring.grants import Grant
from vault.packet.format import Header

FORMAT = "witness-vault/box/v1"
FIXED_FORMAT = "witness-vault/fixed/v1"
SENT_FORMAT = "witness-vault/sent/v1"
MINIMUM = 16_384
FIXED_MINIMUM = 1024
SENT_SIZE = 4096
MAX_SENT = 20

_CURRENT = frozenset({"day", "epoch", "handlers", "replies", "openings"})


@dataclass(frozen=True)
class Fixed:
    """What the receipt needs for ever.

    Args:
        identity_seed: opens and re-grants `identity`, 32 bytes; noise in the second box.
        account_seed: opens the witness's own account, only if they chose so when sending.
        held: grants held back because reading was not allowed yet.
        form: form id.
        language: of the page it was sent from.
        day: of sending.
    """

    identity_seed: bytes = field(repr=False)
    account_seed: bytes | None = field(repr=False)
    held: tuple[Grant, ...] = field(repr=False)
    form: str
    language: str
    day: str

    def to_json(self) -> dict[str, Any]:
        """Return the fixed part as a JSON object."""
        account = None if self.account_seed is None else canonical.b64(self.account_seed)
        return {
            "format": FIXED_FORMAT,
            "seeds": {"identity": canonical.b64(self.identity_seed), "account": account},
            "held": [grant.to_json() for grant in self.held],
            "form": self.form,
            "language": self.language,
            "day": self.day,
        }

    @classmethod
    def from_json(cls, testimony: str, value: Any) -> Fixed:
        """Parse strictly; raises FormatError."""
        fields = {"format", "seeds", "held", "form", "language", "day"}
        if not isinstance(value, dict) or value.keys() != fields or value["format"] != FIXED_FORMAT:
            raise FormatError("fixed part")
        seeds = value["seeds"]
        account = seeds["account"]
        return cls(
            identity_seed=canonical.unb64(seeds["identity"], seal.SEED_SIZE),
            account_seed=None if account is None else canonical.unb64(account, seal.SEED_SIZE),
            held=tuple(Grant.from_json(testimony, grant) for grant in value["held"]),
            form=str(value["form"]),
            language=str(value["language"]),
            day=str(value["day"]),
        )


@dataclass(frozen=True)
class Current:
    """What is written anew whenever something changes for the witness.

    Args:
        day: of this writing.
        epoch: document and signature of the newest epoch, None while it is the header's.
        handlers: who handles the case: {"member", "capacity"}.
        replies: staff replies: {"document", "signature"}.
        openings: who opened it: {"day", "role", "compartment"}.
    """

    day: str
    epoch: Mapping[str, Any] | None = None
    handlers: tuple[Mapping[str, Any], ...] = ()
    replies: tuple[Mapping[str, Any], ...] = ()
    openings: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the current part as a JSON object."""
        return {
            "day": self.day,
            "epoch": None if self.epoch is None else dict(self.epoch),
            "handlers": [dict(item) for item in self.handlers],
            "replies": [dict(item) for item in self.replies],
            "openings": [dict(item) for item in self.openings],
        }

    @classmethod
    def from_json(cls, value: Any) -> Current:
        """Parse the shape; what stands in it is checked by whoever shows it."""
        if not isinstance(value, dict) or value.keys() != _CURRENT:
            raise FormatError("current part")
        lists = {name: value[name] for name in ("handlers", "replies", "openings")}
        if not all(isinstance(items, list) for items in lists.values()):
            raise FormatError("current part")
        return cls(
            value["day"], value["epoch"], **{name: tuple(items) for name, items in lists.items()}
        )


def locator(public: bytes) -> str:
    """Return the name of the box of a public key: the frame's key id, hex."""
    return seal.key_id(public).hex()


def context(kind: str, public: bytes) -> bytes:
    """Return the seal's context of a box, its fixed part, or the file of what was sent."""
    return canonical.dumps({"format": kind, "locator": locator(public)})


def seal_fixed(public: bytes, fixed: Fixed) -> bytes:
    """Seal a fixed part to a box's public key."""
    padded = padding.pad(canonical.dumps(fixed.to_json()), FIXED_MINIMUM)
    return seal.seal(public, context(FIXED_FORMAT, public), padded)


@dataclass(frozen=True)
class BoxContent:
    """An opened box."""

    header: Header
    fixed: Fixed
    current: Current
