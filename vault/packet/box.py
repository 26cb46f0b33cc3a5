"""The box `witness-vault/box/v1`: the sealed file a receipt opens. See docs/spec/box.md.

A box names its testimony and two public keys, and holds a fixed part and a current part. The
fixed part (seeds that belong to the receipt alone, grants held back) is sealed to the box's key by
itself: whoever holds the account carries it from one writing of the box to the next without being
able to read it. Its MAC is made under a key that only the receipt gives, and covers the testimony
id and the public keys too: whoever writes a box later cannot have addenda sealed to keys of theirs.

The box does not hold the header. The identity key is the one whose seed the fixed part holds, in
both boxes, so nothing in the second one contradicts itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError
from vault.keyring.compartments import Compartment
from vault.keyring.grants import Grant

FORMAT = "witness-vault/box/v1"
FIXED_FORMAT = "witness-vault/fixed/v1"
SENT_FORMAT = "witness-vault/sent/v1"
# Of the documents in `replies`: members sign them, the witness's side verifies them.
REPLY_FORMAT = "witness-vault/reply/v1"
MINIMUM = 65_536
FIXED_MINIMUM = 4096
SENT_SIZE = 8192
MAX_SENT = 60

VOUCHED = (Compartment.ACCOUNT, Compartment.MEDICAL)

SAVED, PROOF = LEFT = ("saved", "proof")
"""Of what was opened, what left the house as well: files that were saved, proofs of date."""

_FIXED = frozenset("format identity own held form language day".split())
_CURRENT = frozenset("day epoch handlers replies openings identity deletion keeping".split())


@dataclass(frozen=True)
class Fixed:
    """What the receipt needs for ever.

    Args:
        identity_seed: opens and re-grants `identity`, 32 bytes; in the second box the seed of a
            key that opens nothing of the testimony.
        own: a copy of the first answers of the account, only if the witness chose so when
            sending; never in the second box.
        held: grants held back because reading was not allowed yet; in the second box grants of
            seeds that open nothing.
        form: form id.
        language: of the page it was sent from.
        day: of sending.
    """

    identity_seed: bytes = field(repr=False)
    own: Mapping[str, Any] | None = field(repr=False)
    held: tuple[Grant, ...] = field(repr=False)
    form: str
    language: str
    day: str

    def to_json(self) -> dict[str, Any]:
        """Return the fixed part as a JSON object."""
        return {
            "format": FIXED_FORMAT,
            "identity": canonical.b64(self.identity_seed),
            "own": None if self.own is None else dict(self.own),
            "held": [grant.to_json() for grant in self.held],
            "form": self.form,
            "language": self.language,
            "day": self.day,
        }

    @classmethod
    def from_json(cls, testimony: str, value: Any) -> Fixed:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _FIXED or value["format"] != FIXED_FORMAT:
            raise FormatError("fixed part")
        own, held = value["own"], value["held"]
        if not isinstance(own, dict | None):
            raise FormatError("fixed part copy")
        texts = (value["form"], value["language"], value["day"])
        if not isinstance(held, list) or not all(isinstance(text, str) for text in texts):
            raise FormatError("fixed part")
        return cls(
            identity_seed=canonical.unb64(value["identity"], seal.SEED_SIZE),
            own=own,
            held=tuple(Grant.from_json(testimony, grant) for grant in held),
            form=value["form"],
            language=value["language"],
            day=value["day"],
        )


@dataclass(frozen=True)
class Current:
    """What is written anew whenever something changes for the witness.

    Args:
        day: of this writing.
        epoch: document and signature of the newest epoch, None while it is the header's.
        handlers: who handles the case: {"member", "capacity"}.
        replies: staff replies: {"document", "signature"}.
        openings: who opened it: {"day", "role", "compartment", "purpose"}; a purpose only of
            identity, else None.
        identity: the epoch that the vault knows of, and to whom it is released now:
            {"epoch", "released": [{"member", "day"}]}.
        deletion: the newest asking for deletion that the vault knows of, 0 if none, and the day on
            which the lawyer stopped it, or None: {"number", "stopped"}.
        keeping: until when it is kept, and why longer than was said: {"until", "reason"}; None
            while nobody opened it.
    """

    day: str
    epoch: Mapping[str, Any] | None = None
    handlers: tuple[Mapping[str, Any], ...] = ()
    replies: tuple[Mapping[str, Any], ...] = ()
    openings: tuple[Mapping[str, Any], ...] = ()
    identity: Mapping[str, Any] = field(default_factory=lambda: {"epoch": 1, "released": []})
    deletion: Mapping[str, Any] = field(default_factory=lambda: {"number": 0, "stopped": None})
    keeping: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the current part as a JSON object."""
        return {
            "day": self.day,
            "epoch": None if self.epoch is None else dict(self.epoch),
            "handlers": [dict(item) for item in self.handlers],
            "replies": [dict(item) for item in self.replies],
            "openings": [dict(item) for item in self.openings],
            "identity": dict(self.identity),
            "deletion": dict(self.deletion),
            "keeping": None if self.keeping is None else dict(self.keeping),
        }

    @classmethod
    def from_json(cls, value: Any) -> Current:
        """Parse the shape; what stands in it is checked by whoever shows it."""
        if not isinstance(value, dict) or value.keys() != _CURRENT:
            raise FormatError("current part")
        lists = {name: value[name] for name in ("handlers", "replies", "openings")}
        if not all(isinstance(items, list) for items in lists.values()):
            raise FormatError("current part")
        objects = [item for items in lists.values() for item in items]
        if not all(isinstance(item, dict) for item in objects):
            raise FormatError("current part items")
        if not all(isinstance(value[name], dict | None) for name in ("epoch", "keeping")):
            raise FormatError("current part epoch or keeping")
        if not isinstance(value["day"], str):
            raise FormatError("current part day")
        if not all(isinstance(value[name], dict) for name in ("identity", "deletion")):
            raise FormatError("current part identity or deletion")
        return cls(
            day=value["day"],
            epoch=value["epoch"],
            identity=value["identity"],
            deletion=value["deletion"],
            keeping=value["keeping"],
            **{name: tuple(items) for name, items in lists.items()},
        )


