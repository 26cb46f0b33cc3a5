"""Lines of cases for lists, from plain columns and counts: nothing of any testimony is opened."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from vault import clock
from vault.cases.model import CaseLine
from vault.keyring.summaries import Summary
from vault.storage.tables.cases import attachments, cases, grants, records, testimonies

_PACKETS, _REPLIES = ("statement", "addendum"), ("reply",)
_NOTHING = (0, 0)


def lines_of(
    connection: Connection,
    wanted: Select[Any],
    summaries: Mapping[str, Summary],
    forced: Mapping[str, str] = MappingProxyType({}),
    soon_days: int = 0,
) -> list[CaseLine]:
    """Return the lines of cases in the order of `wanted`, with four queries however many.

    Args:
        connection: open.
        wanted: selects the columns of `cases` and `capacity` (of the reader, or null).
        summaries: the reader's, by case.
        forced: the last day on which somebody came with the second words, by case.
        soon_days: so many days before its end a line says it.
    """
    rows, soon = connection.execute(wanted).all(), clock.day(clock.now() + soon_days * clock.DAY)
    chosen = wanted.order_by(None).with_only_columns(cases.c.id)
    counts = _counts(connection, chosen)
    files, held = _files(connection, chosen), _held(connection, chosen)
    return [
        CaseLine(
            id=row.id,
            status=row.status,
            day=row.slot_day,
            active=row.changed_day,
            capacity=row.capacity,
            packets=counts.get(row.id, _NOTHING)[0],
            replies=counts.get(row.id, _NOTHING)[1],
            files=files.get(row.id, 0),
            readable=row.id in held,
            summary=summaries.get(row.id),
            forced=forced.get(row.id),
            ends=row.ends_day if row.ends_day and row.ends_day <= soon else None,
            opens_until=row.opens_until,
        )
        for row in rows
    ]


def _counts(connection: Connection, chosen: Select[Any]) -> dict[str, tuple[int, int]]:
    """Return how many packets of the witness, and how many replies, each case holds.

    Every packet has one record in each compartment, so those of the account count packets.
    """
    packets, replies = (
        func.count(case((records.c.kind.in_(kinds), 1))) for kinds in (_PACKETS, _REPLIES)
    )
    query = (
        select(testimonies.c.case_id, packets, replies)
        .join(records, records.c.subject == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen), records.c.compartment == "account")
        .group_by(testimonies.c.case_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def _files(connection: Connection, chosen: Select[Any]) -> dict[str, int]:
    """Return how many files of each case have come whole."""
    query = (
        select(testimonies.c.case_id, func.count())
        .join(attachments, attachments.c.testimony == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen), attachments.c.stored_day.is_not(None))
        .group_by(testimonies.c.case_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _held(connection: Connection, chosen: Select[Any]) -> frozenset[str]:
    """Return the cases with a testimony of which anybody holds a key."""
    query = (
        select(testimonies.c.case_id)
        .join(grants, grants.c.subject == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen))
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())


def touch(connection: Connection, case_id: str) -> None:
    """Note the day of the last change."""
    connection.execute(cases.update().where(cases.c.id == case_id).values(changed_day=clock.day()))
