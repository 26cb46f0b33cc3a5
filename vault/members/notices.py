"""Who gets the daily notice, and at which address: each member says so for themselves.

The address lies in the sealed database and nowhere else, no entry holds it, and it is deleted when
its member ends. Each day is claimed before anything is sent: a restart sends nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from vault import clock
from vault.errors import InputError, RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.members.actor import Actor
from vault.storage.tables.people import notices

MAX_ADDRESS = 254
"""RFC 5321, section 4.5.3.1.3, without the angle brackets."""

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def address_of(vault: Vault, actor: Actor) -> str | None:
    """Return the address at which the actor gets notices; None: they get none."""
    query = select(notices.c.address).where(notices.c.member_id == actor.id)
    with vault.database.read() as connection:
        return connection.execute(query).scalar_one_or_none()


def choose(vault: Vault, actor: Actor, address: str) -> None:
    """Let the actor get notices from tomorrow on.

    Raises:
        RefusedError: the settings have them turned off.
        InputError: no address that every mail server takes.
    """
    if not vault.settings.notices.enabled:
        raise RefusedError("notices are off")
    address = address.strip()
    if len(address) > MAX_ADDRESS or not _ADDRESS.fullmatch(address):
        raise InputError("address")
    # Whoever chooses after the hour must not get one today, at an hour of its own.
    row = {"member_id": actor.id, "address": address, "sent_day": clock.day(), "failed_day": None}
    stated = insert(notices).values(row)
    with vault.journal.transaction() as transaction:
        transaction.connection.execute(
            stated.on_conflict_do_update(index_elements=["member_id"], set_=row)
        )
        transaction.log("notice.chosen", actor.id)


def stop(vault: Vault, actor: Actor) -> None:
    """Let the actor get no notices any more, and forget the address."""
    with vault.journal.transaction() as transaction:
        if forget(transaction.connection, actor.id):
            transaction.log("notice.ended", actor.id)


def forget(connection: Connection, member_id: str) -> bool:
    """Delete a member's address; says whether there was one."""
    done = connection.execute(notices.delete().where(notices.c.member_id == member_id))
    return bool(done.rowcount)


def claim(vault: Vault, day: str) -> dict[str, str]:
    """Return the addresses, by member, that are to be sent to on `day`; each is returned once.

    The order is always the same. What is returned counts as sent, with an entry: whoever is killed
    now sends nothing that day, rather than something twice.

    Raises:
        LockedError: the vault is locked, and knows no address.
    """
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        due = notices.c.sent_day < day
        rows = connection.execute(select(notices).where(due).order_by(notices.c.member_id)).all()
        found = {row.member_id: row.address for row in rows if _is_active(vault, row.member_id)}
        if found:
            mine = notices.c.member_id.in_(found)
            connection.execute(notices.update().where(mine).values(sent_day=day))
            transaction.log("notice.sent", SYSTEM, {}, {"count": len(found)})
    return found


def failed(vault: Vault, day: str, members: Collection[str], count: int) -> None:
    """Note that notices of a day did not arrive, or may not have.

    Args:
        vault: the vault.
        day: that was claimed.
        members: who was to get one, that day.
        count: how many of theirs it was.
    """
    with vault.journal.transaction() as transaction:
        mine = notices.c.member_id.in_(members)
        transaction.connection.execute(notices.update().where(mine).values(failed_day=day))
        transaction.log("notice.failed", SYSTEM, {}, {"count": count})


def wanted(vault: Vault) -> list[tuple[str, str | None]]:
    """Return the day of the last notice, and of the last that failed, of everybody who gets one."""
    with vault.database.read() as connection:
        rows = connection.execute(select(notices)).all()
    return [(row.sent_day, row.failed_day) for row in rows if _is_active(vault, row.member_id)]


def _is_active(vault: Vault, member_id: str) -> bool:
    member = vault.roster().member(member_id)
    return member is not None and member.active(clock.moment())
