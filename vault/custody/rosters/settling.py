"""What follows in the database from a published version: grants go, a login and cases move.

It is read off the two documents, so that it is the same whoever signed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from vault import clock
from vault.custody import bars
from vault.custody.revoking import of_ended_roles, remove_grants
from vault.journal.transaction import Transaction
from vault.members import notices
from vault.members.enrol import parked_login
from vault.roster.model import Roster, RosterMember
from vault.storage.tables.cases import OWN, assignments
from vault.storage.tables.people import members


def settle(transaction: Transaction, before: Roster, after: Roster, by: str) -> None:
    """Do what follows from the step from `before` to `after`.

    Args:
        transaction: of the caller.
        before: the version before.
        after: the one that is published.
        by: whose act it is, for the entries.
    """
    new_keys = {m.replaces: m.id for m in after.members if m.replaces and not before.member(m.id)}
    for member in after.members:
        was = before.member(member.id)
        if was is None or was == member:
            continue
        if member.valid_to is None:
            remove_grants(transaction, member.id, of_ended_roles(was, member.roles), by)
        else:
            handled = _handled(transaction.connection, member.id)
            _end(transaction, member, by)
            if member.id in new_keys:
                _hand_on(transaction, handled, new_keys[member.id], by)
    for old, new in new_keys.items():
        _move_login(transaction.connection, old, new)
        bars.follow(transaction, by, old, new)


def _end(transaction: Transaction, member: RosterMember, by: str) -> None:
    """Take away what an ended member had. What they read stays read, what they signed signed."""
    own = members.c.id == member.id
    transaction.connection.execute(members.update().where(own).values(ended_day=clock.day()))
    remove_grants(transaction, member.id, by=by)
    notices.forget(transaction.connection, member.id)
    for table in OWN:
        transaction.connection.execute(table.delete().where(table.c.member_id == member.id))


def _handled(connection: Connection, member_id: str) -> list[dict[str, Any]]:
    query = select(assignments).where(assignments.c.member_id == member_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def _hand_on(transaction: Transaction, handled: list[dict[str, Any]], new: str, by: str) -> None:
    """Let the person handle with new keys what they handled: they open none of it yet."""
    for row in handled:
        transaction.connection.execute(assignments.insert().values(**row | {"member_id": new}))
        subject = {"case": row["case_id"], "member": new}
        until = {"until": row["until_day"]} if row["until_day"] else {}
        transaction.log("assign", by, subject, {"capacity": row["capacity"], **until})


def _move_login(connection: Connection, old: str, new: str) -> None:
    login = connection.execute(select(members.c.login).where(members.c.id == old)).scalar_one()
    parked = members.update().where(members.c.id == old).values(login=parked_login(old))
    connection.execute(parked)
    connection.execute(members.update().where(members.c.id == new).values(login=login))
