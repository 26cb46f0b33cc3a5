"""Grants: the seeds of some compartments, sealed to one recipient. See docs/spec/grant.md.

A grant says in clear whom it is for, which compartments it holds and up to which epoch; all three
stand in the seal's context, so a grant cannot be relabelled or moved to another testimony.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.errors import FormatError
from vault.keyring.compartments import Compartment, Seeds

FORMAT = "witness-vault/grant/v1"
WRAP_FORMAT = "witness-vault/erasure/v1"
MINIMUM = 512
MAX_SEEDS = 400

_FIELDS = frozenset({"recipient", "compartments", "epoch", "sealed"})
_RECIPIENT = re.compile(r"[0-9a-f]{32}|recovery")
_SUBJECT = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


@dataclass(frozen=True)
class Grant:
    """One sealed grant.

    Args:
        subject: testimony id (64 hex digits) or, for `work`, case id (32 hex digits).
        recipient: member id, or "recovery".
        compartments: what it holds.
        epoch: the newest epoch it holds.
        sealed: envelope to the recipient's opening key.
    """

    subject: str
    recipient: str
    compartments: tuple[Compartment, ...]
    epoch: int
    sealed: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the grant as it stands in a packet; the packet names the subject."""
        return {
            "recipient": self.recipient,
            "compartments": list(self.compartments),
            "epoch": self.epoch,
            "sealed": canonical.b64(self.sealed),
        }

    @classmethod
    def from_json(cls, subject: str, value: Any) -> Grant:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _FIELDS:
            raise FormatError("grant")
        recipient, epoch = value["recipient"], value["epoch"]
        if not isinstance(recipient, str) or not _RECIPIENT.fullmatch(recipient):
            raise FormatError("grant recipient")
        if type(epoch) is not int or epoch < 1:
            raise FormatError("grant epoch")
        return cls(
            subject,
            recipient,
            parse_compartments(value["compartments"]),
            epoch,
            canonical.unb64(value["sealed"]),
        )


def seal_grant(subject: str, recipient: str, public: bytes, seeds: Seeds) -> Grant:
    """Seal `seeds` to one recipient.

    Raises:
        FormatError: malformed subject, no seeds, too many, or no public key.
    """
    if not _SUBJECT.fullmatch(subject):
        raise FormatError("grant subject")
    held = list(seeds)
    if not 0 < len(held) <= MAX_SEEDS:
        raise FormatError("grant without seeds, or with too many")
    compartments = tuple(sorted({compartment for compartment, _, _ in held}))
    epoch = max(epoch for _, epoch, _ in held)
    content = {
        "format": FORMAT,
        "seeds": [
            {"compartment": compartment, "epoch": number, "seed": canonical.b64(seed)}
            for compartment, number, seed in held
        ],
    }
    info = context(subject, recipient, compartments, epoch)
    padded = padding.pad(canonical.dumps(content), MINIMUM)
    return Grant(subject, recipient, compartments, epoch, seal.seal(public, info, padded))


def wrap(erasure_key: bytes, grant: Grant, grant_id: str) -> bytes:
    """Wrap a stored grant once more under the testimony's erasure key: deleting it is deletion."""
    return suite.aead_seal(erasure_key, grant.sealed, wrap_context(grant, grant_id))


def context(subject: str, recipient: str, compartments: Iterable[Compartment], epoch: int) -> bytes:
    """Return the seal's context of a grant: what it says about itself in clear."""
    return canonical.dumps(
        {
            "format": FORMAT,
            "subject": subject,
            "recipient": recipient,
            "compartments": list(compartments),
            "epoch": epoch,
        }
    )


def wrap_context(grant: Grant, grant_id: str) -> bytes:
    """Return the context of the erasure wrapping of one stored grant."""
    return canonical.dumps(
        {
            "format": WRAP_FORMAT,
            "subject": grant.subject,
            "recipient": grant.recipient,
            "grant": grant_id,
        }
    )


def parse_compartments(value: Any) -> tuple[Compartment, ...]:
    """Parse a sorted list of distinct compartment names; raises FormatError."""
    if not isinstance(value, list):
        raise FormatError("grant compartments")
    try:
        parsed = tuple(Compartment(name) for name in value)
    except ValueError as error:
        raise FormatError("grant compartments") from error
    if not parsed or tuple(sorted(set(parsed))) != parsed:
        raise FormatError("grant compartments are sorted, each once")
    return parsed
