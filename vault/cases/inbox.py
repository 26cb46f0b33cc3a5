"""Lists of cases: new ones for intake officers, their own for lawyers. No testimony is opened."""

from __future__ import annotations

from sqlalchemy import null, select

from vault.cases.access import lines_of
from vault.cases.model import NEW, SET_ASIDE, CaseLine
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.storage.tables.cases import assignments, cases

OFFICER, LAWYER = "intake_officer", "lawyer"


def new_cases(vault: Vault, actor: Actor) -> list[CaseLine]:
    """Return cases that wait for an intake officer, and those set aside; one entry.

    Raises:
        NotFoundError: the actor is no intake officer.
    """
    _check_role(vault, actor, OFFICER)
    query = (
        select(cases, null().label("capacity"))
        .where(cases.c.status.in_((NEW, SET_ASIDE)))
        .order_by(cases.c.slot_day, cases.c.id)
    )
    with vault.journal.transaction() as transaction:
        lines = lines_of(transaction.connection, query)
        transaction.log("list", actor.id, {}, {"what": "new", "count": len(lines)})
    return lines


def my_cases(vault: Vault, actor: Actor) -> list[CaseLine]:
    """Return the cases given to this member, newest day first; one entry.

    Raises:
        NotFoundError: the actor is no lawyer.
    """
    _check_role(vault, actor, LAWYER)
    query = (
        select(cases, assignments.c.capacity)
        .join(assignments, assignments.c.case_id == cases.c.id)
        .where(assignments.c.member_id == actor.id)
        .order_by(cases.c.changed_day.desc(), cases.c.id)
    )
    with vault.journal.transaction() as transaction:
        lines = lines_of(transaction.connection, query)
        transaction.log("list", actor.id, {}, {"what": "mine", "count": len(lines)})
    return lines


def _check_role(vault: Vault, actor: Actor, role: str) -> None:
    if role not in actor.roles:
        vault.journal.count_refusal("refused", actor.id)
        raise NotFoundError
