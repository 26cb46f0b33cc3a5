"""Counts refusals per member and minute, so that a flood of them cannot fill the log.

The first refusal of a minute is an entry; how many more there were is one more entry when the
minute is over. Names that were typed are never kept: whoever is not a member counts as nobody.
Counting happens in memory first (`tally`); this is what is written of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
# Another process may still hold counts of a minute that has just ended.
_SETTLED = 5


@dataclass(frozen=True)
class Refusal:
    """What is counted together.

    Args:
        kind: `signin.refused` or `refused`.
        member: whose; None if nobody of that name exists.
        minute: since the epoch.
        first: seconds of the first of them; does not tell one from another.
    """

    kind: str
    member: str | None
    minute: int
    first: int = field(compare=False)

    @classmethod
    def now(cls, kind: str, member: str | None) -> Refusal:
        """Return a refusal of this moment.

        Raises:
            FormatError: no kind of the log, or what should be a member is no id.
        """
        at = clock.now()
        # Refused here, where the fault is, and not when it would stop everything else's writing.
        _draft(kind, member or _NOBODY, at, {"count": 1}).entry(0)
        return cls(kind, member, at // _MINUTE, at)


def count(connection: Connection, refusal: Refusal, times: int) -> Draft | None:
    """Add refusals of one minute; return the entry to write if these are its first."""
    whose = refusal.member or _NOBODY
    row = {"kind": refusal.kind, "member": whose, "minute": refusal.minute}
    more = refusals.update().filter_by(**row).values(times=refusals.c.times + times)
    if connection.execute(more).rowcount:
        return None
    connection.execute(refusals.insert().values(times=times, **row))
    return _draft(refusal.kind, whose, refusal.first, {"count": 1})


def flush(connection: Connection, now: int) -> list[Draft]:
    """Forget the minutes that are over; return an entry for each that had more than one refusal."""
    over = refusals.c.minute < (now - _SETTLED) // _MINUTE
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
