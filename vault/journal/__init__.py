"""Appends to the ledger with the database in one commit: no entry, no answer."""

from vault.journal.drafts import Draft
from vault.journal.journal import Journal, Transaction
from vault.journal.reading import Export, Filter

__all__ = ["Draft", "Export", "Filter", "Journal", "Transaction"]
