"""Deletion in the witness's hands: asked for and stopped by the receipt, certified in its box.

Each asking has a number, and so has each stop, so that the order in which a slot takes them does
not matter. The instruction names the key of the box it came from: when the day has come, the vault
writes there that it is done. Both receipts instruct alike, and their boxes are certified alike.
See docs/spec/erasure.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError
from vault.packet.box import LEFT, MINIMUM, context
from vault.packet.sent import SentItem, content_digest

FORMAT = "witness-vault/deletion/v1"
CERTIFICATE_FORMAT = "witness-vault/erased/v1"
DELETE, KEEP = "delete", "keep"
# Kinds of what was sent.
ASKED, STOPPED = KINDS = "deletion", "kept"
# Bounds what a witness can do with one testimony.
MAX_NUMBER = 64
MAX_LEFT = 200
"""Lines of a certificate: it stays as large as an unopened box."""

_DELETE = frozenset({"name", "number", "box"})
_KEEP = frozenset({"name", "number"})
_CERTIFICATE = frozenset({"format", "day", "until", "left"})
_LEFT = frozenset({"day", "role", "part"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ROLE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Instructed:
    """What an instruction about deletion asks for.

    Args:
        name: DELETE or KEEP.
        number: 1 to MAX_NUMBER.
        box: public key of the box it came from; empty for KEEP.
    """

    name: str
    number: int
    box: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Left:
    """Something that left the house: no deletion calls it back.

    Args:
        day: on which it left.
        role: of whoever saved or made it.
        part: one of `box.LEFT`.
    """

    day: str
    role: str
    part: str


@dataclass(frozen=True)
class Certificate:
    """That it was done.

    Args:
        day: of the erasure.
        until: last day of the last backup that could still open it.
        left: what had left before, oldest first; of more than MAX_LEFT the newest are kept.
    """

    day: str
    until: str
    left: tuple[Left, ...] = ()


@dataclass(frozen=True)
class Standing:
    """What a witness chose last, read from the file of what was sent and from the box.

    Args:
        number: of the newest asking, 0 if there was none.
        asked: its day, if it stands.
        stopped: day on which the lawyer stopped it; None if they did not.
    """

    number: int
    asked: str | None
    stopped: str | None


def secret(receipt: Receipt, name: str, number: int) -> bytes:
    """Return the packet secret of an instruction: pressing twice is one packet."""
    return suite.hkdf(receipt.entropy, f"{FORMAT}/{name}/{number}".encode())


def delete(receipt: Receipt, number: int) -> dict[str, Any]:
    """Return the instruction that asks for deletion."""
    public = seal.OpeningKey(receipt.box_seed).public
    return {"name": DELETE, "number": number, "box": canonical.b64(public)}


def keep(number: int) -> dict[str, Any]:
    """Return the instruction that stops every asking up to `number`."""
    return {"name": KEEP, "number": number}


def parse(instruction: Any) -> Instructed:
    """Parse an instruction about deletion strictly.

    Raises:
        FormatError: anything else.
    """
    if not isinstance(instruction, dict):
        raise FormatError("instruction")
    name, number = instruction.get("name"), instruction.get("number")
    if type(number) is not int or not 1 <= number <= MAX_NUMBER:
        raise FormatError("instruction number")
    if name == KEEP and instruction.keys() == _KEEP:
        return Instructed(KEEP, number)
    if name == DELETE and instruction.keys() == _DELETE:
        public = canonical.unb64(instruction["box"], seal.PUBLIC_SIZE)
        return Instructed(DELETE, number, seal.check_public(public))
    raise FormatError("no instruction of this name is known")


def item(receipt: Receipt, kind: str, number: int, packet: str, day: str) -> SentItem:
    """Return the line that the file of what was sent keeps of a choice about deletion."""
    return SentItem(kind, day, packet, _digest(receipt, kind, number))


def standing(
    receipt: Receipt, items: Iterable[SentItem], told: Mapping[str, Any] | None = None
) -> Standing:
    """Return what stands.

    Args:
        receipt: of the box.
        items: what was sent from it.
        told: what its current part says; nobody vouches for it, so it is only bounded.
    """
    asked, stopped = ({one.digest: one.day for one in items if one.kind == kind} for kind in KINDS)
    sent = (n for n in range(MAX_NUMBER, 0, -1) if _digest(receipt, ASKED, n) in asked)
    own, (known, by_lawyer) = next(sent, 0), _told(told or {})
    number = max(own, known)
    if by_lawyer is not None and known == number:
        return Standing(number, None, by_lawyer)
    ended = _digest(receipt, STOPPED, number) in stopped
    return Standing(number, None if ended else asked.get(_digest(receipt, ASKED, number)), None)


def seal_certificate(public: bytes, certificate: Certificate) -> bytes:
    """Seal what a box says for ever once it was deleted; as large as a box without replies."""
    plain = canonical.dumps(
        {
            "format": CERTIFICATE_FORMAT,
            "day": certificate.day,
            "until": certificate.until,
            "left": [dataclasses.asdict(one) for one in certificate.left[-MAX_LEFT:]],
        }
    )
    padded = padding.pad(plain, MINIMUM)
    return seal.seal(public, context(CERTIFICATE_FORMAT, public), padded)


def open_certificate(receipt: Receipt, sealed: bytes) -> Certificate:
    """Open a certificate.

    Raises:
        WrongKeyError, SealError: not this receipt's, changed, or no certificate.
        FormatError: opened, but not in this format.
    """
    key = seal.OpeningKey(receipt.box_seed)
    plain = padding.unpad(key.open(sealed, context(CERTIFICATE_FORMAT, key.public)), MINIMUM)
    value = canonical.loads_object(plain, _CERTIFICATE)
    days = (value["day"], value["until"])
    if value["format"] != CERTIFICATE_FORMAT or not all(_is_day(day) for day in days):
        raise FormatError("certificate")
    if not isinstance(value["left"], list) or len(value["left"]) > MAX_LEFT:
        raise FormatError("certificate of what left")
    return Certificate(*days, tuple(_left(one) for one in value["left"]))


def _left(value: Any) -> Left:
    if not isinstance(value, dict) or value.keys() != _LEFT:
        raise FormatError("what left")
    if not _is_day(value["day"]) or value["part"] not in LEFT:
        raise FormatError("what left")
    if not isinstance(value["role"], str) or not _ROLE.fullmatch(value["role"]):
        raise FormatError("what left")
    return Left(**value)


def _told(told: Mapping[str, Any]) -> tuple[int, str | None]:
    number, stopped = told.get("number"), told.get("stopped")
    if type(number) is not int or not 0 < number <= MAX_NUMBER:
        return 0, None
    return number, stopped if _is_day(stopped) else None


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _digest(receipt: Receipt, kind: str, number: int) -> bytes:
    return content_digest(receipt.entropy, [FORMAT, kind, number])
