"""The whole log as an auditor takes it away, unverified."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from vault.journal import Journal
from vault.ledger import export as layout


@dataclass(frozen=True)
class Export:
    """What `ledger.verify.verify_export` takes, but for the key."""

    entries: tuple[bytes, ...]
    leaf_hashes: tuple[bytes, ...]
    checkpoints: tuple[bytes, ...]


def exported(journal: Journal) -> Export:
    with journal.exporting() as files:
        held = {name: BytesIO(b"".join(pieces)) for name, pieces in files.items()}
    return Export(
        tuple(layout.parse_entries(held[layout.ENTRIES])),
        tuple(layout.parse_hashes(held[layout.HASHES])),
        tuple(layout.parse_checkpoints(held[layout.CHECKPOINTS])),
    )
