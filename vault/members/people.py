"""Members as people: inviting them, listing them, naming them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select

from vault import canonical, clock
from vault.crypto import suite
from vault.errors import InputError, NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.members.actor import Actor
from vault.roster.invitations import key_of, new_code
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import MEMBERS, check_together
from vault.storage.tables.people import enrolments, invitations, members

MAX_NAME = 100
PARKED = "~"
"""Begins what stands as the login of somebody who has none; nobody can type it as one."""


@dataclass(frozen=True)
class MemberLine:
    """One person as a list shows them.

    Args:
        state: "invited", "waiting" (enrolled, to be confirmed), "active" or "ended".
        fingerprint: of their public keys, to compare aloud; None before they enrolled.
        since: the day of enrolment, or of the invitation.
        until: the day an invitation or a membership ends; None while there is none.
        sealed_from: from when they may be sealed to, while that moment is still to come.
        later: roles that have not begun, with the moment from which they count.
        ends: roles that end, with the moment.
        replaces: the name of the person whose new keys these are, while they wait.
        agreed: what an administrator agrees to by proposing them; see `RosterMember.agreed`.
    """

    id: str
    name: str = field(repr=False)
    login: str = field(repr=False)
    roles: tuple[str, ...]
    state: str
    fingerprint: str | None
    since: str = ""
    until: str | None = None
    sealed_from: str | None = None
    later: tuple[tuple[str, str], ...] = ()
    replaces: str | None = field(default=None, repr=False)
    ends: tuple[tuple[str, str], ...] = ()
    agreed: str = ""


@dataclass(frozen=True)
class Announced:
    """Somebody who stands in the roster with something that has not begun.

    Attributes:
        id: of the member.
        name: as colleagues call them.
        roles: those that have not begun.
        begins: when the first of them does.
        replaces: these are new keys of somebody who was a member before.
    """

    id: str
    name: str = field(repr=False)
    roles: tuple[str, ...]
    begins: str
    replaces: bool


def invite(vault: Vault, actor: Actor | None, name: str, roles: Iterable[str]) -> str:
    """Invite somebody; returns the code, which is shown once and kept nowhere.

    Args:
        vault: the vault.
        actor: an administrator, or None for the root at the terminal.
        name: what colleagues call them; stays in the database.
        roles: what they will be.

    Raises:
        RefusedError: the actor is no administrator, or the roles exclude each other.
        InputError: no name, or too long.
    """
    _check_inviter(actor)
    chosen = sorted(check_together(roles, vault.roles))
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise InputError("name")
    return _invite(vault, actor, name, chosen, None)


def invite_again(vault: Vault, actor: Actor | None, member_id: str) -> str:
    """Invite a member to make new keys in place of theirs; returns the code, shown once.

    Their present keys count until the new ones are confirmed.

    Args:
        vault: the vault.
        actor: an administrator, or None for the root at the terminal.
        member_id: who has lost their passphrase, or wants new keys.

    Raises:
        RefusedError: the actor is no administrator.
        NotFoundError: the roster knows nobody of this id, or their keys were replaced already.
    """
    _check_inviter(actor)
    roster = vault.roster()
    member = roster.member(member_id)
    if member is None or any(other.replaces == member_id for other in roster.members):
        raise NotFoundError
    return _invite(vault, actor, names(vault)[member_id], sorted(member.roles), member_id)


def _check_inviter(actor: Actor | None) -> None:
    if actor is not None and not actor.may(MEMBERS):
        raise RefusedError("only an administrator invites")


def _invite(
    vault: Vault, actor: Actor | None, name: str, roles: list[str], replaces: str | None
) -> str:
    code = new_code()
    made_by = ROOT if actor is None else actor.id
    row = {
        "id": suite.random(16).hex(),
        "public_key": key_of(code).public,
        "name": name,
        "roles": canonical.dumps(roles).decode(),
        "replaces": replaces,
        "made_by": made_by,
        "made_at": clock.now(),
        "expires_at": clock.now() + vault.settings.staff.invitation_valid,
    }
    with vault.journal.transaction() as transaction:
        transaction.connection.execute(invitations.insert().values(**row))
        subject = {} if replaces is None else {"member": replaces}
        transaction.log("member.invited", made_by, subject, {"roles": roles})
    return code


def withdraw(vault: Vault, actor: Actor, invitation: str) -> None:
    """Let an open invitation's code count for nothing from now on.

    Raises:
        RefusedError: the actor is no administrator.
        NotFoundError: no open invitation has this id.
    """
    if not actor.may(MEMBERS):
        raise RefusedError("only an administrator withdraws")
    chosen = (invitations.c.id == invitation) & _is_open()
    with vault.journal.transaction() as transaction:
        roles = transaction.connection.execute(
            select(invitations.c.roles).where(chosen)
        ).scalar_one_or_none()
        if roles is None:
            raise NotFoundError
        transaction.connection.execute(
            invitations.update().where(chosen).values(expires_at=clock.now())
        )
        transaction.log("invitation.withdrawn", actor.id, {}, {"roles": _roles(roles)})


def _is_open() -> ColumnElement[bool]:
    return invitations.c.used_by.is_(None) & (invitations.c.expires_at > clock.now())


def look(vault: Vault, by: str) -> list[MemberLine]:
    """Return the same as `list_members` for somebody who looks at it; one entry.

    Args:
        vault: the vault.
        by: a member's id, or the system for whoever is at the terminal.
    """
    with vault.journal.transaction() as transaction:
        transaction.log("list", by, {}, {"what": "members"})
    return list_members(vault)


def list_members(vault: Vault) -> list[MemberLine]:
    """Return everybody, sorted by name: members, those who wait, and open invitations."""
    roster = vault.roster()
    with vault.database.read() as connection:
        people = connection.execute(_PEOPLE).all()
        open_ones = connection.execute(select(invitations).where(_is_open())).all()
    logins = {row.id: row.login for row in people}
    called = {row.id: row.name for row in people}
    lines = [_line(row, roster, logins, called) for row in people]
    lines += [_invited(row) for row in open_ones]
    return sorted(lines, key=lambda line: (line.name, line.id))


def names(vault: Vault) -> dict[str, str]:
    """Return the names of all members by id, for sentences."""
    with vault.database.read() as connection:
        rows = connection.execute(select(members.c.id, members.c.name))
        return {row.id: row.name for row in rows}


def announced(vault: Vault) -> list[Announced]:
    """Return everybody of whom something is announced that has not begun, by name."""
    now, called = clock.moment(), names(vault)
    found = []
    for member in vault.roster().members:
        later = [
            (max(term.valid_from, member.valid_from), role)
            for role in sorted(member.roles)
            for term in member.times(role)[-1:]
            if member.valid_to is None and max(term.valid_from, member.valid_from) > now
        ]
        if later:
            name, roles = called.get(member.id, member.id), tuple(role for _, role in later)
            new_keys = member.replaces is not None and member.valid_from > now
            found.append(Announced(member.id, name, roles, min(later)[0], new_keys))
    return sorted(found, key=lambda one: (one.name, one.id))


_PEOPLE = (
    select(
        members,
        enrolments.c.roles,
        enrolments.c.signing,
        enrolments.c.opening,
        invitations.c.replaces,
    )
    .join(enrolments, enrolments.c.member_id == members.c.id)
    .join(invitations, invitations.c.used_by == members.c.id)
)


def _line(
    row: Any, roster: Roster, logins: Mapping[str, str], called: Mapping[str, str]
) -> MemberLine:
    member = roster.member(row.id)
    roles = _roles(row.roles) if member is None else tuple(sorted(member.roles))
    stated = (row.id, frozenset(roles), row.signing, row.opening, "")
    shown = member or RosterMember(*stated, replaces=row.replaces)
    now, state = clock.moment(), _state(member, row.ended_day)
    waits = member is not None and state == "active" and member.valid_from > now
    login = row.login
    if login.startswith(PARKED):  # that of the keys they replace, until these are confirmed
        login = logins.get(row.replaces, "") if state == "waiting" else ""
    return MemberLine(
        id=row.id,
        name=row.name,
        login=login,
        roles=roles,
        state=state,
        fingerprint=shown.fingerprint,
        since=row.enrolled_day,
        until=row.ended_day,
        sealed_from=shown.valid_from if waits else None,
        agreed=shown.agreed,
        later=tuple(
            (term.role, term.valid_from)
            for term in (member.terms if member and not waits else ())
            if term.valid_from > now
        ),
        replaces=called.get(row.replaces) if state == "waiting" else None,
        ends=tuple(
            (role, last.valid_to)
            for role in (roles if member else ())
            for last in (member.times(role)[-1:] if member else ())
            if last.valid_to is not None and state == "active"
        ),
    )


def _invited(row: Any) -> MemberLine:
    return MemberLine(
        id=row.id,
        name=row.name,
        login="",
        roles=_roles(row.roles),
        state="invited",
        fingerprint=None,
        since=clock.day(row.made_at),
        until=clock.day(row.expires_at),
    )


def _state(member: RosterMember | None, ended_day: str | None) -> str:
    if ended_day is not None or (member and member.valid_to and member.valid_to <= clock.moment()):
        return "ended"
    return "waiting" if member is None else "active"


def _roles(text: str) -> tuple[str, ...]:
    return tuple(canonical.loads(text.encode()))
