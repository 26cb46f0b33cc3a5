"""Epochs: a generation of a subject's compartment keys, begun when somebody loses access.

Epoch 1 of a testimony stands in its header. Every later one, and every epoch of a case's `work`,
is a document signed by the member who made it, so that whoever can write to the database cannot
swap a public key. `identity` never appears here: its epochs are made by the receipt alone.
See docs/spec/grant.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vault import canonical
from vault.crypto import seal, sign, suite
from vault.errors import FormatError, WitnessVaultError
from vault.keyring.compartments import Compartment, Seeds
from vault.roster.model import Roster
from vault.roster.roles import INTAKE_OFFICER, LAWYER

FORMAT = "witness-vault/epoch/v1"
# Signing is not enough: a member who opens nothing must not make keys that are sealed to.
EPOCH_MAKERS = frozenset({INTAKE_OFFICER, LAWYER})

_FIELDS = frozenset("format subject epoch publics previous made_by day".split())
_SUBJECT = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Epoch:
    """One epoch's public keys.

    Args:
        subject: testimony id or case id, hex.
        number: 1 for a case's first, 2 and more for a testimony's.
        publics: X-Wing public keys by compartment.
        previous: SHA-256 of the epoch document before; None for the first document.
        made_by: member id of the signer.
        day: when.
    """

    subject: str
    number: int
    publics: Mapping[Compartment, bytes]
    previous: bytes | None
    made_by: str
    day: str

    def to_json(self) -> dict[str, Any]:
        """Return the document as a JSON object."""
        return {
            "format": FORMAT,
            "subject": self.subject,
            "epoch": self.number,
            "publics": {name: canonical.b64(key) for name, key in self.publics.items()},
            "previous": None if self.previous is None else canonical.b64(self.previous),
            "made_by": self.made_by,
            "day": self.day,
        }

    def encode(self) -> bytes:
        """Return the document as canonical JSON."""
        return canonical.dumps(self.to_json())

    @property
    def hash(self) -> bytes:
        """Return SHA-256 of the document."""
        return suite.sha256(self.encode())

    def signed(self, key: sign.SigningKey) -> bytes:
        """Return the signature of the member who made this epoch, 64 bytes."""
        return key.sign(FORMAT, self.encode())

    def check(self, signature: bytes, signing_public: bytes) -> Epoch:
        """Return self if the signature verifies, else raise SignatureError."""
        sign.verify(signing_public, FORMAT, self.encode(), signature)
        return self

    @classmethod
    def from_json(cls, value: Any) -> Epoch:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _FIELDS or value["format"] != FORMAT:
            raise FormatError("epoch")
        for pattern, name in ((_SUBJECT, "subject"), (_ID, "made_by"), (_DAY, "day")):
            if not isinstance(value[name], str) or not pattern.fullmatch(value[name]):
                raise FormatError(f"epoch {name}")
        if type(value["epoch"]) is not int or value["epoch"] < 1:
            raise FormatError("epoch number")
        previous = value["previous"]
        return cls(
            subject=value["subject"],
            number=value["epoch"],
            publics=_publics(value["publics"]),
            previous=None if previous is None else canonical.unb64(previous, 32),
            made_by=value["made_by"],
            day=value["day"],
        )


def begin(
    subject: str,
    number: int,
    compartments: tuple[Compartment, ...],
    previous: bytes | None,
    made_by: str,
    day: str,
) -> tuple[Epoch, Seeds]:
    """Make a new epoch with fresh keys; returns its unsigned document and its seeds."""
    keys = {compartment: seal.OpeningKey.generate() for compartment in compartments}
    publics = {compartment: key.public for compartment, key in keys.items()}
    epoch = Epoch(subject, number, publics, previous, made_by, day)
    return epoch, Seeds({(compartment, number): key.seed for compartment, key in keys.items()})


def verified(document: bytes, signature: bytes, roster: Roster) -> Epoch | None:
    """Return an epoch if a member who may make one signed it, else None."""
    try:
        epoch = Epoch.from_json(canonical.loads(document))
        member = roster.member(epoch.made_by)
        if member is None or not member.ever & EPOCH_MAKERS:
            return None
        return epoch.check(signature, member.signing)
    except WitnessVaultError:
        return None


def _publics(value: Any) -> dict[Compartment, bytes]:
    if not isinstance(value, dict) or not value or "identity" in value:
        raise FormatError("epoch publics")
    try:
        return {
            Compartment(name): seal.check_public(canonical.unb64(key, seal.PUBLIC_SIZE))
            for name, key in value.items()
        }
    except ValueError as error:
        raise FormatError("epoch compartment") from error
