"""Recovery on the vault's side: what is asked of the trustees, and what they give back.

The recovery secret is never here. A request carries sealed grants out; an answer brings grants in
that only one rostered member opens. What opens from them is held against header and signed epochs
whenever that member opens the case, as for every grant (`cases.keys.seeds_of`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.cases.epochs.keys import checked_header, store_grants
from vault.cases.holders.access import in_force
from vault.cases.holders.appoint import appoint
from vault.cases.model import ASSIGNED, ROLE_OF, code_of
from vault.crypto import seal, suite
from vault.custody import bars, erasure, keys
from vault.custody.recovery.combining import VALID_DAYS, allowed
from vault.custody.recovery.documents import Answer, Request, Subject
from vault.errors import FormatError, NotFoundError, RefusedError, WitnessVaultError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.keyring.grants import Grant, parse_compartments
from vault.keyring.opening import unwrap
from vault.ledger.entry import SYSTEM
from vault.members.actor import Actor
from vault.members.enrol import fold_login
from vault.roster.chain import check_time
from vault.roster.model import RECOVERY, Roster, RosterMember
from vault.roster.roles import ADMINISTRATOR, INTAKE_OFFICER, LAWYER, TRUSTEE
from vault.storage.tables.cases import assignments, cases, epochs, grants, testimonies
from vault.storage.tables.people import members
from vault.storage.tables.recovery import recovery_requests

MAY_ASK = frozenset({ADMINISTRATOR, INTAKE_OFFICER, LAWYER, TRUSTEE})
HANDLING = frozenset({LAWYER, INTAKE_OFFICER})


@dataclass(frozen=True)
class Without:
    """A case that nobody can open now and that recovery can bring back.

    Attributes:
        id: of the case.
        testimony: its testimony.
        recovery: key id of the recovery key to which its grant is sealed, hex.
    """

    id: str
    testimony: str
    recovery: str

    @property
    def code(self) -> str:
        """The short code that people say."""
        return code_of(self.id)


@dataclass(frozen=True)
class Accepted:
    """What an answer brought: cases that the member can open now, and those passed over."""

    cases: tuple[str, ...]
    passed_over: int


def look(vault: Vault) -> list[Without]:
    """Return the same as `without_holder` for whoever is at the terminal; one entry."""
    found = without_holder(vault)
    with vault.journal.transaction() as transaction:
        transaction.log("list", SYSTEM, {}, {"what": "recovery", "count": len(found)})
    return found


def without_holder(vault: Vault) -> list[Without]:
    """Return the cases that nobody can open and of which there is a grant to the recovery key.

    What a witness has not allowed yet is not among them: there is no grant.
    """
    roster = vault.roster()
    with vault.database.read() as connection:
        return _without(vault, connection, roster)


def request(vault: Vault, actor: Actor, login: str, chosen: Sequence[str] = ()) -> Request:
    """Make a request to the trustees; its entries are committed before anything is given out.

    Args:
        vault: the vault.
        actor: who asks.
        login: of the member to whom keys are to be sealed: a lawyer by the roster, now.
        chosen: ids or short codes of cases without a holder; if empty all that they may see.

    Raises:
        RefusedError: the actor may not ask; the member is no lawyer now; a case has a holder, is
            unknown, may not be seen by them, or its witness has not allowed reading; there is
            nothing to recover.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    if not actor.roles & MAY_ASK:
        raise RefusedError("this is not for your role")
    roster = check_time(vault.roster(), clock.moment())
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        recipient = _lawyer(connection, roster, login)
        waiting = _without(vault, connection, roster)
        wanted = _chosen(
            [case for case in waiting if not _is_barred(connection, case, recipient)], chosen
        )
        made = Request(
            log=keys.owner_of(vault.settings),
            id=suite.random(16).hex(),
            day=clock.day(),
            recipient=recipient.id,
            chain=tuple(vault.chain()),
            subjects=_subjects(vault, connection, wanted),
        )
        connection.execute(
            recovery_requests.insert().values(
                id=made.id,
                member_id=recipient.id,
                made_by=actor.id,
                day=made.day,
                digest=made.digest,
            )
        )
        for case in wanted:
            subject = {"case": case.id, "member": recipient.id, "file": made.id}
            transaction.log("recovery.requested", actor.id, subject)
    return made


def accept(vault: Vault, answer: Answer) -> Accepted:
    """Take the trustees' answer to a request of this vault; the member handles the cases from now.

    Cases that have a holder again or that the member may not see any more are passed over, and so
    is what was accepted before.

    Raises:
        NotFoundError: it answers no request of this vault.
        RefusedError: it answers a changed request, or too old a one; it is for another member, or
            for one who is no lawyer now; or it brings nothing new.
        FormatError: it holds a grant that recovery never gives.
    """
    roster = check_time(vault.roster(), clock.moment())
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        recipient = _recipient(connection, roster, answer)
        waiting = {case.id: case for case in _without(vault, connection, roster)}
        by_subject = {grant.subject: _checked(grant, recipient) for grant in answer.grants}
        brought = [
            case
            for case in waiting.values()
            if case.testimony in by_subject and not _is_barred(connection, case, recipient)
        ]
        if not brought:
            raise RefusedError("it brings no case that has no holder now")
        for case in brought:
            subject = {"case": case.id, "member": recipient.id, "file": answer.request}
            transaction.log("recovery.accepted", SYSTEM, subject)
            appoint(vault, transaction, SYSTEM, case.id, recipient.id)
            given = [by_subject[s] for s in (case.testimony, case.id) if s in by_subject]
            store_grants(vault, connection, given, None)
    known = sum(len(grant.subject) == len(brought[0].testimony) for grant in answer.grants)
    return Accepted(tuple(case.id for case in brought), known - len(brought))


