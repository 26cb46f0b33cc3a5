"""What a lawyer states about consent: a widening that must not begin, and that the note was read.

Signed by the lawyer and sealed into the account, where everybody who asks the gate finds it; the
access log says who and when, and about which item.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from vault.cases.holders.access import Held, hold, sealing_key
from vault.cases.lists.lines import touch
from vault.cases.reveal import allowing
from vault.cases.written.messages import write_staff_record
from vault.cases.written.staff_records import CONSENT
from vault.consent import items
from vault.crypto import suite
from vault.errors import InputError, RefusedError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.roster.roles import DEPUTY, LAWYER

MOST = 1_000
"""Bounds one word of a lawyer."""

_ID = re.compile(r"[0-9a-f]{32}")


def stop(vault: Vault, actor: Actor, case_id: str, item: str, said: Sequence[str]) -> None:
    """Stop what the witness allowed, as a rule while it waits; it must be said again to count.

    Args:
        vault: the vault.
        actor: the case's lawyer or deputy.
        case_id: which case.
        item: of the consent items.
        said: ids of the records in which it was said.

    Raises:
        NotFoundError: no such case, or no key of it.
        NoGrantError: the newest key of the account is not one that this member holds.
        RefusedError: not for who handles it in this capacity.
        InputError: no such item, or no ids of records.
    """
    held = _held(vault, actor, case_id)
    if item not in items.ITEMS or not 0 < len(said) <= MOST:
        raise InputError("item")
    if not all(_ID.fullmatch(record) for record in said):
        raise InputError("record")
    _state(vault, actor, held, (allowing.STOP, item, said), "consent.stopped")


def note_read(vault: Vault, actor: Actor, case_id: str) -> None:
    """State that the legal note about a complaint to the authorities was read with the witness.

    Raises:
        NotFoundError, NoGrantError, RefusedError: as `stop`.
    """
    held = _held(vault, actor, case_id)
    words = (allowing.NOTE_READ, items.DOMESTIC, ())
    _state(vault, actor, held, words, "consent.note_read")


def _held(vault: Vault, actor: Actor, case_id: str) -> Held:
    held = hold(vault, actor, case_id)
    if held.line.capacity not in {LAWYER, DEPUTY}:
        raise RefusedError("not for who handles it in this capacity")
    return held


def _state(
    vault: Vault,
    actor: Actor,
    held: Held,
    words: tuple[str, str, Collection[str]],
    kind: str,
) -> None:
    """Keep a signed word of the lawyer, with its entry."""
    with vault.journal.transaction() as transaction:
        public = sealing_key(vault, transaction.connection, held, Compartment.ACCOUNT)
        what = held.testimony, CONSENT, suite.random(16).hex()
        text = allowing.words_of(*words)
        write_staff_record(transaction, actor, held, what, public, text)
        touch(transaction.connection, held.line.id)
        transaction.log(kind, actor.id, {"case": held.line.id}, {"item": words[1]})
