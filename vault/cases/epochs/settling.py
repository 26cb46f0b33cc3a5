"""The keys of a case follow who handles it: assignments, grants, summaries, boxes in one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.arriving import identity
from vault.cases.epochs import renewing
from vault.cases.epochs.renewing import Reader
from vault.cases.holders import handlers
from vault.cases.holders.access import Held
from vault.cases.holders.handlers import Handler
from vault.cases.lists import summaries
from vault.cases.model import ASSIGNED, NEW, RecordView
from vault.cases.reveal import Account, queue_boxes
from vault.cases.reveal.allowing import agreed_to
from vault.cases.reveal.opening import opened_account
from vault.cases.reveal.reading import urgency_of, view_record, wish_of
from vault.consent import items
from vault.custody import bars
from vault.errors import NotAgreedError, RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.roster.chain import check_time
from vault.roster.model import Roster
from vault.roster.roles import INTAKE_OFFICER
from vault.storage.tables.cases import assignments, cases

Handlers = tuple[Handler, ...]


@dataclass(frozen=True)
class Table:
    """One case on the table of somebody who holds its keys, while it is decided who handles it.

    Args:
        vault: the vault.
        connection: open.
        actor: who acts.
        held: the case and the actor's keys of it.
        before: who handled it until now.
        views: the records of its account; None before it is opened, when nobody knows what its
            witness wishes.
    """

    vault: Vault
    connection: Connection
    actor: Actor
    held: Held
    before: Handlers
    views: tuple[RecordView, ...] | None = field(default=None, repr=False)

    @property
    def case_id(self) -> str:
        """Of the case."""
        return self.held.line.id

    @property
    def said(self) -> tuple[RecordView, ...]:
        """What its witness and its members wrote, as far as it is opened."""
        return self.views or ()

    def recipient(self, member_id: str, capacity: str) -> Handler:
        """Return a member as a new handler, if they may be given this case; see `handlers`."""
        known = self.views is not None
        if known and capacity in items.BESIDE and capacity not in agreed_to(self.vault, self.said):
            raise NotAgreedError
        wish = wish_of(self.said)
        handlers.recipient(self.vault, self.connection, self.case_id, wish, (member_id, capacity))
        return Handler(member_id, capacity, clock.day())

    def without(self, *members: str) -> Handlers:
        """Return who handles it, but these."""
        return tuple(one for one in self.before if one.member not in members)


@dataclass(frozen=True, kw_only=True)
class _Open(Table):
    """The same with the account opened, inside the transaction in which everything follows."""

    transaction: Transaction
    account: Account = field(repr=False)


Decide = Callable[[Table], Handlers]


def settle(
    vault: Vault,
    actor: Actor,
    held: Held,
    purpose: str,
    decide: Decide,
    again: frozenset[str] = frozenset(),
) -> None:
    """Let `decide` say who handles a case from now on, and make everything follow, in one commit.

    Args:
        vault: the vault.
        actor: who acts.
        held: the case and the actor's keys of it.
        purpose: of opening the account, for its entry.
        decide: returns who handles it; raises what the rules refuse.
        again: handlers without keys to whose new ones they are sealed.

    Raises:
        NoGrantError: the actor does not hold what has to be passed on.
        RefusedError: the case changed a moment ago, or nobody could receive it.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    with vault.database.read() as connection:
        before = handlers.of_case(connection, held.line.id)
        # Once before anything is opened: what the rules refuse in any case leaves no opening.
        decide(Table(vault, connection, actor, held, before))
    account = opened_account(vault, actor, held, purpose)
    views = tuple(
        view_record(account.opened, item, account, vault.roster()) for item in account.stored
    )
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        _check_unchanged(connection, actor, held)
        before = handlers.of_case(connection, held.line.id)
        table = _Open(
            vault, connection, actor, held, before, views, transaction=transaction, account=account
        )
        _follow(table, _agreed(table, decide(table)), again)


def _follow(table: _Open, after: Handlers, again: frozenset[str]) -> None:
    _write(table, after)
    if table.before and not after:
        # A lawyer may be an officer as well: a name released to them is no officer's to pass on.
        identity.end(table.connection, table.held.testimony)
    had = renewing.holders(table.connection, table.held)
    readers = _readers(table, after, had, again)
    held, given = table.held, _given(table, readers, had)
    hand = (table.vault, table.transaction, table.actor)
    if had - readers.keys() or _is_due(table):
        held = renewing.renew(*hand, held, readers)
    else:
        renewing.pass_on(*hand, held, given)
    if held.role == INTAKE_OFFICER and after:
        renewing.pass_identity(*hand, held, given)
    for who in sorted(given):
        table.transaction.log("grant.made", table.actor.id, {"case": table.case_id, "member": who})
    _summaries(table, held, readers, given)
    queue_boxes(table.vault, table.transaction, held, table.account)
    table.transaction.log("box.written", table.actor.id, {"case": table.case_id})


