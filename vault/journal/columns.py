"""Holds what the ledger's rows repeat of their leaves against the leaves themselves.

No hash covers `kind`, `actor`, `member` and `case_id`, and every filter reads them: whoever writes
to the database could keep a reveal out of an auditor's list without changing one entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import FormatError, LedgerError
from vault.journal.drafts import row_of_leaf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def check_row(row: Mapping[str, Any]) -> None:
    """Return if a row says what its leaf says.

    Raises:
        LedgerError: it says something else, or its leaf is no entry; `seq` is its place.
    """
    seq = row["seq"]
    try:
        expected = row_of_leaf(row["leaf"])
    except FormatError as error:
        raise LedgerError(f"entry {seq} is malformed", seq=seq) from error
    if dict(row) != expected:
        raise LedgerError(f"the row of entry {seq} says something else", seq=seq)
