"""Confirming by the root at the terminal: at the beginning, and when no second member is left."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical
from vault.crypto.sign import SigningKey
from vault.custody.rosters.publishing import (
    begin_of,
    check_root,
    following,
    keep,
    moment_of_issue,
    show_to_intake,
    sign_alone,
    term_of,
)
from vault.errors import NotFoundError, RefusedError, WitnessVaultError
from vault.journal.vault import Vault
from vault.members.enrol import fold_login
from vault.roster.invitations import Enrolment
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import check_together
from vault.roster.signers import has_two, is_founded
from vault.storage.tables.people import enrolments, invitations, members


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Somebody who enrolled, as a person at the terminal sees them before confirming.

    Name and roles stand in the database only, so whoever confirms has to agree to what will be
    signed, and `confirm` signs nothing else. `replaces` is the id of the membership that ends with
    it, whose person this is said to be, or None.
    """

    login: str
    name: str
    roles: frozenset[str]
    fingerprint: str
    replaces: str | None = None


def waiting(vault: Vault, login: str) -> Waiting:
    """Return who waits under a login.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: what they enrolled with does not verify, or two wait under it.
    """
    before = vault.roster()
    with vault.database.read() as connection:
        row = _waiting(connection, before, login)
    member = enrolled(vault, row, before, moment_of_issue(before), None)
    return Waiting(fold_login(login), row.name, member.roles, member.fingerprint, member.replaces)


def confirm(
    vault: Vault, agreed: Waiting, root: SigningKey, gender: str | None = None
) -> RosterMember:
    """Confirm somebody who enrolled, by the root key at the terminal.

    Until the roster has held an administrator and two others they are valid at once; afterwards
    only after the delay, which everybody can see meanwhile.

    Args:
        vault: the vault.
        agreed: what the person at the terminal saw and agreed to.
        root: the root key.
        gender: "female" or "male" if they say so, for witnesses who wish for it.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: an administrator and a second member can sign; what they enrolled with does
            not verify, their roles exclude each other, or the key is not this vault's.
    """
    before = vault.roster()
    check_root(before, root)
    check_alone(before)
    with vault.database.read() as connection:
        row = _waiting(connection, before, agreed.login)
    issued = moment_of_issue(before)
    member = enrolled(vault, row, before, issued, gender)
    seen = Waiting(agreed.login, row.name, member.roles, member.fingerprint, member.replaces)
    if seen != agreed:
        raise RefusedError("this is not who was agreed to")
    changed = with_replaced(before, issued, member)
    line = sign_alone(before, following(vault, before, issued, changed), root)
    with vault.journal.transaction() as transaction:
        keep(transaction, line, before, changed=member)
    show_to_intake(vault)
    return member


def check_alone(before: Roster, concerned: frozenset[str] = frozenset()) -> None:
    """Refuse to let the root alone add somebody or give a role while two members can sign.

    Raises:
        RefusedError: they can.
    """
    if is_founded(before) and has_two(before, moment_of_issue(before), concerned):
        raise RefusedError(
            "an administrator and a second member sign this now, on the page Members; the root"
            " passphrase alone does it only while the roster has no two who can"
        )


def with_replaced(before: Roster, issued: str, member: RosterMember) -> tuple[RosterMember, ...]:
    """Return what changes with a new member: themselves, and the membership they replace ends."""
    old = before.member(member.replaces or "")
    if old is None or old.valid_to is not None:
        return (member,)
    return member, dataclasses.replace(old, valid_to=issued)


def enrolled(
    vault: Vault, row: Any, before: Roster, issued: str, gender: str | None, *, waits: int = 0
) -> RosterMember:
    """Return the member that an enrolment would become.

    Args:
        vault: the vault.
        row: as `find_enrolled` returns it.
        before: the version that they are added to.
        issued: the moment of the next one.
        gender: "female", "male" or None.
        waits: as in `begin_of`.

    Raises:
        RefusedError: the enrolment does not verify, or the roles exclude each other.
    """
    enrolment = Enrolment(row.invitation, row.member_id, row.signing, row.opening)
    try:
        enrolment.check(row.by_invitation, row.by_member)
        roles = check_together(canonical.loads(row.roles.encode()), vault.roles)
    except WitnessVaultError as error:
        raise RefusedError("what this member enrolled with does not verify") from error
    begin = begin_of(before, issued, waits=waits)
    member = RosterMember(
        id=row.member_id,
        roles=roles,
        signing=row.signing,
        opening=row.opening,
        valid_from=begin,
        reader_gender=gender,
        replaces=row.replaces,
        terms=tuple(
            term_of(vault, role, begin) for role in sorted(roles) if vault.roles[role].ends
        ),
    )
    check_together(before.ever(member), vault.roles)  # new keys make nobody another person
    return member


def find_enrolled(connection: Connection, member_id: str) -> Any:
    """Return what somebody enrolled with.

    Raises:
        NotFoundError: nobody of this id enrolled, or they have ended.
    """
    row = connection.execute(_ENROLLED.where(members.c.id == member_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return row


_ENROLLED = (
    select(enrolments, members.c.login, members.c.name, invitations.c.replaces)
    .join(members, members.c.id == enrolments.c.member_id)
    .join(invitations, invitations.c.used_by == members.c.id)
    .where(members.c.ended_day.is_(None))
)


def _waiting(connection: Connection, before: Roster, login: str) -> Any:
    folded = fold_login(login)
    replaced = select(members.c.id).where(members.c.login == folded)
    here = (members.c.login == folded) | invitations.c.replaces.in_(replaced)
    found = connection.execute(_ENROLLED.where(here)).all()
    rows = [row for row in found if before.member(row.member_id) is None]
    if not rows:
        raise NotFoundError("confirmed already" if found else "nobody of this login waits")
    if len(rows) > 1:
        raise RefusedError("more than one enrolment waits under this login")
    return rows[0]
