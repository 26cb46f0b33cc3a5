"""Ending sessions: those of a member that began before now are over, in both interfaces.

Every session carries the generation that its member's sessions had when it began (see `Actor`), and
the member's row is asked at every request; ending counts the generation up.
"""

from __future__ import annotations

import dataclasses

from sqlalchemy import Connection, select

from vault.errors import NotFoundError, RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.roster.roles import MEMBERS
from vault.storage.tables.people import members


def end_all(vault: Vault, actor: Actor, member_id: str) -> None:
    """End every session of a member.

    Raises:
        RefusedError: the actor is no administrator.
        NotFoundError: no member has this id.
    """
    if not actor.may(MEMBERS):
        raise RefusedError("only an administrator ends the sessions of others")
    with vault.journal.transaction() as transaction:
        end_within(transaction, actor.id, member_id)


def end_others(vault: Vault, actor: Actor) -> Actor:
    """End every session of the actor; return them as of now, for a session to go on with."""
    with vault.journal.transaction() as transaction:
        generation = end_within(transaction, actor.id, actor.id)
    return dataclasses.replace(actor, generation=generation)


def end_within(transaction: Transaction, by: str, member_id: str) -> int:
    """End every session of a member inside a transaction; return their new generation.

    Raises:
        NotFoundError: no member has this id.
    """
    transaction.log("sessions.ended", by, {"member": member_id})
    return _count_up(transaction.connection, member_id)


def _count_up(connection: Connection, member_id: str) -> int:
    own, generation = members.c.id == member_id, members.c.session_generation
    if not connection.execute(
        members.update().where(own).values(session_generation=generation + 1)
    ).rowcount:
        raise NotFoundError
    return int(connection.execute(select(generation).where(own)).scalar_one())
