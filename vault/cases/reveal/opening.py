"""Opening a case for a member: entry first, then decryption, then the witness's box is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from vault import clock
from vault.cases.arriving import identity, visits
from vault.cases.holders import withdrawn
from vault.cases.holders.access import Held, hold
from vault.cases.lists import summaries
from vault.cases.model import ASSIGNED, NEW, SET_ASIDE, CaseView, RecordView
from vault.cases.reveal import allowing, since
from vault.cases.reveal import wished as wish_to_end
from vault.cases.reveal.boxes import ACCOUNT_ONLY, listed, parsed_entry, queue_boxes
from vault.cases.reveal.opened import REVEAL, Opened
from vault.cases.reveal.reading import (
    ADDENDUM,
    ORIGINS,
    Account,
    foretold_in,
    pressed_in,
    read_account,
    urgency_of,
    view_record,
    wish_of,
)
from vault.cases.stored import Stored, stored_records
from vault.cases.written import drafts
from vault.errors import FormatError, NoGrantError, SealError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.keyring.summaries import Summary
from vault.members.actor import Actor
from vault.members.people import names
from vault.roster.model import RECOVERY
from vault.roster.roles import (
    DEPUTY,
    IDENTITY,
    INTAKE_OFFICER,
    LAWYER,
    MESSAGES,
    NOTES,
    TRIAGE,
    Role,
)
from vault.storage.tables.cases import assignments, grants
from vault.storage.tables.ledger import ledger_entries

KINDS = {"statement": 0, "addendum": 1, "reply": 2, "note": 3}


def open_case(vault: Vault, actor: Actor, case_id: str, purpose: str = "read") -> CaseView:
    """Open a case for a member who holds a key of it.

    The entry is committed before anything is decrypted: no record, no answer.

    Args:
        vault: the vault.
        actor: who opens it.
        case_id: which case.
        purpose: for the entry: "read", or "record" for the record of what was allowed.

    Raises:
        NotFoundError: no such case, no key of it, or its witness took back that this reader may see
            it: the same answer, and an entry.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = hold(vault, actor, case_id)
    role = vault.roles[held.role]
    shown = frozenset(map(Compartment, role.reads))
    opened = enter(vault, actor, held, shown, purpose)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony, case_id), shown)
        before = summaries.read(vault, connection, actor, held)
        known = identity.released_on(connection, actor, held)
        unsent = drafts.of_case(vault, connection, actor, held)
    account = _read_account(opened, stored)
    roster, without = vault.roster(), Compartment.ACCOUNT not in shown
    views = [view_record(opened, item, account, roster, without_account=without) for item in stored]
    views = since.marked_new(held.line, before, views)
    forced = forced_days(vault, held, account, views)
    decided = {} if account is None else allowing.decided(vault, views)
    ended = account is not None and withdrawn.end(vault, actor, held, allowing.readers(decided))
    if account is not None:
        now = summaries.after_looking(vault, held, account.content, urgency_of(views), before)
        held = dataclasses.replace(held, line=dataclasses.replace(held.line, summary=now))
        wished = wish_to_end.follow(vault, held, views)
        if opened.untold or ended or wished or now != before:
            _tell_witness(vault, actor, held, account, now)
    elif without:
        held = dataclasses.replace(held, line=dataclasses.replace(held.line, summary=before))
    with vault.database.read() as connection:
        who = _given(connection, held), _holders(connection, held)
        turns = since.said_in_order(connection, case_id, views)
    view = _view(vault, actor, held, role, account, views, who)
    return dataclasses.replace(
        view,
        records=since.in_turn(marked_forced(view.records, forced), turns),
        known_since=known if view.may_know else None,
        drafts=unsent,
        decided=decided,
        waiting=allowing.waiting(vault, views) if decided else {},
        agreed=allowing.readers(decided) if decided else frozenset(),
        ended=ended,
        forced=forced,
    )


def forced_days(
    vault: Vault, held: Held, account: Account | None, views: list[RecordView]
) -> tuple[str, ...]:
    """Return the days on which somebody came with the second receipt, or sent something with it.

    A signal may have been held back.
    """
    if account is None:
        return ()
    _, second = account.receipts.addenda_keys
    with vault.database.read() as connection:
        came = visits.forced(connection, held.testimony, second, held.line.day)
    return tuple(sorted({*came, *(view.day for view in views if view.origin == ORIGINS[1])}))


def marked_forced(views: Iterable[RecordView], forced: tuple[str, ...]) -> list[RecordView]:
    """Mark what came on or after the first of these days."""
    return [_after(view, forced) for view in views]


def _after(view: RecordView, forced: tuple[str, ...]) -> RecordView:
    """Mark what was added with the first receipt since somebody came with the second.

    The day in a record is its sender's word: what arrived later is not earlier for naming a day.
    """
    later = view.kind == ADDENDUM and max(view.day, view.arrived) >= min(forced, default="9999")
    return dataclasses.replace(view, after_forced=later and view.origin == ORIGINS[0])


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
    opened = enter(vault, actor, held, ACCOUNT_ONLY, purpose)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), ACCOUNT_ONLY)
    if not held.seeds.latest(Compartment.ACCOUNT):
        raise NoGrantError
    return read_account(opened, stored)


