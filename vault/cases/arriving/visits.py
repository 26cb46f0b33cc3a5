"""Visits to boxes: kept as proofs that say nothing to whoever holds the database alone.

Of either receipt the same is kept. Which one it was, and on which day, is found by whoever holds
the account, or the summary of it, by trying the days. See docs/spec/packet.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects.sqlite import insert

from vault import clock
from vault.keyring.summaries import Summary
from vault.packet import visit
from vault.storage.tables.cases import testimonies, visits

# How far back a list looks. The page of the case looks back to its beginning.
LATELY = 30 * clock.DAY


def keep(connection: Connection, testimony: str, proof: bytes) -> None:
    """Keep the proof of a visit; once."""
    row = insert(visits).values(proof=proof, subject=testimony)
    connection.execute(row.on_conflict_do_nothing())


def forced(
    connection: Connection, testimony: str, addenda_key: bytes, since: str
) -> tuple[str, ...]:
    """Return the days on which somebody came with a receipt, oldest first.

    Args:
        connection: open.
        testimony: its id.
        addenda_key: of the receipt that is asked about; the account holds it.
        since: day on which the case came.
    """
    query = select(visits.c.proof).where(visits.c.subject == testimony)
    proofs = set(connection.execute(query).scalars())
    key, days = visit.proof_key(addenda_key), _days(clock.seconds_of(since))
    return visit.days_among(key, testimony, proofs, days) if proofs else ()


def lately(
    connection: Connection, chosen: Select[Any], summaries: Mapping[str, Summary]
) -> dict[str, str]:
    """Return the last day on which somebody came with the second receipt, by case.

    Args:
        connection: open.
        chosen: selects case ids.
        summaries: of the reader; a case without one is left out.
    """
    query = (
        select(testimonies.c.case_id, visits.c.subject, visits.c.proof)
        .join(visits, visits.c.subject == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen))
    )
    proofs: dict[tuple[str, str], set[bytes]] = {}
    for case_id, testimony, proof in connection.execute(query):
        proofs.setdefault((case_id, testimony), set()).add(proof)
    days, found = tuple(_days(clock.now() - LATELY)), dict[str, str]()
    for (case_id, testimony), kept in proofs.items():
        summary = summaries.get(case_id)
        if summary is not None and summary.second:
            last = visit.days_among(summary.second, testimony, kept, days)[-1:]
            found.update((case_id, day) for day in last)
    return found


def _days(first: int) -> Iterator[str]:
    """Give all days from the one before `first` to tomorrow: the other host's clock may differ."""
    return map(clock.day, range(first - clock.DAY, clock.now() + 2 * clock.DAY, clock.DAY))
