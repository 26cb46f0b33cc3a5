"""Taking grants away from somebody who ends or loses a role."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true

from vault.journal.journal import Transaction
from vault.ledger.entry import ROOT
from vault.roster.model import RosterMember
from vault.roster.roles import INTAKE_OFFICER, LAWYER
from vault.storage.tables.cases import assignments, grants, testimonies

_ALL = true()


def remove_grants(
    transaction: Transaction, member_id: str, which: ColumnElement[bool] = _ALL
) -> None:
    """Remove a member's grants, all or those of a condition, with an entry that counts them."""
    gone = transaction.connection.execute(
        grants.delete().where(grants.c.member_id == member_id, which)
    )
    if gone.rowcount or which is _ALL:
        transaction.log("grant.removed", ROOT, {"member": member_id}, {"count": gone.rowcount})


def of_ended_roles(member: RosterMember, chosen: frozenset[str]) -> ColumnElement[bool]:
    """Return which of a member's grants end with the roles that are left out."""
    own = select(assignments.c.case_id).where(assignments.c.member_id == member.id)
    handled = select(testimonies.c.id).where(testimonies.c.case_id.in_(own)).union(own)
    ended = {
        LAWYER: grants.c.subject.in_(handled),
        INTAKE_OFFICER: grants.c.subject.not_in(handled),
    }
    return or_(false(), *(which for role, which in ended.items() if role not in chosen))
