"""Publishing the roster: the only way somebody becomes a person who may be sealed to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from vault import canonical, clock
from vault.crypto.sign import SigningKey
from vault.errors import NotFoundError, RefusedError, WitnessVaultError
from vault.journal.journal import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.members.enrol import fold_login
from vault.roster.chain import sign_roster
from vault.roster.invitations import Enrolment
from vault.roster.model import Roster, RosterMember, Term
from vault.roster.roles import ADMINISTRATOR, INTAKE_OFFICER, LAWYER, check_together
from vault.storage.tables.cases import assignments, grants, testimonies
from vault.storage.tables.people import enrolments, invitations, members, rosters

FOUNDERS = 3

_ALL = true()


def first_roster(vault: Vault, root: SigningKey, recovery: bytes, collector: bytes) -> Roster:
    """Return version 1: no members yet, but the keys that everything else hangs from."""
    return Roster(
        version=1,
        previous=None,
        issued=clock.moment(),
        expires=clock.moment(clock.now() + vault.settings.roster.lifetime),
        root=root.public,
        recovery=recovery,
        collector=collector,
        ledger=vault.journal.verifier().vkey(),
        members=(),
    )


def publish(
    transaction: Transaction,
    roster: Roster,
    root: SigningKey,
    changed: RosterMember | None = None,
) -> None:
    """Sign and keep a roster inside a transaction, with an entry that says who changed.

    Args:
        transaction: of the caller.
        roster: the next version.
        root: the root key.
        changed: the member who was added, has other roles or has ended.

    Raises:
        FormatError: over the bounds of a roster.
    """
    Roster.from_json(roster.to_json())  # what no reader would take is not signed
    subject = {"roster": roster.hash.hex()}
    detail: dict[str, str | int | list[str]] = {
        "version": roster.version,
        "members": len(roster.members),
    }
    if changed is not None:
        subject["member"] = changed.id
        detail["roles"] = sorted(changed.roles)
        detail["valid_from"] = changed.valid_from
        if changed.valid_to is not None:
            detail["valid_to"] = changed.valid_to
    transaction.connection.execute(
        rosters.insert().values(version=roster.version, document=sign_roster(roster, root))
    )
    transaction.log("roster.published", ROOT, subject, detail)


def show_to_intake(vault: Vault) -> None:
    """Put the chain of rosters into the letterbox; harmless to repeat."""
    vault.letterbox.pins.pin_root(vault.root_public())
    vault.letterbox.publish_chain(vault.chain())


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Somebody who enrolled, as a person at the terminal sees them before confirming.

    Name and roles stand in the database only, so whoever confirms has to agree to what will be
    signed, and `confirm` signs nothing else.
    """

    login: str
    name: str
    roles: frozenset[str]
    fingerprint: str


def waiting(vault: Vault, login: str) -> Waiting:
    """Return who waits under a login.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: what they enrolled with does not verify.
    """
    before = vault.roster()
    with vault.database.read() as connection:
        row = _waiting(connection, login)
    if before.member(row.member_id) is not None:
        raise NotFoundError("confirmed already")
    member = _member(vault, row, before, None)
    return Waiting(row.login, row.name, member.roles, member.fingerprint)


def confirm(
    vault: Vault, agreed: Waiting, root: SigningKey, gender: str | None = None
) -> RosterMember:
    """Confirm somebody who enrolled, by the root key at the terminal.

    Until the roster has held an administrator and two others they are valid at once; afterwards
    only after the configured delay, which everybody can see meanwhile.

    Args:
        vault: the vault.
        agreed: what the person at the terminal saw and agreed to.
        root: the root key.
        gender: "female" or "male" if they say so, for witnesses who wish for it.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: what they enrolled with does not verify, their roles exclude each other, or
            the key is not this vault's.
    """
    before = vault.roster()
    if root.public != before.root:
        # Signed by another, no reader would follow the chain any further.
        raise RefusedError("this is not the root key of this vault")
    with vault.database.read() as connection:
        row = _waiting(connection, agreed.login)
    if before.member(row.member_id) is not None:
        raise NotFoundError("confirmed already")
    member = _member(vault, row, before, gender)
    if (row.name, member.roles, member.fingerprint) != (
        agreed.name,
        agreed.roles,
        agreed.fingerprint,
    ):
        raise RefusedError("this is not who was agreed to")
    after = _next(vault, before, (*before.members, member))
    with vault.journal.transaction() as transaction:
        publish(transaction, after, root, member)
    show_to_intake(vault)
    return member


def renew(vault: Vault, root: SigningKey) -> Roster:
    """Publish the same members once more, with a new end of its time.

    Raises:
        RefusedError: the key is not this vault's.
    """
    before = vault.roster()
    if root.public != before.root:
        raise RefusedError("this is not the root key of this vault")
    after = _next(vault, before, before.members)
    with vault.journal.transaction() as transaction:
        publish(transaction, after, root)
    show_to_intake(vault)
    return after


def end(vault: Vault, login: str, root: SigningKey) -> RosterMember:
    """End a member at once, by the root key: nothing is sealed to them, no grant of theirs stays.

    What they read stays read. Their cases go on through their deputy; without one they wait for the
    recovery key.

    Raises:
        NotFoundError: no active member has this login.
        RefusedError: the key is not this vault's.
    """
    before = vault.roster()
    if root.public != before.root:
        raise RefusedError("this is not the root key of this vault")
    moment = clock.moment()
    with vault.journal.transaction() as transaction:
        ended = dataclasses.replace(_active(transaction.connection, before, login), valid_to=moment)
        others = tuple(member for member in before.members if member.id != ended.id)
        publish(transaction, _next(vault, before, (*others, ended)), root, ended)
        transaction.connection.execute(
            members.update().where(members.c.id == ended.id).values(ended_day=clock.day())
        )
        _remove_grants(transaction, ended.id)
    show_to_intake(vault)
    return ended


