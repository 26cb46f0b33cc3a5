"""The packet `witness-vault/packet/v1`: what a witness sends, as it lies in the letterbox.

Three kinds share one envelope: a testimony, an addendum, an instruction. All are canonical JSON.
Nothing here opens anything. See docs/spec/packet.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vault import canonical
from vault.crypto import seal, suite
from vault.errors import FormatError, UnknownVersionError
from vault.keyring.compartments import OF_TESTIMONY, Compartment
from vault.keyring.grants import Grant
from vault.packet.files import SealedFile, sealed_files

FORMAT = "witness-vault/packet/v1"
HEADER_FORMAT = "witness-vault/header/v1"
MAX_GRANTS = 100
KINDS = ("statement", "addendum")
TESTIMONY_ID = re.compile(r"[0-9a-f]{64}")

_ID = re.compile(r"[0-9a-f]{32}")
_HEADER = frozenset({"format", "publics", "commitments", "roster"})
_RECORD = frozenset({"id", "compartment", "epoch", "kind", "sealed", "mac"})
_BOX = frozenset({"locator", "box", "sent"})
_TESTIMONY = frozenset(
    "format kind header collector grants identity_grants records boxes files".split()
)
_ADDENDUM = frozenset({"format", "kind", "id", "testimony", "collector", "records", "files"})
_INSTRUCTION = frozenset({"format", "kind", "id", "testimony", "collector"})


@dataclass(frozen=True)
class Header:
    """The public face of a testimony; its hash is the testimony's id.

    Args:
        publics: X-Wing public keys of account, medical and identity (epoch 1).
        account_commitment: salted hash of both boxes' keys and addenda MAC keys, 32 bytes.
        collector_commitment: salted hash of both instruction MAC keys, 32 bytes.
        roster_version: the roster the packet maker sealed to.
        roster_hash: SHA-256 of that roster's document.
    """

    publics: Mapping[Compartment, bytes]
    account_commitment: bytes
    collector_commitment: bytes
    roster_version: int
    roster_hash: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the header as a JSON object."""
        return {
            "format": HEADER_FORMAT,
            "publics": {name: canonical.b64(self.publics[name]) for name in OF_TESTIMONY},
            "commitments": {
                "account": canonical.b64(self.account_commitment),
                "collector": canonical.b64(self.collector_commitment),
            },
            "roster": {
                "version": self.roster_version,
                "hash": canonical.b64(self.roster_hash),
            },
        }

    def encode(self) -> bytes:
        """Return the header as canonical JSON."""
        return canonical.dumps(self.to_json())

    @cached_property  # asked for by every seal of a packet
    def testimony(self) -> str:
        """Return the testimony id: SHA-256 of the header, 64 hex digits."""
        return suite.sha256(self.encode()).hex()

    @classmethod
    def from_json(cls, value: Any) -> Header:
        """Parse strictly; raises FormatError or UnknownVersionError."""
        if not isinstance(value, dict) or value.get("format") != HEADER_FORMAT:
            raise UnknownVersionError("header")
        if value.keys() != _HEADER:
            raise FormatError("header fields")
        publics, commitments, roster = (
            _object(value["publics"], set(OF_TESTIMONY)),
            _object(value["commitments"], {"account", "collector"}),
            _object(value["roster"], {"version", "hash"}),
        )
        if type(roster["version"]) is not int or roster["version"] < 1:
            raise FormatError("header roster version")
        return cls(
            publics={
                name: seal.check_public(canonical.unb64(publics[name], seal.PUBLIC_SIZE))
                for name in OF_TESTIMONY
            },
            account_commitment=canonical.unb64(commitments["account"], 32),
            collector_commitment=canonical.unb64(commitments["collector"], 32),
            roster_version=roster["version"],
            roster_hash=canonical.unb64(roster["hash"], 32),
        )


