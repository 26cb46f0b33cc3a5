"""Sealed records: one unit in a compartment, bound to its place. See docs/spec/packet.md."""

from __future__ import annotations

from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.errors import MacError
from vault.keyring.compartments import Compartment
from vault.packet.format import Record

FORMAT = "witness-vault/record/v1"
MAC_FORMAT = "witness-vault/mac/v1"
MINIMUM = 4096


def context(subject: str, compartment: Compartment, epoch: int, record_id: str, kind: str) -> bytes:
    """Return the seal's context of a record: moved anywhere else, it does not open."""
    return canonical.dumps(
        {
            "format": FORMAT,
            "subject": subject,
            "compartment": compartment,
            "epoch": epoch,
            "record": record_id,
            "kind": kind,
        }
    )


def seal_record(
    subject: str,
    compartment: Compartment,
    epoch: int,
    public: bytes,
    *,
    record_id: str,
    kind: str,
    content: dict[str, Any],
    addenda_key: bytes = b"",
) -> Record:
    """Seal one record to a compartment's public key.

    Args:
        subject: testimony id, or case id for `work`.
        compartment: where it belongs.
        epoch: the generation of `public`.
        public: the compartment's X-Wing public key.
        record_id: 16 bytes, hex.
        kind: "statement", "addendum", "reply" or "note".
        content: JSON; `format` is added.
        addenda_key: the receipt's MAC key, for what a witness sends.

    Raises:
        FormatError: content without canonical form, or no public key.
    """
    padded = padding.pad(canonical.dumps({**content, "format": FORMAT}), MINIMUM)
    sealed = seal.seal(public, context(subject, compartment, epoch, record_id, kind), padded)
    record = Record(record_id, compartment, epoch, kind, sealed)
    if not addenda_key:
        return record
    mac = suite.mac(addenda_key, _mac_message(subject, record))
    return Record(record_id, compartment, epoch, kind, sealed, mac)


def check_mac(subject: str, record: Record, addenda_keys: tuple[bytes, bytes]) -> int:
    """Return which receipt's key made the record's MAC: 0 the first, 1 the second.

    A MAC and no signature: a signature could be used against the witness.

    Raises:
        MacError: neither.
    """
    message = _mac_message(subject, record)
    matches = [suite.equal(suite.mac(key, message), record.mac) for key in addenda_keys]
    if not any(matches):
        raise MacError
    return matches.index(True)


def _mac_message(subject: str, record: Record) -> bytes:
    return canonical.dumps(
        {
            "format": MAC_FORMAT,
            "subject": subject,
            "compartment": record.compartment,
            "epoch": record.epoch,
            "record": record.id,
            "kind": record.kind,
            "sha256": canonical.b64(suite.sha256(record.sealed)),
        }
    )
