"""Opening a case for a member: entry first, then decryption, then the witness's box is told."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.access import Held, hold
from vault.cases.model import ASSIGNED, NEW, SET_ASIDE, CaseView, RecordView
from vault.cases.reveal.boxes import listed, parsed_entry, queue_boxes
from vault.cases.reveal.reading import Account, read_account, view_record
from vault.cases.stored import Stored, stored_records
from vault.errors import FormatError, NoGrantError, SealError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.members.people import names
from vault.storage.tables.cases import assignments
from vault.storage.tables.ledger import ledger_entries

# An intake officer holds `medical` only to pass it on; it is never opened for them.
SHOWN_TO_OFFICER = frozenset({Compartment.ACCOUNT})
SHOWN_TO_LAWYER = frozenset({Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.WORK})
OFFICER, LAWYER = "intake_officer", "lawyer"
KINDS = {"statement": 0, "addendum": 1, "reply": 2, "note": 3}


def open_case(vault: Vault, actor: Actor, case_id: str) -> CaseView:
    """Open a case for a member who holds a key of it.

    The entry is committed before anything is decrypted: no record, no answer.

    Raises:
        NotFoundError: no such case, or no key of it: the same answer, and an entry.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = hold(vault, actor, case_id)
    role = _role(actor, held)
    shown = SHOWN_TO_OFFICER if role == OFFICER else SHOWN_TO_LAWYER
    first_today = _enter(vault, actor, held, role, shown)
    subjects = (held.testimony, case_id)
    with vault.database.read() as connection:
        stored = stored_records(connection, subjects, shown)
    try:
        account = read_account(held, stored)
    except (FormatError, NoGrantError, SealError):
        account = None  # damaged; what members wrote can still be read
    if first_today and account is not None:
        _tell_witness(vault, actor, held, account)
    return _view(vault, actor, held, account, stored)


def opened_account(vault: Vault, actor: Actor, held: Held, purpose: str) -> Account:
    """Open the account for an action that has to rewrite its boxes; entry first, as always.

    Args:
        vault: the vault.
        actor: who acts.
        held: the case and their keys of it.
        purpose: of the action, for the entry: "assign" or "reply".

    Raises:
        NoGrantError: no seed of the account is held.
        FormatError, SealError: the account was changed.
    """
    _enter(vault, actor, held, _role(actor, held), SHOWN_TO_OFFICER, purpose)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), SHOWN_TO_OFFICER)
    if not held.seeds.latest(Compartment.ACCOUNT):
        raise NoGrantError
    return read_account(held, stored)


def _role(actor: Actor, held: Held) -> str:
    """Return as what the actor opens; the signed roster has to agree with the database."""
    return LAWYER if held.line.capacity is not None and LAWYER in actor.roles else OFFICER


def _enter(
    vault: Vault,
    actor: Actor,
    held: Held,
    role: str,
    shown: frozenset[Compartment],
    purpose: str = "read",
) -> bool:
    """Commit the entry; returns whether it opens more than this member's entries of today."""
    subject = {"case": held.line.id, "testimony": held.testimony}
    with vault.journal.transaction() as transaction:
        before = _opened_today(transaction.connection, actor, held, shown)
        detail = {"as": role, "compartments": sorted(shown), "for": purpose}
        transaction.log("reveal", actor.id, subject, detail)
    return not shown <= before


def _opened_today(
    connection: Connection, actor: Actor, held: Held, shown: frozenset[Compartment]
) -> set[str]:
    """Return the compartments of the case that the ledger says this member opened today.

    Newest first, and no further than needed: usually the last opening says it all.
    """
    query = (
        select(ledger_entries.c.leaf)
        .where(
            ledger_entries.c.case_id == held.line.id,
            ledger_entries.c.kind == "reveal",
            ledger_entries.c.actor == actor.id,
        )
        .order_by(ledger_entries.c.seq.desc())
    )
    opened: set[str] = set()
    for row in connection.execute(query):
        entry = parsed_entry(row.leaf)
        if entry is None:
            continue
        if not entry.time.startswith(clock.day()):
            break
        opened.update(listed(entry.detail.get("compartments")))
        if shown <= opened:
            break
    return opened


def _tell_witness(vault: Vault, actor: Actor, held: Held, account: Account) -> None:
    try:
        with vault.journal.transaction() as transaction:
            queue_boxes(vault, transaction, held, account)
            transaction.log("box.written", actor.id, {"case": held.line.id})
    except NoGrantError:
        # An epoch was swapped or taken back. Reading goes on; the opening stands in the ledger, and
        # the next box that can be written tells of it.
        return


def _view(
    vault: Vault, actor: Actor, held: Held, account: Account | None, stored: list[Stored]
) -> CaseView:
    roster, people = vault.roster(), names(vault)
    views = [view_record(held, item, account, roster) for item in stored]
    with vault.database.read() as connection:
        rows = connection.execute(
            select(assignments).where(assignments.c.case_id == held.line.id)
        ).all()
    officer = held.line.capacity is None and OFFICER in actor.roles
    return CaseView(
        line=held.line,
        form=None if account is None else account.content["form"]["id"],
        language=None if account is None else account.content["language"],
        records=tuple(
            _named(view, people) for view in sorted(views, key=_order) if _has_content(view)
        ),
        readers=tuple(
            (people.get(row.member_id, ""), row.capacity)
            for row in rows
            if row.member_id != actor.id
        ),
        may_assign=officer and held.line.status in {NEW, SET_ASIDE},
        may_reply=held.line.status == ASSIGNED and held.line.capacity is not None,
        may_set_aside=officer and held.line.status in {NEW, SET_ASIDE},
    )


def _named(view: RecordView, people: dict[str, str]) -> RecordView:
    return dataclasses.replace(view, author=people.get(view.author, view.author))


def _order(view: RecordView) -> tuple[str, int, int]:
    """Sort by day, then what witnesses sent before what members wrote, each in its own order."""
    return view.day, KINDS.get(view.kind, len(KINDS)), view.number


def _has_content(view: RecordView) -> bool:
    """Leave out the empty records that make every packet look alike."""
    return bool(view.answers) or view.text is not None or view.origin in {"broken", "unproven"}
