"""Counts refusals per member and minute, so that a flood of them cannot fill the log.

The first refusal of a minute is an entry at once; how many more there were is one more entry when
the minute is over. Names that were typed are never kept: whoever is not a member counts as nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from vault import clock
from vault.journal.drafts import Draft
from vault.ledger.entry import SYSTEM
from vault.storage.tables.ledger import refusals

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOBODY = ""
_MINUTE = 60


def count(connection: Connection, kind: str, member: str | None, now: int) -> Draft | None:
    """Count one refusal; return the entry to write if it is the first of its minute."""
    whose = member or _NOBODY
    row = {"kind": kind, "member": whose, "minute": now // _MINUTE}
    more = refusals.update().filter_by(**row).values(times=refusals.c.times + 1)
    if connection.execute(more).rowcount:
        return None
    connection.execute(refusals.insert().values(times=1, **row))
    return _draft(kind, whose, now, {"count": 1})


def flush(connection: Connection, now: int) -> list[Draft]:
    """Forget the minutes that are over; return an entry for each that had more than one refusal."""
    over = refusals.c.minute < now // _MINUTE
    rows = connection.execute(
        select(refusals).where(over).order_by(refusals.c.minute, refusals.c.kind, refusals.c.member)
    ).all()
    connection.execute(refusals.delete().where(over))
    return [
        _draft(row.kind, row.member, row.minute * _MINUTE, {"more": row.times - 1})
        for row in rows
        if row.times > 1
    ]


def _draft(kind: str, member: str, at: int, detail: dict[str, int]) -> Draft:
    subject = {"member": member} if member else {}
    return Draft(kind, SYSTEM, subject, detail, clock.moment(at))
