"""Readers besides lawyer and deputy whom the witness lets read no more: they lose the case.

It is found out by whoever opens the account next, before anything is shown. What the witness pauses
or takes back on the page of their box ends at the next slot already (see `accept`).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from vault.cases.holders.access import Held
from vault.consent import items
from vault.custody.revoking import take_away
from vault.errors import NotFoundError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import WITNESS
from vault.members.actor import Actor
from vault.storage.tables.cases import assignments


def end(vault: Vault, actor: Actor, held: Held, agreed: Collection[str]) -> bool:
    """Take the case away from readers to whom the witness has not agreed; returns whether any was.

    Args:
        vault: the vault.
        actor: who opens the case now.
        held: the case.
        agreed: the capacities that the witness lets read.

    Raises:
        NotFoundError: the actor is one of them.
    """
    ended = frozenset(items.BESIDE) - frozenset(agreed)
    with vault.database.read() as connection:
        found = _readers(connection, held.line.id, ended)
    if not found:
        return False
    with vault.journal.transaction() as transaction:
        take_from(transaction, held.line.id, ended)
    if actor.id in found:
        raise NotFoundError
    return True


def take_from(transaction: Transaction, case_id: str, ended: Collection[str]) -> None:
    """Take a case away from everybody who handles it in one of some capacities, with entries."""
    for member in _readers(transaction.connection, case_id, ended):
        take_away(transaction, WITNESS, case_id, member)


def _readers(connection: Connection, case_id: str, ended: Collection[str]) -> list[str]:
    query = select(assignments.c.member_id).where(
        assignments.c.case_id == case_id, assignments.c.capacity.in_(sorted(ended))
    )
    return list(connection.execute(query.order_by(assignments.c.member_id)).scalars())
