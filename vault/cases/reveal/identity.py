"""Opening who a witness is: released by the receipt, for one purpose, entry first.

The purpose is one of a short list. It stands in the ledger and in the witness's box, both of which
people read who must not learn names: so it is a code, never words that somebody typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vault.cases.arriving import identity
from vault.cases.holders.access import REFUSED, Held, hold
from vault.cases.model import CaseLine, RecordView
from vault.cases.reveal.boxes import queue_boxes
from vault.cases.reveal.opened import IDENTITY_OPENED, Opened
from vault.cases.reveal.opening import has_content, opened_account, order
from vault.cases.reveal.reading import Account, view_record
from vault.cases.stored import stored_records
from vault.errors import InputError, NoGrantError, NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.packet.format import Record
from vault.roster.roles import IDENTITY as MAY_OPEN

# What a lawyer may need a name for, in the order in which the page offers it.
PURPOSES = (
    "safety",
    "urgent_appeal",
    "un_experts",
    "un_committee",
    "authorities",
    "investigators",
    "care",
    "contact",
)


@dataclass(frozen=True)
class IdentityView:
    """Who the witness is, and the names of others that were sealed beside it.

    Args:
        line: of the case.
        form: form id.
        records: opened, oldest first; those without content are left out.
        closed: how many came after it was taken back, which the reader holds no key of.
    """

    line: CaseLine
    form: str = field(repr=False)
    records: tuple[RecordView, ...] = field(repr=False)
    closed: int = 0


def released(vault: Vault, actor: Actor, case_id: str) -> str | None:
    """Return the day on which the actor was given identity, None if not; nothing is opened.

    Raises:
        NotFoundError: the case is not theirs to handle: the same answer as for no such case.
    """
    held = _handled(vault, actor, case_id)
    with vault.database.read() as connection:
        return identity.released_on(connection, actor, held)


def open_identity(vault: Vault, actor: Actor, case_id: str, purpose: str) -> IdentityView:
    """Open identity for a purpose. The entry is committed before anything is decrypted.

    Raises:
        NotFoundError: no such case, or not theirs to handle.
        RefusedError: identity was not released to them.
        InputError: no purpose of the list was named.
        FormatError, NoGrantError, SealError: the account does not open, so nothing can be proven.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = _handled(vault, actor, case_id)
    if purpose not in PURPOSES:
        raise InputError("purpose")
    if not held.seeds.latest(Compartment.IDENTITY):
        raise RefusedError("identity was not released to this member")
    opened = _enter(vault, actor, held, purpose)
    account = opened_account(vault, actor, held, "identity")
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), identity.IDENTITY)
    readable = [item for item in stored if _opens(held, item.record)]
    views = [view_record(opened, item, account, vault.roster()) for item in readable]
    tell_witness(vault, actor, held, account)
    return IdentityView(
        line=held.line,
        form=account.content["form"]["id"],
        records=tuple(view for view in sorted(views, key=order) if has_content(view)),
        closed=len(stored) - len(readable),
    )


def _handled(vault: Vault, actor: Actor, case_id: str) -> Held:
    """Return a case that the actor handles in a role that opens identity, not only passes it on."""
    held = hold(vault, actor, case_id)
    if MAY_OPEN not in vault.roles[held.role].does:
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    return held


def _enter(vault: Vault, actor: Actor, held: Held, purpose: str) -> Opened:
    subject = {"case": held.line.id, "testimony": held.testimony}
    detail: dict[str, Any] = {"as": held.role, "for": purpose}
    with vault.journal.transaction() as transaction:
        transaction.log(IDENTITY_OPENED, actor.id, subject, detail)
    return Opened(held, transaction)


def _opens(held: Held, record: Record) -> bool:
    return held.seeds.key(record.compartment, record.epoch) is not None


def tell_witness(vault: Vault, actor: Actor, held: Held, account: Account) -> None:
    """Write the boxes anew, so that they tell of this opening."""
    try:
        with vault.journal.transaction() as transaction:
            queue_boxes(vault, transaction, held, account)
            transaction.log("box.written", actor.id, {"case": held.line.id})
    except NoGrantError:
        # As when a case is opened: it stands in the ledger, and the next box that can be written
        # tells of it.
        return
