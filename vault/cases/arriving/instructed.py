"""What a receipt instructed: opened with the collector's keys, its MAC verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vault.cases.epochs.keys import checked_header
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError
from vault.journal.vault import Vault
from vault.packet import collector
from vault.packet.format import Header

FIRST, SECOND = 0, 1


def collector_keys(vault: Vault) -> list[OpeningKey]:
    """Return the collector's keys, the newest first.

    Raises:
        LockedError, AgentError: they are not in memory.
    """
    seeds = vault.agent.collector_seeds()
    return [OpeningKey(seeds[i : i + 32]) for i in range(0, len(seeds), 32)]


def stored_header(row: Any) -> Header:
    """Return the header of a testimony's row; raises FormatError if it is another's."""
    header = checked_header(row.id, row.header)
    if header is None:
        raise FormatError("a header that is not its testimony's")
    return header


def mac_keys(keys: Sequence[OpeningKey], row: Any) -> tuple[bytes, bytes]:
    """Return both instruction MAC keys of a testimony.

    Raises:
        FormatError, SealError: its row was changed.
    """
    stored = collector.open_part(keys, row.id, row.id, row.collector_part)
    return collector.check_commitment(stored_header(row), stored)


def instructed(
    keys: Sequence[OpeningKey],
    row: Any,
    packet: str,
    sealed: bytes,
    macs: tuple[bytes, bytes] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Return which receipt instructs (0 the first), and what; its MAC verified.

    Args:
        keys: the collector's.
        row: of the testimony.
        packet: id of the packet.
        sealed: its collector part.
        macs: its MAC keys, if they were opened already.

    Raises:
        FormatError, MacError, SealError: no instruction of one of the two receipts.
    """
    macs = macs or mac_keys(keys, row)
    part = collector.open_part(keys, row.id, packet, sealed)
    which = collector.check_instruction(macs, row.id, packet, part)
    return which, part["instruction"]


def claimed(
    keys: Sequence[OpeningKey], testimony: str, packet: str, sealed: bytes
) -> tuple[int, dict[str, Any]]:
    """Return what is instructed about a testimony that was erased, and with it its MAC keys.

    Nobody can say any more which receipt it is from. It counts as the second's: there is nothing
    left on which the first's could have an effect.

    Raises:
        FormatError, SealError: no instruction.
    """
    part = collector.open_part(keys, testimony, packet, sealed)
    if not isinstance(part.get("instruction"), dict):
        raise FormatError("instruction")
    return SECOND, part["instruction"]
