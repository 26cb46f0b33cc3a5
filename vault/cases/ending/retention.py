"""Until when a case is kept, as the access log states it: a row of a table alone erases nothing.

The day is fixed when a case comes, so that another setting changes new ones only. Whoever handles a
case sets another, or a hold that suspends it until a day. Nothing is erased by itself that the log
did not announce some weeks before (docs/spec/retention.md).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from vault import clock
from vault.errors import FormatError
from vault.journal.drafts import Draft
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM, WITNESS, Entry
from vault.storage.tables.cases import cases, testimonies
from vault.storage.tables.ledger import ledger_entries

INTAKE = "intake"
SET, HELD, FREED, ANNOUNCED = KINDS = (
    "retention.set",
    "retention.held",
    "retention.freed",
    "retention.announced",
)
# Why a case is held, in the order in which the page offers it. Codes: the log and a box show them.
REASONS = ("proceedings", "un", "investigation", "order", "danger", "witness")


@dataclass(frozen=True)
class Keeping:
    """Until when one case is kept.

    Args:
        until: the day from which on it is erased by itself, but for a hold.
        held: the day until which it is held whatever `until` says; None: it is not.
        reason: one of REASONS, of the hold.
        announced: the day on which it was announced that this is carried out; None: not yet.
        first: the day that it had when it came.
        wished: `until` is what the witness wished.
    """

    until: str
    held: str | None = None
    reason: str | None = None
    announced: str | None = None
    first: str = ""
    wished: bool = False

    @property
    def ends(self) -> str:
        """From which day on it is erased."""
        return max(self.until, self.held or "")

    def is_over(self, notice_days: int) -> bool:
        """Say whether it is erased now: its day has come, and was announced long enough ago."""
        if self.announced is None or self.ends > clock.day():
            return False
        return later(self.announced, notice_days) <= clock.day()


def first_day(vault: Vault) -> str:
    """Return from which day on a case that comes today is erased, if nobody says otherwise."""
    today = date.fromisoformat(clock.day())
    year = today.year + vault.settings.retention.years
    leap = (today.month, today.day) == (2, 29)
    return (date(year, 3, 1) if leap else today.replace(year=year)).isoformat()


def of_case(connection: Connection, case_id: str, drafts: Iterable[Draft] = ()) -> Keeping | None:
    """Return what the log states of a case; None if it states no day: it is never erased by itself.

    Args:
        connection: open.
        case_id: which case.
        drafts: what the transaction on this connection will add to the log.
    """
    columns = ledger_entries.c
    query = (
        select(columns.leaf)
        .where(columns.case_id == case_id, columns.kind.in_((INTAKE, *KINDS)))
        .order_by(columns.seq)
    )
    entries = [_parsed(leaf) for leaf in connection.execute(query).scalars()]
    stated: Keeping | None = None
    for entry in (*entries, *(draft.entry(0) for draft in drafts)):
        if entry is not None and entry.subject.get("case") == case_id:
            stated = _after(stated, entry)
    return stated


def state(transaction: Transaction, case_id: str) -> None:
    """Let lists show what the log, with what this transaction adds to it, says of a case."""
    keeping = of_case(transaction.connection, case_id, transaction.drafts)
    ends = None if keeping is None else keeping.ends
    own = cases.update().where(cases.c.id == case_id)
    transaction.connection.execute(own.values(ends_day=ends))


def announce(vault: Vault) -> int:
    """Announce in the log what is going to be erased by itself; returns how many cases."""
    horizon = later(clock.day(), vault.settings.retention.warn_days)
    with vault.database.read() as connection:
        near = [case for case in _ending(connection, horizon) if _unannounced(connection, case)]
    if not near:
        return 0
    with vault.journal.transaction() as transaction:
        for case_id in near:
            keeping = _unannounced(transaction.connection, case_id)
            if keeping is not None and keeping.ends <= horizon:
                detail = {"until": keeping.ends}
                transaction.log(ANNOUNCED, SYSTEM, {"case": case_id}, detail)
    return len(near)


def over(vault: Vault, connection: Connection) -> list[str]:
    """Return the cases whose end has come, as the log states it."""
    near = _ending(connection, clock.day())
    return [case_id for case_id in near if is_over(vault, connection, case_id)]


def is_over(vault: Vault, connection: Connection, case_id: str) -> bool:
    """Say whether a case is erased now."""
    keeping = of_case(connection, case_id)
    return keeping is not None and keeping.is_over(vault.settings.retention.notice_days)


def later(day: str, days: int) -> str:
    """Return the day so many days after another."""
    return clock.day(clock.seconds_of(day) + days * clock.DAY)


def _ending(connection: Connection, horizon: str) -> list[str]:
    """Return the cases with something in them whose row says that they end by a day."""
    query = (
        select(cases.c.id)
        .join(testimonies, testimonies.c.case_id == cases.c.id)
        .where(cases.c.ends_day <= horizon)
        .distinct()
    )
    return list(connection.execute(query).scalars())


def _unannounced(connection: Connection, case_id: str) -> Keeping | None:
    keeping = of_case(connection, case_id)
    return keeping if keeping is not None and keeping.announced is None else None


def _after(stated: Keeping | None, entry: Entry) -> Keeping | None:
    """Return what stands after one more entry; every change is announced anew."""
    until = _day(entry.detail.get("until"))
    if stated is None:
        return Keeping(until, first=until) if until and entry.kind in {INTAKE, SET} else None
    if entry.kind == SET and until is not None:
        own = entry.actor == WITNESS
        return Keeping(until, stated.held, stated.reason, first=stated.first, wished=own)
    if entry.kind == HELD and until is not None:
        reason = str(entry.detail.get("reason", ""))
        return dataclasses.replace(stated, held=until, reason=reason, announced=None)
    if entry.kind == FREED:
        return dataclasses.replace(stated, held=None, reason=None, announced=None)
    if entry.kind == ANNOUNCED and until == stated.ends and stated.announced is None:
        return dataclasses.replace(stated, announced=entry.time[:10])
    return stated


def _day(value: object) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _parsed(leaf: bytes) -> Entry | None:
    try:
        return Entry.parse(leaf)
    except FormatError:  # a changed row: the verifier names it, and it ends nothing
        return None