@dataclass(frozen=True)
class Record:
    """One sealed record of a compartment, with its MAC when a witness sent it.

    Args:
        id: 16 bytes, hex.
        compartment: which key opens it.
        epoch: which generation of that key.
        kind: "statement", "addendum", or a staff kind ("reply", "note").
        sealed: envelope to the compartment's public key.
        mac: HMAC-SHA256 by the receipt's addenda key, 32 bytes; empty for staff records.
    """

    id: str
    compartment: Compartment
    epoch: int
    kind: str
    sealed: bytes
    mac: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """Return the record as it stands in a packet."""
        return {
            "id": self.id,
            "compartment": self.compartment,
            "epoch": self.epoch,
            "kind": self.kind,
            "sealed": canonical.b64(self.sealed),
            "mac": canonical.b64(self.mac),
        }

    @classmethod
    def from_json(cls, value: Any) -> Record:
        """Parse strictly; raises FormatError."""
        item = _object(value, _RECORD)
        if type(item["epoch"]) is not int or item["epoch"] < 1:
            raise FormatError("record epoch")
        if item["compartment"] not in OF_TESTIMONY or item["kind"] not in KINDS:
            raise FormatError("record compartment or kind")
        return cls(
            id=matching(_ID, item["id"]),
            compartment=Compartment(item["compartment"]),
            epoch=item["epoch"],
            kind=item["kind"],
            sealed=canonical.unb64(item["sealed"]),
            mac=canonical.unb64(item["mac"], 32),
        )


@dataclass(frozen=True)
class FirstBox:
    """A box as its packet maker wrote it, with the file of what was sent from it.

    Args:
        locator: first 16 bytes of SHA-256(box public key), hex; the file's name.
        box: envelope to the box public key.
        sent: envelope to the box public key, fixed size.
    """

    locator: str
    box: bytes
    sent: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the box as it stands in a packet."""
        return {
            "locator": self.locator,
            "box": canonical.b64(self.box),
            "sent": canonical.b64(self.sent),
        }

    @classmethod
    def from_json(cls, value: Any) -> FirstBox:
        """Parse strictly; the frames must name the key that gives the locator."""
        item = _object(value, _BOX)
        first = cls(
            locator=matching(_ID, item["locator"]),
            box=canonical.unb64(item["box"]),
            sent=canonical.unb64(item["sent"]),
        )
        for sealed in (first.box, first.sent):
            if seal.sealed_for(sealed).hex() != first.locator:
                raise FormatError("a box whose key does not give its name")
        return first


@dataclass(frozen=True)
class Testimony:
    """A packet that begins a testimony.

    Args:
        header: its public face.
        collector: what the collector opens.
        grants: of what readers pass on; none while reading is "not yet".
        identity_grants: of identity; that they open anything, only the collector part says.
        records: one for each compartment.
        boxes: two, sorted by locator.
        files: sealed files beside it, sorted by id.
    """

    header: Header
    collector: bytes
    grants: tuple[Grant, ...]
    identity_grants: tuple[Grant, ...]
    records: tuple[Record, ...]
    boxes: tuple[FirstBox, ...]
    files: tuple[SealedFile, ...] = ()

    @property
    def id(self) -> str:
        """Return the packet's id, which is the testimony's."""
        return self.header.testimony

    @property
    def testimony(self) -> str:
        """Return the testimony id."""
        return self.header.testimony

    def encode(self) -> bytes:
        """Return the packet as canonical JSON."""
        return canonical.dumps(
            {
                "format": FORMAT,
                "kind": "testimony",
                "header": self.header.to_json(),
                "collector": canonical.b64(self.collector),
                "grants": [grant.to_json() for grant in self.grants],
                "identity_grants": [grant.to_json() for grant in self.identity_grants],
                "records": [record.to_json() for record in self.records],
                "boxes": [box.to_json() for box in self.boxes],
                "files": [file.to_json() for file in self.files],
            }
        )


@dataclass(frozen=True)
class Addendum:
    """A packet that adds to a testimony."""

    id: str
    testimony: str
    collector: bytes
    records: tuple[Record, ...]
    files: tuple[SealedFile, ...] = ()

    def encode(self) -> bytes:
        """Return the packet as canonical JSON."""
        return canonical.dumps(
            {
                "format": FORMAT,
                "kind": "addendum",
                "id": self.id,
                "testimony": self.testimony,
                "collector": canonical.b64(self.collector),
                "records": [record.to_json() for record in self.records],
                "files": [file.to_json() for file in self.files],
            }
        )


@dataclass(frozen=True)
class Instruction:
    """A packet by which a receipt tells the vault to do something."""

    id: str
    testimony: str
    collector: bytes

    def encode(self) -> bytes:
        """Return the packet as canonical JSON."""
        return canonical.dumps(
            {
                "format": FORMAT,
                "kind": "instruction",
                "id": self.id,
                "testimony": self.testimony,
                "collector": canonical.b64(self.collector),
            }
        )


Packet = Testimony | Addendum | Instruction


def parse(data: bytes) -> Packet:
    """Parse one packet strictly, without opening anything.

    Raises:
        UnknownVersionError: another format or version.
        FormatError: anything else that is not exactly a packet.
    """
    value = canonical.loads_object(data)
    if value.get("format") != FORMAT:
        raise UnknownVersionError("packet")
    kind = value.get("kind")
    if kind == "testimony":
        return _testimony(_object(value, _TESTIMONY))
    if kind == "addendum":
        return _addendum(_object(value, _ADDENDUM))
    if kind == "instruction":
        item = _object(value, _INSTRUCTION)
        return Instruction(
            matching(_ID, item["id"]),
            matching(TESTIMONY_ID, item["testimony"]),
            canonical.unb64(item["collector"]),
        )
    raise FormatError("packet kind")


def matching(pattern: re.Pattern[str], value: Any) -> str:
    """Return `value` if it is a string of exactly this form, else raise FormatError."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("unexpected text")
    return value


