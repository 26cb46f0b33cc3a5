"""Erasure keys, in a database file of their own: deleting a row deletes the testimony.

Every stored grant and summary of a testimony is wrapped with its key once more. The file is apart
from the rest so that its backups can be short-lived while those of the vault are not.
"""

from __future__ import annotations

from vault.storage.tables.base import ERASURE, blob, sized, table, text

erasure_keys = table(
    "erasure_keys",
    text("subject", primary_key=True),
    blob("key"),
    sized("key", 32),
    metadata=ERASURE,
)
