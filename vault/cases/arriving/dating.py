"""The days of what came: every record's commitment in the log, without whose it is.

The entries name no case: one of them is handed to courts, and must not lead from there to a case,
a box or the number of people who wrote that day. So commitments stand sorted, in lists of a fixed
length, filled up with random values. See docs/spec/proof-of-date.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.commitment import DIGEST_SIZE
from vault.errors import FormatError
from vault.journal.transaction import Transaction
from vault.ledger.entry import MAX_ITEMS, SYSTEM, Entry
from vault.ledger.proof_of_date import DETAIL, NOTED
from vault.storage.tables.ledger import ledger_entries

_columns = ledger_entries.c


def note(transaction: Transaction, made: Sequence[bytes]) -> None:
    """Enter the commitments of all records that a batch of packets brought, dated by the day."""
    everything = sorted(made)
    for start in range(0, len(everything), MAX_ITEMS):
        some = everything[start : start + MAX_ITEMS]
        filling = [suite.random(DIGEST_SIZE) for _ in range(MAX_ITEMS - len(some))]
        listed = sorted(canonical.b64(one) for one in [*some, *filling])
        transaction.log(NOTED, SYSTEM, {}, {DETAIL: listed}, clock.day())


def find(connection: Connection, commitment: bytes) -> Entry | None:
    """Return the first entry that holds a commitment; None if none does.

    Its place in the log is looked up by columns that no hash covers; whoever shows it proves it.
    """
    text = canonical.b64(commitment)
    query = (
        select(_columns.leaf)
        .where(_columns.kind == NOTED, func.instr(_columns.leaf, text.encode()) > 0)
        .order_by(_columns.seq)
    )
    for leaf in connection.execute(query).scalars():
        entry = _parsed(leaf)
        if entry is not None and text in commitments_of(entry):
            return entry
    return None


def commitments_of(entry: Entry) -> tuple[str, ...]:
    """Return the commitments that an entry holds, as they stand there."""
    listed = entry.detail.get(DETAIL)
    return tuple(listed) if isinstance(listed, (list, tuple)) else ()


def _parsed(leaf: bytes) -> Entry | None:
    try:
        return Entry.parse(leaf)
    except FormatError:
        return None
