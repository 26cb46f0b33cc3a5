"""How often each kind of entry stands in the log, in all and since a day.

Counted by a column that no hash covers; the overview holds the columns against the leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault.errors import LedgerError
from vault.journal.reading import Filter, read_entries
from vault.storage.tables.ledger import ledger_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_columns = ledger_entries.c


def by_kind(connection: Connection, first: int = 0) -> Mapping[str, int]:
    """Return the number of entries of each kind from place `first` on."""
    query = select(_columns.kind, func.count()).where(_columns.seq >= first)
    return {row[0]: row[1] for row in connection.execute(query.group_by(_columns.kind))}


def first_since(connection: Connection, day: str, size: int) -> int:
    """Return the place of the first entry dated `day` or later; `size` if there is none.

    Entries stand in the order of their days, so halving finds it with as many reads as the size
    has binary digits. (A count of refusals may be a minute late; it then counts to the day before.)

    Raises:
        LedgerError: an entry on the way cannot be read.
    """
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        found = read_entries(connection, Filter(first=middle, last=middle), 1)
        if not found:
            raise LedgerError(f"entry {middle} is missing", seq=middle)
        low, high = (low, middle) if found[0].time[:10] >= day else (middle + 1, high)
    return low