# --- which cases ---------------------------------------------------------------------------------


def _without(vault: Vault, connection: Connection, roster: Roster) -> list[Without]:
    held = _held(connection, roster)
    query = (
        select(grants, testimonies.c.case_id)
        .join(testimonies, testimonies.c.id == grants.c.subject)
        .where(grants.c.member_id == RECOVERY)
        .order_by(testimonies.c.case_id, grants.c.id)
    )
    rows = [row for row in connection.execute(query) if row.case_id not in held]
    erasing = erasure.find_many(vault, (row.subject for row in rows))
    found: dict[str, Without] = {}
    for row in rows:
        grant = _unwrapped(erasing.get(row.subject), row)
        if grant is not None:
            key = seal.sealed_for(grant.sealed).hex()
            found[row.case_id] = Without(row.case_id, row.subject, key)
    return list(found.values())


def _held(connection: Connection, roster: Roster) -> set[str]:
    """Return the cases with a testimony whose account somebody opens who handles it now."""
    moment = clock.moment()
    here = (assignments.c.case_id == cases.c.id) & (assignments.c.member_id == grants.c.member_id)
    query = (
        select(
            cases.c.id,
            cases.c.status,
            grants.c.member_id,
            grants.c.compartments,
            assignments.c.capacity,
            assignments.c.until_day,
        )
        .join(testimonies, testimonies.c.case_id == cases.c.id)
        .join(grants, grants.c.subject == testimonies.c.id)
        .outerjoin(assignments, here)
        .where(grants.c.member_id != RECOVERY)
    )
    held = set()
    for row in connection.execute(query):
        member, role = roster.member(row.member_id), ROLE_OF[row.capacity]
        stale = row.capacity is None and row.status == ASSIGNED
        if member is None or stale or role not in HANDLING or not in_force(row.until_day):
            continue
        if member.holds(role, moment) and Compartment.ACCOUNT in canonical.loads(
            row.compartments.encode()
        ):
            held.add(row.id)
    return held


def _chosen(waiting: Sequence[Without], chosen: Collection[str]) -> list[Without]:
    by_name = {name: case for case in waiting for name in (case.id, case.code)}
    if missing := sorted(set(chosen) - by_name.keys()):
        raise RefusedError(
            f"{missing[0]}: somebody holds it, they may not see it, or there is nothing to recover"
        )
    wanted = list(dict.fromkeys(by_name[name] for name in chosen)) if chosen else list(waiting)
    if not wanted:
        raise RefusedError("no case is without a holder")
    return wanted


def _subjects(
    vault: Vault, connection: Connection, wanted: Iterable[Without]
) -> tuple[Subject, ...]:
    found = []
    for case in wanted:
        query = select(testimonies.c.header).where(testimonies.c.id == case.testimony)
        header = checked_header(case.testimony, connection.execute(query).scalar_one())
        for subject, stated in ((case.testimony, header), (case.id, None)):
            rows = connection.execute(select(epochs).where(epochs.c.subject == subject))
            signed = sorted((row.epoch, row.document, row.signature) for row in rows)
            made = tuple(_recovery_grants(vault, connection, subject))
            if made:
                pairs = tuple((document, signature) for _, document, signature in signed)
                found.append(Subject(subject, stated, pairs, made))
    return tuple(sorted(found, key=lambda subject: subject.subject))


def _recovery_grants(vault: Vault, connection: Connection, subject: str) -> Iterable[Grant]:
    query = select(grants).filter_by(subject=subject, member_id=RECOVERY).order_by(grants.c.id)
    key = erasure.find(vault, subject)
    for row in connection.execute(query):
        grant = _unwrapped(key, row)
        if grant is not None:
            yield grant


def _unwrapped(key: bytes | None, row: Any) -> Grant | None:
    """Return a stored grant as it was sealed; None if it was erased or changed."""
    if key is None:
        return None
    try:
        compartments = parse_compartments(canonical.loads(row.compartments.encode()))
        stored = Grant(row.subject, row.member_id, compartments, row.epoch, row.sealed)
        grant = unwrap(key, stored, row.id)
        seal.sealed_for(grant.sealed)
    except WitnessVaultError:
        return None
    return grant


# --- for whom ------------------------------------------------------------------------------------


def _is_barred(connection: Connection, case: Without, member: RosterMember) -> bool:
    return member.id in bars.of_case(connection, case.id)


def _lawyer(connection: Connection, roster: Roster, login: str) -> RosterMember:
    query = select(members.c.id).where(members.c.login == fold_login(login))
    member_id = connection.execute(query).scalar_one_or_none()
    return _able(roster, member_id or "")


def _able(roster: Roster, member_id: str) -> RosterMember:
    member = roster.member(member_id)
    if member is None or not member.holds(LAWYER, clock.moment()):
        raise RefusedError("keys are recovered for a lawyer of the list of members only")
    return member


def _recipient(connection: Connection, roster: Roster, answer: Answer) -> RosterMember:
    query = select(recovery_requests).where(recovery_requests.c.id == answer.request)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("it answers no request of this vault")
    if not suite.equal(row.digest, answer.digest) or row.member_id != answer.recipient:
        raise RefusedError("it answers another request than the one that was made here")
    if clock.seconds_of(row.day) + VALID_DAYS * clock.DAY < clock.now():
        raise RefusedError(f"the request is of {row.day}: make a new one")
    return _able(roster, row.member_id)


def _checked(grant: Grant, recipient: RosterMember) -> Grant:
    if grant.recipient != recipient.id or not allowed(grant.subject, grant):
        raise FormatError("a grant that recovery does not give")
    if seal.sealed_for(grant.sealed) != seal.key_id(recipient.opening):
        raise FormatError("a grant to another key than the member's")
    return grant