def locator(public: bytes) -> str:
    """Return the name of the box of a public key: the frame's key id, hex."""
    return seal.key_id(public).hex()


def context(kind: str, public: bytes) -> bytes:
    """Return the seal's context of a box, its fixed part, or the file of what was sent."""
    return canonical.dumps({"format": kind, "locator": locator(public)})


def fixed_mac(
    receipt: Receipt, testimony: str, publics: Mapping[Compartment, bytes], fixed: Fixed
) -> bytes:
    """Return the MAC that only the receipt can make, 32 bytes.

    Args:
        receipt: of the box.
        testimony: its id.
        publics: X-Wing public keys of epoch 1; those of VOUCHED count.
        fixed: the fixed part.
    """
    message = {
        "format": FIXED_FORMAT,
        "testimony": testimony,
        "publics": publics_to_json(publics),
        "fixed": fixed.to_json(),
    }
    key = suite.hkdf(receipt.entropy, f"{FIXED_FORMAT}/mac".encode())
    return suite.mac(key, canonical.dumps(message))


def seal_fixed(
    receipt: Receipt,
    testimony: str,
    publics: Mapping[Compartment, bytes],
    fixed: Fixed,
    minimum: int = FIXED_MINIMUM,
) -> bytes:
    """Seal a fixed part to a receipt's box, padded to at least `minimum` bytes (a power of two)."""
    mac = fixed_mac(receipt, testimony, publics, fixed)
    plain = canonical.dumps({"fixed": fixed.to_json(), "mac": canonical.b64(mac)})
    public = seal.OpeningKey(receipt.box_seed).public
    return seal.seal(public, context(FIXED_FORMAT, public), padding.pad(plain, minimum))


def publics_to_json(publics: Mapping[Compartment, bytes]) -> dict[str, str]:
    """Return the public keys that a box names."""
    return {name: canonical.b64(publics[name]) for name in VOUCHED}


@dataclass(frozen=True)
class BoxContent:
    """An opened box.

    Args:
        testimony: its id.
        publics: X-Wing public keys of account, medical and identity, epoch 1.
        fixed: the fixed part, its MAC verified.
        current: what was written last; signatures in it are not verified yet.
    """

    testimony: str
    publics: Mapping[Compartment, bytes]
    fixed: Fixed
    current: Current
