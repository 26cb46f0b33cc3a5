"""Whether a lawyer is away: they have not signed in for so long. The access log says when they did.

Days pass for everybody alike, nobody has to be asked, and the auditor can check it.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.holders.handlers import Handler
from vault.cases.reveal.boxes import parsed_entry
from vault.journal.vault import Vault
from vault.storage.tables.ledger import ledger_entries

SIGNED_IN = "signin"


def is_away(vault: Vault, connection: Connection, handler: Handler) -> bool:
    """Say whether a handler has not signed in for `staff.away`, nor been given the case since."""
    limit = clock.day(clock.now() - vault.settings.staff.away)
    return max(handler.from_day, _last_day(connection, handler.member)) < limit


def _last_day(connection: Connection, member_id: str) -> str:
    columns = ledger_entries.c
    query = (
        select(columns.leaf)
        .where(columns.actor == member_id, columns.kind == SIGNED_IN)
        .order_by(columns.seq.desc())
        .limit(1)
    )
    leaf = connection.execute(query).scalar_one_or_none()
    entry = None if leaf is None else parsed_entry(leaf)
    return "" if entry is None else entry.time[:10]
