"""Appends to the ledger with the database in one commit: no entry, no answer."""
