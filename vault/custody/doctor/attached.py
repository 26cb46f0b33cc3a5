"""Whether rows and sealed files of testimonies agree: counted, nothing opened."""

from __future__ import annotations

from sqlalchemy import select

from vault.custody.doctor.check import Outcome
from vault.journal.vault import Vault
from vault.storage.tables.cases import attachments


def attached(vault: Vault) -> Outcome:
    """Count files without a row, rows without their file, and what has not come yet."""
    folder = vault.settings.paths.files
    there = {path.name: path.stat().st_size for path in folder.glob("*")}
    with vault.database.read() as connection:
        rows = connection.execute(select(attachments)).all()
    stored = {row.id: row.size for row in rows if row.stored_day is not None}
    gone = sum(there.get(name) != size for name, size in stored.items())
    odd, late = len(there.keys() - stored.keys()), len(rows) - len(stored)
    counts = {"gone": gone, "odd": odd, "late": late}
    values = {"count": len(stored), "waiting": len(vault.uploads.names()), **counts}
    return not any(counts.values()), "differ" if any(counts.values()) else "found", values
