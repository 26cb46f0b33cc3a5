"""The epochs that somebody's loss of access made due: begun by the next holder who signs in."""

from __future__ import annotations

import logging

from sqlalchemy import func, select

from vault.cases.epochs.settling import settle
from vault.cases.holders.access import Held, hold
from vault.cases.holders.revoke import end_overdue
from vault.errors import WitnessVaultError
from vault.journal.vault import Vault
from vault.keyring.compartments import PASSED_ON
from vault.members.actor import Actor
from vault.storage.tables.cases import cases, grants, testimonies

AT_SIGN_IN = 10
PURPOSE = "renew"

_log = logging.getLogger(__name__)


def begin_due(vault: Vault, actor: Actor, limit: int = AT_SIGN_IN) -> int:
    """Begin the due epochs of cases that the actor holds; returns how many.

    Bounded: the rest waits for the next sign-in, or for a case to be opened. One that fails stays
    due and stops no other.

    Args:
        vault: the vault.
        actor: just signed in.
        limit: the most at once; each takes some 100 ms.
    """
    try:
        end_overdue(vault)
        chosen = _due(vault, actor, limit)
    except WitnessVaultError as error:
        # Signing in must not fail for it: nothing that is over is shown, and what is due stays due.
        _log.warning("what is due could not be looked up: %s", error.code)
        return 0
    return sum(begin(vault, actor, case_id) for case_id in chosen)


def begin(vault: Vault, actor: Actor, case_id: str) -> bool:
    """Begin the due epoch of one case; False if the actor cannot, or it is not due."""
    return _is_due(vault, case_id) and _settled(vault, actor, case_id)


def _settled(vault: Vault, actor: Actor, case_id: str) -> bool:
    try:
        held = hold(vault, actor, case_id)
        if not _can(vault, held):
            return False
        settle(vault, actor, held, PURPOSE, lambda table: table.before)
    except WitnessVaultError as error:
        _log.warning("a due epoch was not begun: %s", error.code)
        return False
    return True


def begin_anew(vault: Vault, actor: Actor, case_id: str) -> bool:
    """Begin new keys of a case because its holder wishes so; False if they wait for another holder.

    First the wish is kept, with its entry: whatever stops this, the next sign-in of a holder goes
    on. What was sealed before stays readable for those who hold the earlier keys.

    Raises:
        NotFoundError: no such case, or no key of it.
    """
    held = hold(vault, actor, case_id)
    with vault.journal.transaction() as transaction:
        change = cases.update().where(cases.c.id == held.line.id)
        transaction.connection.execute(change.values(keys_due=1))
        transaction.log("key.changed", actor.id, {"case": held.line.id}, {"key": "case"})
    return begin(vault, actor, held.line.id)


def _can(vault: Vault, held: Held) -> bool:
    """Say whether somebody holds, and may hold, all that a new epoch passes on."""
    opens = vault.roles[held.role].opens
    return all(name in opens and held.seeds.latest(name) for name in PASSED_ON)


def _is_due(vault: Vault, case_id: str) -> bool:
    with vault.database.read() as connection:
        query = select(cases.c.keys_due).where(cases.c.id == case_id)
        return bool(connection.execute(query).scalar_one_or_none())


def _due(vault: Vault, actor: Actor, limit: int) -> list[str]:
    """Return due cases of which the actor holds a key, in any order: none may starve another."""
    query = (
        select(testimonies.c.case_id)
        .join(grants, grants.c.subject == testimonies.c.id)
        .join(cases, cases.c.id == testimonies.c.case_id)
        .where(cases.c.keys_due == 1, grants.c.member_id == actor.id)
        .group_by(testimonies.c.case_id)
        .order_by(func.random())
        .limit(limit)
    )
    with vault.database.read() as connection:
        return list(connection.execute(query).scalars())
