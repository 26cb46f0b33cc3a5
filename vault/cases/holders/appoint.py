"""Making somebody the lawyer of a case that nobody could open any more: after a recovery."""

from __future__ import annotations

from sqlalchemy import select

from vault import clock
from vault.cases.holders import handlers
from vault.cases.model import ASSIGNED
from vault.errors import RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.roster.roles import DEPUTY, LAWYER
from vault.storage.tables.cases import assignments, cases, grants, testimonies


def appoint(vault: Vault, transaction: Transaction, by: str, case_id: str, member_id: str) -> None:
    """Make whom the trustees sealed a case's keys to its lawyer; the epoch becomes due.

    Whoever handles it already keeps their place, and so does a deputy or lawyer who still holds
    keys; the place of one who holds none is free.

    Args:
        vault: the vault.
        transaction: of the import, which keeps the grants; call this first.
        by: whose act it is: a member's id, or the root's.
        case_id: which case.
        member_id: a lawyer of the verified roster.

    Raises:
        RefusedError: they cannot be given it (see `handlers.recipient`), or its lawyer holds keys.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    connection = transaction.connection
    handlers.recipient(vault, connection, case_id, None, (member_id, LAWYER))
    before = handlers.of_case(connection, case_id)
    lawyer = handlers.holding(before, LAWYER)
    change = cases.update().where(cases.c.id == case_id)
    connection.execute(change.values(status=ASSIGNED, keys_due=1, changed_day=clock.day()))
    if any(one.member == member_id and one.capacity in {LAWYER, DEPUTY} for one in before):
        return
    if lawyer is not None:
        _free(transaction, by, case_id, lawyer.member)
    connection.execute(
        assignments.insert().values(
            case_id=case_id, member_id=member_id, capacity=LAWYER, from_day=clock.day()
        )
    )
    subject = {"case": case_id, "member": member_id}
    transaction.log("assign", by, subject, {"capacity": LAWYER})


def _free(transaction: Transaction, by: str, case_id: str, member_id: str) -> None:
    """Free the place of a lawyer who holds no key."""
    connection = transaction.connection
    held = (
        select(grants.c.id)
        .join(testimonies, testimonies.c.id == grants.c.subject)
        .where(testimonies.c.case_id == case_id, grants.c.member_id == member_id)
    )
    if connection.execute(held).first() is not None:
        raise RefusedError("its lawyer holds the keys")
    connection.execute(
        assignments.delete().where(
            assignments.c.case_id == case_id, assignments.c.member_id == member_id
        )
    )
    subject = {"case": case_id, "member": member_id}
    transaction.log("revoke", by, subject, {"capacity": LAWYER})
