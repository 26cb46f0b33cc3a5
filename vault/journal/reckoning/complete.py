"""Whether a filter finds all that was proven: the index's count against the one of the leaves.

Filters read columns that no hash covers. Whoever writes to the database could change one, or the
index over it, so that an opening is in no list; then the counts differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault.storage.tables.ledger import ledger_entries

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection

    from vault.journal.reading import Filter
    from vault.journal.reckoning.keeper import State

_columns = ledger_entries.c


def finds_all(connection: Connection, chosen: Filter, state: State) -> bool:
    """Say whether each value of a filter, by itself, has as many entries as were counted."""
    sums, size = state.sums, state.frontier.size
    wanted: list[tuple[Column[str], str, int]] = []
    if chosen.member is not None:
        wanted.append((_columns.actor, chosen.member, sums.actors[chosen.member]))
        wanted.append((_columns.member, chosen.member, sums.about[chosen.member]))
    if chosen.kind is not None:
        wanted.append((_columns.kind, chosen.kind, sums.ever()[chosen.kind]))
    if chosen.case is not None:
        case = sums.cases.get(chosen.case)
        wanted.append((_columns.case_id, chosen.case, case.entries if case else 0))
    return all(_count(connection, column, value, size) == n for column, value, n in wanted)


def _count(connection: Connection, column: Column[str], value: str, size: int) -> int:
    query = select(func.count()).where(column == value, _columns.seq < size)
    return int(connection.execute(query).scalar_one())
