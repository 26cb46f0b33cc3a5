"""Taking access away without any key: what a member had of a case goes, the epoch becomes due.

What is stored from the next epoch on is sealed to keys that whoever lost access never had. Until a
holder has begun it (`vault.cases.epochs.due`), what arrives is still sealed to the old one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select

from vault.journal.transaction import Transaction
from vault.keyring.epochs import EPOCH_MAKERS
from vault.ledger.entry import ROOT
from vault.roster.model import RosterMember
from vault.roster.roles import CAPACITIES, INTAKE_OFFICER, ROLES
from vault.storage.tables.cases import OWN, assignments, cases, epochs, grants, testimonies


def remove_grants(
    transaction: Transaction,
    member_id: str,
    ended: frozenset[str] = ROLES,
    by: str = ROOT,
) -> None:
    """Take away what a member could open in roles that ended, with entries.

    Cases that were given to them go on with whoever else handles them; new accounts go on with the
    other intake officers.

    Args:
        transaction: of the caller.
        member_id: whose.
        ended: roles that they hold no more; all of them if not given.
        by: whose act it is: a member's id, or the root's.
    """
    connection = transaction.connection
    mine = select(assignments).where(assignments.c.member_id == member_id)
    for row in connection.execute(mine.order_by(assignments.c.case_id)).all():
        if CAPACITIES[row.capacity] in ended:
            take_away(transaction, by, row.case_id, member_id)
    removed = 0
    if INTAKE_OFFICER in ended:
        own = select(assignments.c.case_id).where(assignments.c.member_id == member_id)
        removed = _remove(connection, member_id, select(cases.c.id).where(cases.c.id.not_in(own)))
    if ended >= EPOCH_MAKERS:
        _renew_made_by(connection, member_id)
    if removed or ended == ROLES:
        transaction.log("grant.removed", by, {"member": member_id}, {"count": removed})


def of_ended_roles(_: RosterMember, chosen: frozenset[str]) -> frozenset[str]:
    """Return the roles in which somebody opens nothing any more once they have `chosen`."""
    return ROLES - chosen


def take_away(transaction: Transaction, by: str, case_id: str, member_id: str) -> None:
    """Take a case away from one member: their grants, summary, drafts and assignment."""
    connection = transaction.connection
    here = (assignments.c.case_id == case_id) & (assignments.c.member_id == member_id)
    capacity = connection.execute(select(assignments.c.capacity).where(here)).scalar_one_or_none()
    _remove(connection, member_id, select(cases.c.id).where(cases.c.id == case_id))
    connection.execute(assignments.delete().where(here))
    connection.execute(cases.update().where(cases.c.id == case_id).values(keys_due=1))
    detail = {} if capacity is None else {"capacity": capacity}
    transaction.log("revoke", by, {"case": case_id, "member": member_id}, detail)


def _renew_made_by(connection: Connection, member_id: str) -> None:
    """Let an epoch be due wherever the newest was signed by somebody who may sign none any more.

    A witness seals to no epoch of theirs, but to the first keys, until a present member signed one.
    """
    columns = epochs.c
    last = select(columns.subject, func.max(columns.epoch).label("epoch")).group_by(columns.subject)
    newest = last.subquery()
    made = (
        select(testimonies.c.case_id)
        .join(newest, newest.c.subject == testimonies.c.id)
        .join(epochs, (columns.subject == newest.c.subject) & (columns.epoch == newest.c.epoch))
        .where(columns.made_by == member_id)
    )
    connection.execute(cases.update().where(cases.c.id.in_(made)).values(keys_due=1))


def _remove(connection: Connection, member_id: str, chosen: Select[Any]) -> int:
    """Delete what a member had of some cases; where a key went, an epoch is due."""
    parts = select(testimonies.c.id).where(testimonies.c.case_id.in_(chosen))
    theirs = grants.c.member_id == member_id
    mine = theirs & (grants.c.subject.in_(parts) | grants.c.subject.in_(chosen))
    opened = select(testimonies.c.case_id).join(grants, grants.c.subject == testimonies.c.id)
    connection.execute(
        cases.update()
        .where(cases.c.id.in_(chosen), cases.c.id.in_(opened.where(theirs)))
        .values(keys_due=1)
    )
    for own in OWN:
        here = (own.c.member_id == member_id) & own.c.case_id.in_(chosen)
        connection.execute(own.delete().where(here))
    return connection.execute(grants.delete().where(mine)).rowcount
