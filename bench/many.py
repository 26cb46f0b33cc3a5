"""A lawyer with many cases: rows as the program would have written them, sealed to real keys."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table

from vault import clock
from vault.cases.model import ASSIGNED
from vault.crypto import suite
from vault.custody import erasure
from vault.journal.vault import Vault
from vault.keyring.summaries import Place, Summary, post, wrap
from vault.members.actor import Actor
from vault.roster.roles import LAWYER
from vault.storage.tables.cases import (
    assignments,
    cases,
    grants,
    records,
    summaries,
    testimonies,
)

SEALED = 5_377  # bytes of a short record
GRANT = 1_700
AT_ONCE = 100


def give(vault: Vault, officer: Actor, lawyer: Actor, count: int) -> None:
    """Add `count` given cases to the lawyer's list; they are listed, but do not open."""
    for start in range(0, count, AT_ONCE):
        places = [
            Place(suite.random(16).hex(), suite.random(32).hex(), lawyer.id)
            for _ in range(min(AT_ONCE, count - start))
        ]
        keys = erasure.make(vault, [place.testimony for place in places])
        with vault.database.write() as connection:
            for number, place in enumerate(places):
                _insert(connection, place)
                summary = Summary("victim", "ru", ("held_now",) * (number % 4 == 0))
                sealed = post(place, lawyer.opening.public, summary, officer.id, officer.signing)
                _one(
                    connection,
                    summaries,
                    case_id=place.case,
                    member_id=lawyer.id,
                    testimony=place.testimony,
                    sealed=wrap(keys[place.testimony], place, sealed),
                )


def _insert(connection: Connection, place: Place) -> None:
    today, testimony = clock.day(), place.testimony
    _one(connection, cases, id=place.case, status=ASSIGNED, slot_day=today, changed_day=today)
    _one(
        connection,
        testimonies,
        id=testimony,
        case_id=place.case,
        header=b"",
        collector_part=b"",
        slot_day=today,
    )
    _one(
        connection,
        assignments,
        case_id=place.case,
        member_id=place.member,
        capacity=LAWYER,
        from_day=today,
    )
    _one(
        connection,
        grants,
        id=suite.random(16).hex(),
        subject=testimony,
        member_id=place.member,
        compartments='["account","medical"]',
        epoch=2,
        sealed=suite.random(GRANT),
        day=today,
    )
    for compartment, kind in _kinds():
        _one(
            connection,
            records,
            id=suite.random(16).hex(),
            subject=testimony,
            compartment=compartment,
            epoch=1,
            kind=kind,
            sealed=suite.random(SEALED),
            slot_day=today,
        )


def _kinds() -> Iterator[tuple[str, str]]:
    for kind in ("statement", "addendum"):
        for compartment in ("account", "medical", "identity"):
            yield compartment, kind
    yield "account", "reply"


def _one(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(table.insert().values(**values))