def _testimony(item: dict[str, Any]) -> Testimony:
    header = Header.from_json(item["header"])
    boxes = tuple(FirstBox.from_json(box) for box in _list(item["boxes"], 2))
    if len(boxes) != 2 or boxes[0].locator >= boxes[1].locator:  # noqa: PLR2004 - always two
        raise FormatError("two boxes, sorted by locator")
    if len({len(box.box) for box in boxes}) != 1 or len({len(box.sent) for box in boxes}) != 1:
        raise FormatError("boxes of equal size")
    return Testimony(
        header=header,
        collector=canonical.unb64(item["collector"]),
        grants=_grants(header.testimony, item["grants"]),
        identity_grants=_grants(header.testimony, item["identity_grants"]),
        records=_records(item["records"], "statement"),
        boxes=boxes,
        files=sealed_files(item["files"]),
    )


def _grants(testimony: str, value: Any) -> tuple[Grant, ...]:
    return tuple(Grant.from_json(testimony, grant) for grant in _list(value, MAX_GRANTS))


def _addendum(item: dict[str, Any]) -> Addendum:
    return Addendum(
        id=matching(_ID, item["id"]),
        testimony=matching(TESTIMONY_ID, item["testimony"]),
        collector=canonical.unb64(item["collector"]),
        records=_records(item["records"], "addendum"),
        files=sealed_files(item["files"]),
    )


def _records(value: Any, kind: str) -> tuple[Record, ...]:
    records = tuple(Record.from_json(item) for item in _list(value, len(OF_TESTIMONY)))
    if tuple(record.compartment for record in records) != OF_TESTIMONY:
        raise FormatError("one record for each compartment")
    if {record.kind for record in records} != {kind} or len({r.id for r in records}) != len(
        records
    ):
        raise FormatError("records of one kind, each with its own id")
    return records


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise FormatError("list expected, or too long")
    return value


def _object(value: Any, fields: frozenset[str] | set[Any]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != fields:
        raise FormatError("unexpected or missing field")
    return value
