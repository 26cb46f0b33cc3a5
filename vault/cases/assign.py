"""Giving a case to a lawyer: new epoch, new grants, the officers' grants gone, in one commit."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Connection, select

from vault import clock
from vault.cases import summaries
from vault.cases.access import Held, hold
from vault.cases.keys import newest_epoch, store_grants
from vault.cases.model import ASSIGNED, NEW, SET_ASIDE
from vault.cases.reveal import Account, queue_boxes
from vault.cases.reveal.opening import opened_account
from vault.cases.reveal.reading import urgency_of, view_record
from vault.crypto.sign import SigningKey
from vault.errors import NotFoundError, RefusedError
from vault.journal.journal import Transaction
from vault.journal.vault import Vault
from vault.keyring import epochs as keyring_epochs
from vault.keyring.compartments import PASSED_ON, Compartment, Seeds
from vault.keyring.grants import seal_grant
from vault.members.actor import Actor
from vault.members.people import MemberLine, list_members
from vault.roster.chain import check_time
from vault.roster.model import RECOVERY, RosterMember
from vault.roster.roles import DEPUTY, LAWYER, TRIAGE
from vault.storage.tables.cases import assignments, cases, epochs, grants


def readers(vault: Vault) -> list[MemberLine]:
    """Return the lawyers who can be given a case now, by name."""
    active = {member.id for member in vault.roster().holders(LAWYER, clock.moment())}
    return [line for line in list_members(vault) if line.id in active]


def give(vault: Vault, actor: Actor, case_id: str, lawyer_id: str, deputy_id: str | None) -> None:
    """Give a new case to a lawyer, and to a deputy who takes over if the lawyer cannot.

    The officer's and every other officer's grants end here; what comes from now on is sealed to
    keys that they never had.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: it is given already, or one of the two cannot be sealed to.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    held = hold(vault, actor, case_id)
    if not actor.may(TRIAGE) or held.line.status == ASSIGNED:
        raise RefusedError("this case is given already, or not yours to give")
    recipients = _recipients(vault, lawyer_id, deputy_id)
    account = opened_account(vault, actor, held, "assign")
    with vault.journal.transaction() as transaction:
        _check_still_free(transaction.connection, case_id)
        _assign(transaction, actor, held, recipients)
        renewed = _renew(vault, transaction, actor, held, tuple(recipients.values()))
        _post_summaries(vault, transaction.connection, actor, renewed, account, recipients)
        queue_boxes(vault, transaction, renewed, account)
        transaction.log("box.written", actor.id, {"case": case_id})


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


def _recipients(vault: Vault, lawyer_id: str, deputy_id: str | None) -> dict[str, RosterMember]:
    moment = clock.moment()
    roster = check_time(vault.roster(), moment)
    if not {*PASSED_ON, Compartment.WORK} <= vault.roles[LAWYER].opens:
        raise RefusedError("roles.toml does not let a lawyer open this")
    lawyers = {member.id: member for member in roster.holders(LAWYER, moment)}
    chosen = {LAWYER: lawyer_id} | ({DEPUTY: deputy_id} if deputy_id else {})
    if not set(chosen.values()) <= lawyers.keys() or len(set(chosen.values())) != len(chosen):
        raise RefusedError("a lawyer, and as deputy another lawyer or nobody")
    return {capacity: lawyers[member_id] for capacity, member_id in chosen.items()}


def _check_still_free(connection: Connection, case_id: str) -> None:
    status = connection.execute(select(cases.c.status).where(cases.c.id == case_id)).scalar_one()
    if status == ASSIGNED:
        raise RefusedError("somebody else gave it a moment ago")


def _assign(
    transaction: Transaction, actor: Actor, held: Held, recipients: dict[str, RosterMember]
) -> None:
    case_id = held.line.id
    transaction.connection.execute(
        cases.update().where(cases.c.id == case_id).values(status=ASSIGNED, changed_day=clock.day())
    )
    for capacity, member in recipients.items():
        transaction.connection.execute(
            assignments.insert().values(
                case_id=case_id, member_id=member.id, capacity=capacity, from_day=clock.day()
            )
        )
        subject = {"case": case_id, "member": member.id}
        transaction.log("assign", actor.id, subject, {"capacity": capacity})


def _renew(
    vault: Vault,
    transaction: Transaction,
    actor: Actor,
    held: Held,
    readers_now: tuple[RosterMember, ...],
) -> Held:
    """Begin a new epoch of the testimony and the first of `work`; replace all grants.

    Returns:
        The case with the seeds of both, for what is still to be done in this transaction.
    """
    connection, case_id = transaction.connection, held.line.id
    before = newest_epoch(vault, connection, held.testimony)
    number = max(held.seeds.latest(c) for c in PASSED_ON) + 1
    previous = None if before is None else before[0].hash
    fresh = _begin(connection, actor, (held.testimony, number, PASSED_ON), previous)
    work = _begin(connection, actor, (case_id, 1, (Compartment.WORK,)), None)
    _remove_grants(transaction, actor, held)
    renewed = dataclasses.replace(held, seeds=held.seeds.merged(fresh), work=work)
    everybody = [(member.id, member.opening) for member in readers_now]
    everybody.append((RECOVERY, vault.roster().recovery))
    made = [
        seal_grant(subject, who, public, seeds)
        for who, public in everybody
        for subject, seeds in ((held.testimony, renewed.seeds), (case_id, work))
    ]
    store_grants(vault, connection, made, actor.id)
    for member in readers_now:
        transaction.log("grant.made", actor.id, {"case": case_id, "member": member.id})
    return renewed


def _post_summaries(
    vault: Vault,
    connection: Connection,
    actor: Actor,
    held: Held,
    account: Account,
    recipients: dict[str, RosterMember],
) -> None:
    """Give the new readers their line of the case; everybody else's ends."""
    roster = vault.roster()
    views = [view_record(held, item, account, roster) for item in account.stored]
    content = account.content, urgency_of(views)
    summaries.hand_over(vault, connection, actor, held, *content, recipients.values())


def _begin(
    connection: Connection,
    actor: Actor,
    what: tuple[str, int, tuple[Compartment, ...]],
    previous: bytes | None,
) -> Seeds:
    subject, number, compartments = what
    epoch, seeds = keyring_epochs.begin(
        subject, number, compartments, previous, actor.id, clock.day()
    )
    signing: SigningKey = actor.signing
    connection.execute(
        epochs.insert().values(
            subject=subject,
            epoch=number,
            document=epoch.encode(),
            signature=epoch.signed(signing),
            made_by=actor.id,
        )
    )
    return seeds


def _remove_grants(transaction: Transaction, actor: Actor, held: Held) -> None:
    connection = transaction.connection
    query = select(grants.c.member_id).where(grants.c.subject == held.testimony)
    gone = sorted({row.member_id for row in connection.execute(query)})
    connection.execute(grants.delete().where(grants.c.subject == held.testimony))
    for member_id in gone:
        if member_id != RECOVERY:
            subject = {"case": held.line.id, "member": member_id}
            transaction.log("grant.removed", actor.id, subject)