def _agreed(table: Table, after: Handlers) -> Handlers:
    """Return who handles it without those whose reading its witness has taken back since."""
    agreed = agreed_to(table.vault, table.said)
    return tuple(one for one in after if one.capacity not in items.BESIDE or one.capacity in agreed)


def _given(table: Table, readers: Mapping[str, Reader], had: frozenset[str]) -> dict[str, Reader]:
    """Return who of the readers held no key until now, or held them in another role."""
    roles = {one.member: one.role for one in table.before}
    return {
        who: reader
        for who, reader in readers.items()
        if who not in had or roles.get(who, reader.role) != reader.role
    }


def _check_unchanged(connection: Connection, actor: Actor, held: Held) -> None:
    """Refuse what was decided on a case that somebody else has changed since it was read."""
    now = select(cases.c.status, assignments.c.capacity).outerjoin(
        assignments, (assignments.c.case_id == cases.c.id) & (assignments.c.member_id == actor.id)
    )
    row = connection.execute(now.where(cases.c.id == held.line.id)).one()
    if (row.status, row.capacity) != (held.line.status, held.line.capacity):
        raise RefusedError("somebody else changed who handles it a moment ago")


def _write(table: _Open, after: Handlers) -> None:
    """Keep who handles the case, with an entry for each change."""
    before = {one.member: one for one in table.before}
    now = {one.member: one for one in after}
    connection, case_id = table.connection, table.case_id
    connection.execute(assignments.delete().where(assignments.c.case_id == case_id))
    for one in after:
        connection.execute(
            assignments.insert().values(
                case_id=case_id,
                member_id=one.member,
                capacity=one.capacity,
                from_day=one.from_day,
                until_day=one.until_day,
            )
        )
        if one != before.get(one.member):
            _log(table, "assign", one)
    if before and not after:
        table.transaction.log("unassign", table.actor.id, {"case": case_id})
    for member in sorted(before.keys() - now.keys()):
        _log(table, "revoke", before[member])
    status = ASSIGNED if after else table.held.line.status if not table.before else NEW
    connection.execute(
        cases.update().where(cases.c.id == case_id).values(status=status, changed_day=clock.day())
    )


def _log(table: _Open, kind: str, one: Handler) -> None:
    subject = {"case": table.case_id, "member": one.member}
    until = {"until": one.until_day} if one.until_day and kind == "assign" else {}
    table.transaction.log(kind, table.actor.id, subject, {"capacity": one.capacity, **until})


def _readers(
    table: Table, after: Handlers, had: frozenset[str], again: frozenset[str]
) -> dict[str, Reader]:
    """Return who holds keys from now on.

    Of those who handle the case: who held keys, and who was added. Whoever handles it and holds
    none has new keys, and gets the case's only when a colleague compared them (`again`).
    """
    without = {one.member for one in table.before} - had - again
    roles = {one.member: one.role for one in after if one.member not in without}
    moment = clock.moment()
    roster = check_time(table.vault.roster(), moment)
    if not after:
        roles = dict.fromkeys(_officers(table, roster, moment, had), INTAKE_OFFICER)
    readers = {
        member.id: Reader(member, roles[member.id])
        for member in roster.members
        if member.id in roles and member.holds(roles[member.id], moment)
    }
    if not readers:
        raise RefusedError("nobody could open it any more")
    return readers


def _officers(table: Table, roster: Roster, moment: str, had: frozenset[str]) -> frozenset[str]:
    """Return the officers of a new account: those it was sealed to; all, where it comes back."""
    barred, wish = bars.of_case(table.connection, table.case_id), wish_of(table.said)
    fit = frozenset(
        member.id
        for member in roster.holders(INTAKE_OFFICER, moment)
        if member.id not in barred and wish in {None, member.reader_gender}
    )
    return fit if table.before else fit & had


def _is_due(table: Table) -> bool:
    query = select(cases.c.keys_due).where(cases.c.id == table.case_id)
    return bool(table.connection.execute(query).scalar_one())


def _summaries(
    table: _Open, held: Held, readers: Mapping[str, Reader], given: Mapping[str, Reader]
) -> None:
    """Give the new readers their line of the case; that of who left ends."""
    vault, content = table.vault, table.account.content
    summaries.remove_others(table.connection, table.case_id, readers)
    for reader in given.values():
        knows = Compartment.ACCOUNT in vault.roles[reader.role].opens
        fresh = summaries.first(held, content, urgency_of(table.said) if knows else ())
        summaries.post_to(vault, table.connection, table.actor, held, reader.member, fresh)
