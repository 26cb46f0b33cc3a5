"""Appends to the ledger with the database in one commit: no entry, no answer."""

from vault.journal.drafts import Draft
from vault.journal.journal import Journal
from vault.journal.reading import Filter
from vault.journal.transaction import Transaction

__all__ = ["Draft", "Filter", "Journal", "Transaction"]