def _read_account(opened: Opened, stored: list[Stored]) -> Account | None:
    """Return the account; None if it is damaged, or not the reader's: the rest is shown."""
    try:
        return read_account(opened, stored)
    except (FormatError, NoGrantError, SealError):
        return None


def enter(
    vault: Vault,
    actor: Actor,
    held: Held,
    shown: frozenset[Compartment],
    purpose: str = "read",
) -> Opened:
    """Commit the entry; only what it returns decrypts anything.

    The boxes do not tell of all openings yet if this opens more than the member's entries of
    today, or if somebody opened it since they were written who could not write them: a doctor does
    not hold the account.
    """
    subject = {"case": held.line.id, "testimony": held.testimony}
    with vault.journal.transaction() as transaction:
        before = _opened_today(transaction.connection, actor, held, shown)
        detail = {"as": held.role, "compartments": sorted(shown), "for": purpose}
        others = _others_since_told(transaction.connection, actor, held)
        transaction.log(REVEAL, actor.id, subject, detail)
        if Compartment.ACCOUNT not in shown:
            summaries.looked(vault, transaction.connection, actor, held)
    return Opened(held, transaction, untold=others or not shown <= before)


def _others_since_told(connection: Connection, actor: Actor, held: Held) -> bool:
    """Say whether the ledger holds an opening by another member after the last box of the case."""
    columns, own = ledger_entries.c, ledger_entries.c.case_id == held.line.id
    written = select(func.max(columns.seq)).where(own, columns.kind == "box.written")
    last = connection.execute(written).scalar_one()
    query = select(columns.seq).where(own, columns.kind == REVEAL, columns.actor != actor.id)
    newer = query if last is None else query.where(columns.seq > last)
    return connection.execute(newer.limit(1)).first() is not None


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
            ledger_entries.c.kind == REVEAL,
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


def _tell_witness(
    vault: Vault, actor: Actor, held: Held, account: Account, summary: Summary
) -> None:
    try:
        with vault.journal.transaction() as transaction:
            queue_boxes(vault, transaction, held, account)
            transaction.log("box.written", actor.id, {"case": held.line.id})
            summaries.keep(vault, transaction.connection, actor, held, summary)
    except NoGrantError:
        # An epoch was swapped or taken back. Reading goes on; the opening stands in the ledger, and
        # the next box that can be written tells of it.
        return


def _view(
    vault: Vault,
    actor: Actor,
    held: Held,
    role: Role,
    account: Account | None,
    views: list[RecordView],
    who: tuple[dict[str, Any], set[str]],
) -> CaseView:
    people = names(vault)
    given, holders = who
    free = TRIAGE in role.does and held.line.status in {NEW, SET_ASIDE}
    given_now = held.line.status == ASSIGNED and held.line.capacity is not None
    return CaseView(
        line=held.line,
        form=None if account is None else account.content["form"]["id"],
        language=None if account is None else account.content["language"],
        testimony=held.testimony,
        records=tuple(
            _named(view, people) for view in sorted(views, key=order) if has_content(view)
        ),
        readers=tuple(
            (people.get(member, ""), given[member].capacity if member in given else INTAKE_OFFICER)
            for member in sorted(holders | given.keys(), key=lambda one: people.get(one, ""))
            if member not in {actor.id, RECOVERY}
        ),
        given_day=given[actor.id].from_day if actor.id in given else None,
        trustees=vault.settings.recovery.threshold if RECOVERY in holders else 0,
        wish=wish_of(views),
        pressed=pressed_in(views),
        foretold=foretold_in(views),
        reads=role.reads,
        may_know=IDENTITY in role.does,
        may_assign=free,
        may_reply=given_now and MESSAGES in role.does,
        may_note=given_now and NOTES in role.does,
        may_set_aside=free,
        may_stop=given_now and held.line.capacity in {LAWYER, DEPUTY},
    )


def _given(connection: Connection, held: Held) -> dict[str, Any]:
    """Return the assignments of a case by member."""
    query = select(assignments).where(assignments.c.case_id == held.line.id)
    return {row.member_id: row for row in connection.execute(query)}


def _holders(connection: Connection, held: Held) -> set[str]:
    """Return who has a grant of the testimony: members, and "recovery"."""
    query = select(grants.c.member_id).where(grants.c.subject == held.testimony).distinct()
    return set(connection.execute(query).scalars())


def _named(view: RecordView, people: dict[str, str]) -> RecordView:
    return dataclasses.replace(view, author=people.get(view.author, view.author))


def order(view: RecordView) -> tuple[str, int, int]:
    """Sort by day, then what witnesses sent before what members wrote, each in its own order."""
    return view.day, KINDS.get(view.kind, len(KINDS)), view.number


def has_content(view: RecordView) -> bool:
    """Leave out the empty records that make every packet look alike."""
    return (
        bool(view.answers or view.files)
        or view.text is not None
        or view.origin in {"broken", "closed", "unproven"}
    )
