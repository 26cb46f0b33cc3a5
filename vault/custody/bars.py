"""Who may never be given a case, for a conflict of interest. The access log is the list.

A row of a table could be deleted by whoever writes to the database; an entry cannot unnoticed. See
docs/decisions/0018-access.md.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from vault.journal.transaction import Transaction
from vault.storage.tables.ledger import ledger_entries

BARRED, ALLOWED = "may_not_see", "may_not_see.undone"

_columns = ledger_entries.c


def of_case(connection: Connection, case_id: str) -> frozenset[str]:
    """Return the members who may not see a case."""
    return frozenset(member for _, member in _standing(connection, _columns.case_id == case_id))


def of_member(connection: Connection, member_id: str) -> frozenset[str]:
    """Return the cases that a member may not see."""
    return frozenset(case_id for case_id, _ in _standing(connection, _columns.member == member_id))


def follow(transaction: Transaction, by: str, before: str, after: str) -> None:
    """Bar somebody's new member id from the cases of the old one: new keys end no conflict.

    Args:
        transaction: of the caller.
        by: whose act it is.
        before: member id that ends.
        after: member id of the same person from now on.
    """
    for case_id in sorted(of_member(transaction.connection, before)):
        transaction.log(BARRED, by, {"case": case_id, "member": after})


def _standing(connection: Connection, which: ColumnElement[bool]) -> set[tuple[str, str]]:
    query = (
        select(_columns.kind, _columns.case_id, _columns.member)
        .where(which, _columns.kind.in_((BARRED, ALLOWED)))
        .order_by(_columns.seq)
    )
    standing: set[tuple[str, str]] = set()
    for row in connection.execute(query):
        place = (row.case_id, row.member)
        if row.kind == BARRED:
            standing.add(place)
        else:
            standing.discard(place)
    return standing
