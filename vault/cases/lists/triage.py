"""Setting a new account aside, and bringing it back."""

from __future__ import annotations

from vault import clock
from vault.cases.holders.access import hold
from vault.cases.model import NEW, SET_ASIDE
from vault.errors import NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.roster.roles import TRIAGE
from vault.storage.tables.cases import cases


def set_aside(vault: Vault, actor: Actor, case_id: str) -> None:
    """Set a new case aside; grants stay, so it can be brought back."""
    _change(vault, actor, case_id, (NEW, SET_ASIDE), "set_aside")


def bring_back(vault: Vault, actor: Actor, case_id: str) -> None:
    """Bring back a case that was set aside."""
    _change(vault, actor, case_id, (SET_ASIDE, NEW), "set_aside.undone")


def _change(vault: Vault, actor: Actor, case_id: str, status: tuple[str, str], kind: str) -> None:
    held = hold(vault, actor, case_id)
    if not actor.may(TRIAGE):
        raise NotFoundError
    with vault.journal.transaction() as transaction:
        changed = transaction.connection.execute(
            cases.update()
            .where(cases.c.id == held.line.id, cases.c.status == status[0])
            .values(status=status[1], changed_day=clock.day())
        )
        if not changed.rowcount:
            raise RefusedError("the case is not in that state")
        transaction.log(kind, actor.id, {"case": case_id})