def change_roles(vault: Vault, login: str, roles: Iterable[str], root: SigningKey) -> RosterMember:
    """Give a member other roles, by the root key.

    A role that opens something stands in the roster at once and begins after the delay, as for a
    new reader; any other begins now. Roles that are left out end now, and the grants with them: of
    their cases when they are no lawyer any more, of all others when they are no intake officer.
    What they read stays read, what they signed stays signed.

    Raises:
        NotFoundError: no active member has this login.
        RefusedError: the roles exclude each other, or one that they had before; they are the
            present ones; or the key is not this vault's.
    """
    before = vault.roster()
    if root.public != before.root:
        raise RefusedError("this is not the root key of this vault")
    chosen = check_together(roles, vault.roles)
    with vault.journal.transaction() as transaction:
        member = _active(transaction.connection, before, login)
        if chosen == member.roles:
            raise RefusedError("they have these roles already")
        # Whoever opened testimony once stays out of auditing: their openings stand in the log.
        check_together(chosen | member.ever, vault.roles)
        changed = dataclasses.replace(
            member, roles=chosen, terms=_terms(vault, before, member, chosen)
        )
        others = tuple(other for other in before.members if other.id != member.id)
        publish(transaction, _next(vault, before, (*others, changed)), root, changed)
        _remove_grants(transaction, member.id, _of_ended_roles(member, chosen))
    show_to_intake(vault)
    return changed


def _terms(
    vault: Vault, before: Roster, member: RosterMember, chosen: frozenset[str]
) -> tuple[Term, ...]:
    now = clock.moment()
    delay = vault.settings.roster.delay if _is_founded(before) else 0
    terms = [term for term in member.terms if term.role in chosen or term.valid_to is not None]
    for role in member.roles - chosen:
        begun = [term for term in member.times(role) if term.valid_to is None]
        # One that was announced and never began leaves no trace: nothing was done in it.
        terms += [dataclasses.replace(t, valid_to=now) for t in begun if t.valid_from <= now]
    for role in chosen - member.roles:
        wait = delay if vault.roles[role].opens else 0
        terms.append(Term(role, clock.moment(clock.now() + wait)))
    return tuple(sorted(terms, key=lambda term: (term.role, term.valid_from)))


def _of_ended_roles(member: RosterMember, chosen: frozenset[str]) -> ColumnElement[bool]:
    """Return which of a member's grants end with the roles that are left out."""
    own = select(assignments.c.case_id).where(assignments.c.member_id == member.id)
    handled = select(testimonies.c.id).where(testimonies.c.case_id.in_(own)).union(own)
    ended = {
        LAWYER: grants.c.subject.in_(handled),
        INTAKE_OFFICER: grants.c.subject.not_in(handled),
    }
    return or_(false(), *(which for role, which in ended.items() if role not in chosen))


def _remove_grants(
    transaction: Transaction, member_id: str, which: ColumnElement[bool] = _ALL
) -> None:
    gone = transaction.connection.execute(
        grants.delete().where(grants.c.member_id == member_id, which)
    )
    if gone.rowcount or which is _ALL:
        transaction.log("grant.removed", ROOT, {"member": member_id}, {"count": gone.rowcount})


def _active(connection: Connection, roster: Roster, login: str) -> RosterMember:
    query = select(members.c.id).where(
        members.c.login == fold_login(login), members.c.ended_day.is_(None)
    )
    member_id = connection.execute(query).scalar_one_or_none()
    member = roster.member(member_id or "")
    if member is None or member.valid_to is not None:
        raise NotFoundError("no active member has this login")
    return member


def _next(vault: Vault, before: Roster, everybody: tuple[RosterMember, ...]) -> Roster:
    return dataclasses.replace(
        before,
        version=before.version + 1,
        previous=before.hash,
        issued=clock.moment(),
        expires=clock.moment(clock.now() + vault.settings.roster.lifetime),
        members=tuple(sorted(everybody, key=lambda member: member.id)),
    )


def _member(vault: Vault, row: Any, before: Roster, gender: str | None) -> RosterMember:
    enrolment = Enrolment(row.invitation, row.member_id, row.signing, row.opening)
    try:
        enrolment.check(row.by_invitation, row.by_member)
        roles = check_together(canonical.loads(row.roles.encode()), vault.roles)
    except WitnessVaultError as error:
        raise RefusedError("what this member enrolled with does not verify") from error
    delay = vault.settings.roster.delay if _is_founded(before) else 0
    return RosterMember(
        id=row.member_id,
        roles=roles,
        signing=row.signing,
        opening=row.opening,
        valid_from=clock.moment(clock.now() + delay),
        reader_gender=gender,
    )


def _is_founded(roster: Roster) -> bool:
    """Return whether the roster ever held an administrator and two others.

    Once it did the delay stays: whoever has the root key could else take the administrator's role
    away for a moment, and add a reader whom nobody sees coming.
    """
    administrators = any(ADMINISTRATOR in member.ever for member in roster.members)
    return administrators and len(roster.members) >= FOUNDERS


def _waiting(connection: Connection, login: str) -> Any:
    query = (
        select(enrolments, members.c.login, members.c.name)
        .join(members, members.c.id == enrolments.c.member_id)
        .join(invitations, invitations.c.used_by == members.c.id)
        .where(members.c.login == fold_login(login), members.c.ended_day.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("nobody of this login waits")
    return row
