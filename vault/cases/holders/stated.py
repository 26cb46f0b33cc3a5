"""Who was given a case, as the access log states it: a row of `assignments` alone gives nothing.

Whoever writes to the database could add a row, and a grant of nothing beside it: the next holder
who begins an epoch would seal its keys to them, and the box would name them to the witness. An
entry is there for everybody to see: docs/decisions/0018-access.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from vault.errors import FormatError
from vault.journal.drafts import Draft
from vault.ledger.entry import Entry
from vault.storage.tables.ledger import ledger_entries

ASSIGN, REVOKE, UNASSIGN = "assign", "revoke", "unassign"
RENEWED = "keys.renewed"
CHANGED, VOUCH = "consent.changed", "vouch"

Given = tuple[str, str | None]
"""Capacity, and the last day or None."""


def given(connection: Connection, case_id: str, drafts: Iterable[Draft] = ()) -> dict[str, Given]:
    """Return as what, and until when, each member handles a case, by what the log said last.

    Args:
        connection: open.
        case_id: which case.
        drafts: what the transaction on this connection will add to the log.
    """
    columns = ledger_entries.c
    query = (
        select(columns.leaf)
        .where(columns.case_id == case_id, columns.kind.in_((ASSIGN, REVOKE, UNASSIGN)))
        .order_by(columns.seq)
    )
    standing: dict[str, Given] = {}
    entries = [_parsed(leaf) for leaf in connection.execute(query).scalars()]
    for entry in (*entries, *drafts):
        if entry is None or entry.subject.get("case") != case_id:
            continue
        member = entry.subject.get("member", "")
        if entry.kind == ASSIGN:
            until = entry.detail.get("until")
            last_day = None if until is None else str(until)
            standing[member] = (str(entry.detail.get("capacity")), last_day)
        elif entry.kind == REVOKE:
            standing.pop(member, None)
        elif entry.kind == UNASSIGN:
            standing.clear()
    return standing


def vouched(connection: Connection, case_id: str) -> frozenset[str]:
    """Return what receipts vouched for, as the vault verified it; see `packet.vouch`."""
    columns = ledger_entries.c
    query = select(columns.leaf).where(columns.case_id == case_id, columns.kind == CHANGED)
    entries = [_parsed(leaf) for leaf in connection.execute(query).scalars()]
    return frozenset(
        str(entry.detail[VOUCH])
        for entry in entries
        if entry is not None and entry.subject.get("case") == case_id and VOUCH in entry.detail
    )


def renewals(connection: Connection, case_id: str) -> int:
    """Return how often a case got new keys: its testimony's newest epoch is one more, or higher.

    Rows of epochs and grants can be put back together to those of an earlier day; this cannot.
    """
    columns = ledger_entries.c
    query = select(func.count()).where(columns.case_id == case_id, columns.kind == RENEWED)
    return int(connection.execute(query).scalar_one())


def _parsed(leaf: bytes) -> Entry | None:
    try:
        return Entry.parse(leaf)
    except FormatError:  # a changed row: the verifier names it, and it gives nobody anything
        return None
