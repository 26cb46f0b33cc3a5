"""Opening records. Only `cases.reveal` may import this; the import contracts say so."""

from __future__ import annotations

from typing import Any

from vault import canonical
from vault.crypto import padding, seal
from vault.errors import FormatError
from vault.packet.format import Record
from vault.packet.records import FORMAT, MINIMUM, context


def open_record(subject: str, record: Record, key: seal.OpeningKey) -> dict[str, Any]:
    """Open one record with its compartment's key; returns its content.

    Args:
        subject: testimony id, or case id for `work`.
        record: as stored or as in a packet.
        key: the compartment's key pair of the record's epoch.

    Raises:
        WrongKeyError, SealError: another key, changed, or moved from another place.
        FormatError: opened, but not a record.
    """
    info = context(subject, record.compartment, record.epoch, record.id, record.kind)
    content = canonical.loads(padding.unpad(key.open(record.sealed, info), MINIMUM))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError("record")
    return content
