"""A lawyer stops a deletion that may have been forced; the witness's box says so."""

from __future__ import annotations

from vault.cases.ending import deleting
from vault.cases.holders.access import hold
from vault.cases.reveal import boxes, queue_boxes
from vault.cases.reveal.opening import opened_account
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.packet.deletion import Left

PURPOSE = "keep"


def left(vault: Vault, case_id: str) -> tuple[Left, ...]:
    """Return what left the house of a case: whoever decides has to tell those who got it."""
    with vault.database.read() as connection:
        return boxes.left(connection, case_id)


def stop(vault: Vault, actor: Actor, case_id: str) -> None:
    """Stop what a case waits for; the witness can ask again.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: they are neither its lawyer nor its deputy, or nothing waits.
        NoGrantError: they do not hold what the box is written with.
    """
    deleting.check_waits(vault, actor, case_id)
    held = hold(vault, actor, case_id)
    account = opened_account(vault, actor, held, PURPOSE)
    with vault.journal.transaction() as transaction:
        deleting.stop(vault, transaction, actor, held)
        queue_boxes(vault, transaction, held, account)
        transaction.log("box.written", actor.id, {"case": case_id})
