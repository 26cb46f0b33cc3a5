"""Writing to the witness: a reply, signed, sealed into the account, and put into the box."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from vault import clock
from vault.cases.holders.access import Held, hold, sealing_key
from vault.cases.lists import summaries
from vault.cases.lists.lines import touch
from vault.cases.reveal import queue_boxes
from vault.cases.reveal.opening import opened_account
from vault.cases.written import drafts
from vault.cases.written.drafts import NO_PAGE, Page
from vault.cases.written.staff_records import REPLY, make_document
from vault.errors import InputError, RefusedError
from vault.forms.answers import clean_text
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.packet.records import seal_record
from vault.roster.roles import MESSAGES
from vault.storage.tables.cases import records


def reply(vault: Vault, actor: Actor, case_id: str, text: str, page: Page = NO_PAGE) -> None:
    """Write to the witness; it arrives in the box at the next slot.

    The same words from the same page arrive once, however often they are sent.

    Raises:
        NotFoundError: no such case, or no key of it.
        NoGrantError: the newest key of the account is not one that this member holds.
        RefusedError: they hold it in a role that does not write to witnesses.
        InputError: nothing to send, too long, or characters that cannot be kept.
    """
    held = hold(vault, actor, case_id)
    if MESSAGES not in vault.roles[held.role].does:
        raise RefusedError("only who handles a case writes to the witness")
    text = clean_text(text, vault.settings.staff.text_limit)
    if not text.strip():
        raise InputError("text")
    record_id = page.record_id(REPLY, held.testimony, actor, text)
    with vault.database.read() as connection:
        if drafts.is_sent(connection, actor, record_id):
            return
    account = opened_account(vault, actor, held, "reply")
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        if drafts.is_sent(connection, actor, record_id):
            return
        public = sealing_key(vault, connection, held, Compartment.ACCOUNT)
        what = held.testimony, REPLY, record_id
        write_staff_record(transaction, actor, held, what, public, text)
        drafts.sent(connection, actor, case_id, page)
        touch(connection, case_id)
        summaries.answered(vault, connection, actor, held)
        transaction.log("message.sent", actor.id, {"case": case_id})
        queue_boxes(vault, transaction, held, account)
        transaction.log("box.written", actor.id, {"case": case_id})


def write_staff_record(
    transaction: Transaction,
    actor: Actor,
    held: Held,
    what: tuple[str, str, str],
    public: tuple[int, bytes],
    text: str,
) -> None:
    """Seal a signed reply or note and keep it.

    Args:
        transaction: of the caller, who logs it.
        actor: who writes.
        held: the case.
        what: subject, kind and record id.
        public: epoch and public key to seal to.
        text: checked.
    """
    subject, kind, record_id = what
    compartment = Compartment.ACCOUNT if subject == held.testimony else Compartment.WORK
    count = _count(transaction.connection, subject, kind)
    content = make_document(kind, subject, actor, count + 1, text, record_id)
    record = seal_record(
        subject,
        compartment,
        *public,
        record_id=record_id,
        kind=kind,
        content=content,
    )
    transaction.connection.execute(
        records.insert().values(
            id=record.id,
            subject=subject,
            compartment=str(compartment),
            epoch=record.epoch,
            kind=kind,
            sealed=record.sealed,
            mac=None,
            author=actor.id,
            slot_day=clock.day(),
        )
    )


def _count(connection: Connection, subject: str, kind: str) -> int:
    query = select(func.count()).where(records.c.subject == subject, records.c.kind == kind)
    return int(connection.execute(query).scalar_one())
