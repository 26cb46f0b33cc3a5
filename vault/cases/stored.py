"""Records as they lie in the database: sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vault.keyring.compartments import Compartment
from vault.packet.format import Record
from vault.storage.tables.cases import records


@dataclass(frozen=True)
class Stored:
    """A record as it lies in the database."""

    record: Record
    subject: str
    author: str | None
    day: str


def stored_records(
    connection: Connection, subjects: tuple[str, ...], compartments: frozenset[Compartment]
) -> list[Stored]:
    """Return the sealed records of some compartments, oldest day first."""
    query = (
        select(records)
        .where(records.c.subject.in_(subjects), records.c.compartment.in_(sorted(compartments)))
        .order_by(records.c.slot_day, records.c.id)
    )
    return [_stored(row) for row in connection.execute(query)]


def _stored(row: Any) -> Stored:
    record = Record(
        row.id, Compartment(row.compartment), row.epoch, row.kind, row.sealed, row.mac or b""
    )
    return Stored(record, row.subject, row.author, row.slot_day)
