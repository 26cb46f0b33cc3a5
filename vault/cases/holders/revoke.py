"""Taking access away at once, and stating who may never have it: nobody needs a key for either.

The new epoch begins with the next holder who signs in, or at once if whoever revokes is one (see
`due`). What was read stays read.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.holders import handlers
from vault.cases.holders.access import in_force
from vault.cases.holders.handlers import Handler
from vault.custody import bars
from vault.custody.revoking import take_away
from vault.errors import NotFoundError, RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.members.actor import Actor
from vault.roster.roles import CAPACITIES, DEPUTY, LAWYER, TRIAGE
from vault.storage.tables.cases import assignments, cases

REFUSED = "refused"


def revoke(vault: Vault, actor: Actor, case_id: str, member_id: str) -> None:
    """Take a case away from somebody who handles it.

    An intake officer may, of anybody; the lawyer of a case, of everybody else; the deputy, of all
    but the lawyer, whose case they take over or not.

    Raises:
        NotFoundError: no such case, or not the actor's to decide about.
        RefusedError: this person does not handle it, or is not the actor's to remove.
    """
    with vault.journal.transaction() as transaction:
        own = _check(vault, transaction, actor, case_id)
        given = _assigned(transaction.connection, case_id)
        if member_id not in given:
            raise RefusedError("they do not handle this case")
        if own is not None and (member_id == actor.id or _is_above(given[member_id], own)):
            raise RefusedError("not this person's to take away")
        take_away(transaction, actor.id, case_id, member_id)


def bar(vault: Vault, actor: Actor, case_id: str, member_id: str) -> None:
    """State that a member may never see a case; if they can now, it is taken away at once.

    Raises:
        NotFoundError: no such case, or not the actor's to decide about.
        RefusedError: no such member, it stands already, or the actor bars themselves from the case
            that is theirs: that is handing it over.
    """
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        own = _check(vault, transaction, actor, case_id)
        given = _assigned(connection, case_id)
        standing = bars.of_case(connection, case_id)
        if vault.roster().member(member_id) is None or member_id in standing:
            raise RefusedError("no such member, or it stands already")
        if member_id in given and own is not None and _is_above(given[member_id], own):
            raise RefusedError("not this person's to take away")
        transaction.log(bars.BARRED, actor.id, {"case": case_id, "member": member_id})
        if member_id in given or member_id in handlers.holders(connection, case_id):
            take_away(transaction, actor.id, case_id, member_id)


def allow(vault: Vault, actor: Actor, case_id: str, member_id: str) -> None:
    """Take back that a member may not see a case; it gives them nothing yet.

    Raises:
        NotFoundError: no such case, or not the actor's to decide about.
        RefusedError: it does not stand, or the actor is the one it is about.
    """
    with vault.journal.transaction() as transaction:
        _check(vault, transaction, actor, case_id)
        standing = bars.of_case(transaction.connection, case_id)
        if member_id not in standing or actor.id in standing:
            raise RefusedError("it does not stand, or is about whoever asks")
        transaction.log(bars.ALLOWED, actor.id, {"case": case_id, "member": member_id})


def end_overdue(vault: Vault) -> int:
    """Take away what was given until a day, or in a role, that is over; returns how many.

    Nothing is shown from that day on in any case: this only cleans up behind it.
    """
    with vault.database.read() as connection:
        if not _overdue(vault, connection):
            return 0
    with vault.journal.transaction() as transaction:
        over = _overdue(vault, transaction.connection)
        for case_id, member_id in over:
            take_away(transaction, SYSTEM, case_id, member_id)
    return len(over)


def _overdue(vault: Vault, connection: Connection) -> list[tuple[str, str]]:
    """Return cases and members: the last day is over, or the role, which nobody then ended."""
    columns, roster, now = assignments.c, vault.roster(), clock.moment()
    ending = [capacity for capacity, role in CAPACITIES.items() if vault.roles[role].ends]
    which = (columns.until_day < clock.day()) | columns.capacity.in_(ending)
    found = []
    for row in connection.execute(select(assignments).where(which)):
        member = roster.member(row.member_id)
        over = member is not None and member.is_over(CAPACITIES[row.capacity], now)
        if over or not in_force(row.until_day):
            found.append((row.case_id, row.member_id))
    return found


def _check(vault: Vault, transaction: Transaction, actor: Actor, case_id: str) -> Handler | None:
    """Return as what the actor handles the case; None for an intake officer, who may always.

    Raises:
        NotFoundError: neither of both, barred from it, or no such case.
    """
    connection = transaction.connection
    exists = connection.execute(select(cases.c.id).where(cases.c.id == case_id)).first()
    found = [one for one in handlers.of_case(connection, case_id) if one.member == actor.id]
    own = next((one for one in found if one.role in actor.roles), None)
    decides = own is not None and own.capacity in {LAWYER, DEPUTY}
    officer = actor.may(TRIAGE) and actor.id not in bars.of_case(connection, case_id)
    if exists is None or not (decides or officer):
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    return None if officer else own


def _is_above(capacity: str, own: Handler) -> bool:
    return capacity == LAWYER and own.capacity != LAWYER


def _assigned(connection: Connection, case_id: str) -> dict[str, str]:
    query = select(assignments).where(assignments.c.case_id == case_id)
    return {row.member_id: row.capacity for row in connection.execute(query)}
