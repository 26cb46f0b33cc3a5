"""What is new to whoever opens a case, and what was said before what within one day.

Records know their day only. The access log keeps the order of a case's entries, and every
addendum and every reply has one; where the two do not agree, the days alone decide.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from vault.cases.model import CaseLine, RecordView
from vault.cases.reveal.reading import ADDENDUM, STATEMENT
from vault.cases.written.staff_records import REPLY
from vault.keyring.compartments import Compartment
from vault.keyring.summaries import Summary
from vault.storage.tables.ledger import ledger_entries

_ENTRY_OF = {ADDENDUM: "addendum", REPLY: "message.sent"}


def said_in_order(
    connection: Connection, case_id: str, views: Iterable[RecordView]
) -> dict[str, int]:
    """Return the place of each addendum and reply in the conversation, by record id.

    Nothing where the log does not know exactly these: somebody changed one of the two.
    """
    columns = ledger_entries.c
    query = (
        select(columns.kind)
        .where(columns.case_id == case_id, columns.kind.in_(_ENTRY_OF.values()))
        .order_by(columns.seq)
    )
    kinds = list(connection.execute(query).scalars())
    account = [view for view in views if view.compartment == Compartment.ACCOUNT]
    streams = {
        entry: _oldest_first(view for view in account if view.kind == kind)
        for kind, entry in _ENTRY_OF.items()
    }
    if any(kinds.count(entry) != len(stream) for entry, stream in streams.items()):
        return {}
    left = {entry: iter(stream) for entry, stream in streams.items()}
    return {next(left[kind]).id: place for place, kind in enumerate(kinds)}


def in_turn(records: Iterable[RecordView], places: Mapping[str, int]) -> tuple[RecordView, ...]:
    """Return records with what belongs to the conversation in its order; all else stays."""
    found = list(records)
    turns = [number for number, view in enumerate(found) if view.id in places]
    said = sorted((found[number] for number in turns), key=lambda view: places[view.id])
    for number, view in zip(turns, said, strict=True):
        found[number] = view
    return tuple(found)


def marked_new(
    line: CaseLine, before: Summary | None, views: Sequence[RecordView]
) -> list[RecordView]:
    """Mark what came since the reader looked last; nothing where they never did: all is new then.

    Args:
        line: the case as it was found.
        before: the reader's summary until now.
        views: every record that the reader is shown.
    """
    if before is None or before.seen == 0:
        return list(views)
    unread = dataclasses.replace(line, summary=before).unread
    replies = max(0, line.replies - before.replies)
    new = set[str]()
    for compartment in {view.compartment for view in views}:
        there = [view for view in views if view.compartment == compartment]
        told = _oldest_first(view for view in there if view.kind in {STATEMENT, ADDENDUM})
        new.update(view.id for view in told[max(0, len(told) - unread) :])
        answered = _oldest_first(view for view in there if view.kind == REPLY)
        new.update(view.id for view in answered[max(0, len(answered) - replies) :])
    return [dataclasses.replace(view, new=view.id in new) for view in views]


def _oldest_first(views: Iterable[RecordView]) -> list[RecordView]:
    def place(view: RecordView) -> tuple[str, bool, int, str]:
        return view.arrived, view.kind != STATEMENT, view.number, view.id

    return sorted(views, key=place)
