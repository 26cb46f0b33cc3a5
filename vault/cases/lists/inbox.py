"""Lists of cases: new ones for intake officers, their own for lawyers. No testimony is opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, null, select

from vault import clock
from vault.cases.arriving import visits
from vault.cases.ending import deleting
from vault.cases.lists import summaries
from vault.cases.lists.lines import lines_of
from vault.cases.model import NEW, SET_ASIDE, CaseLine
from vault.cases.written import drafts
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.ledger.entry import MAX_ITEMS
from vault.members.actor import Actor
from vault.roster.roles import CASES, TRIAGE
from vault.storage.tables.cases import assignments, cases

LIST, SEARCH = "list", "search"


def new_cases(vault: Vault, actor: Actor) -> list[CaseLine]:
    """Return cases that wait for an intake officer, and those set aside; one entry.

    Raises:
        NotFoundError: the actor is no intake officer.
    """
    _check(vault, actor, TRIAGE)
    query = (
        select(cases, null().label("capacity"))
        .where(cases.c.status.in_((NEW, SET_ASIDE)))
        .order_by(cases.c.slot_day, cases.c.id)
    )
    return _look(vault, actor, query, (LIST, "new"))


def my_cases(vault: Vault, actor: Actor, *, searched: bool = False) -> list[CaseLine]:
    """Return the cases given to this member, latest activity first; one entry.

    Args:
        vault: the vault.
        actor: whose.
        searched: the member looks for words in their labels; the entry says in which cases, never
            for which words. Beyond 32 cases there is one more entry for each 32.

    Raises:
        NotFoundError: no case is ever given to the actor's roles.
    """
    _check(vault, actor, CASES)
    still = assignments.c.until_day.is_(None) | (assignments.c.until_day >= clock.day())
    query = (
        select(cases, assignments.c.capacity)
        .join(assignments, assignments.c.case_id == cases.c.id)
        .where(assignments.c.member_id == actor.id, still)
        .order_by(cases.c.changed_day.desc(), cases.c.id)
    )
    return _look(vault, actor, query, (SEARCH if searched else LIST, "mine"))


def _look(vault: Vault, actor: Actor, query: Select[Any], entry: tuple[str, str]) -> list[CaseLine]:
    """Return the lines of `query` with the actor's summaries; nothing of it without its entry."""
    kind, what = entry
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        chosen = query.order_by(None).with_only_columns(cases.c.id)
        found = summaries.of_cases(vault, connection, actor, chosen)
        due = deleting.due_of_cases(vault, connection, chosen)
        forced = visits.lately(connection, chosen, found)
        warn = vault.settings.retention.warn_days
        plain = lines_of(connection, query, found, forced, warn)
        unsent = drafts.unsent(connection, actor, chosen)
        lines = [replace(line, due=due.get(line.id), unsent=line.id in unsent) for line in plain]
        for named in _named(kind, lines):
            transaction.log(kind, actor.id, {}, {"what": what, "count": len(lines), **named})
    return lines


def _named(kind: str, lines: list[CaseLine]) -> list[dict[str, list[str]]]:
    """Return which cases each entry names: a search all, as many to an entry as it has room for."""
    ids = [line.id for line in lines] if kind == SEARCH else []
    if not ids:
        return [{}]
    return [{"cases": ids[at : at + MAX_ITEMS]} for at in range(0, len(ids), MAX_ITEMS)]


def _check(vault: Vault, actor: Actor, does: str) -> None:
    if not actor.may(does):
        vault.journal.count_refusal("refused", actor.id)
        raise NotFoundError
