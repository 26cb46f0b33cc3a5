"""Holds what the ledger's rows repeat of their leaves against the leaves themselves.

No hash covers `kind`, `actor`, `member` and `case_id`, and every filter reads them: whoever writes
to the database could keep a reveal out of an auditor's list without changing one entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from vault.errors import FormatError, LedgerError
from vault.journal.drafts import row_of
from vault.ledger.entry import Entry
from vault.storage.tables.ledger import ledger_entries

if TYPE_CHECKING:
    from sqlalchemy import Connection


def check_columns(connection: Connection) -> None:
    """Return if every row says what its leaf says.

    That the leaves are the ones that were signed is for `ledger.verify` to say.

    Raises:
        LedgerError: a row says something else, or its leaf is no entry; `seq` is the first.
    """
    query = select(ledger_entries).order_by(ledger_entries.c.seq)
    for row in connection.execute(query).mappings():
        seq = row["seq"]
        try:
            expected = row_of(Entry.parse(row["leaf"]))
        except FormatError as error:
            raise LedgerError(f"entry {seq} is malformed", seq=seq) from error
        if dict(row) != expected:
            raise LedgerError(f"the row of entry {seq} says something else", seq=seq)
