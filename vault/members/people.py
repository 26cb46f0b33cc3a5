"""Members as people: inviting them, listing them, naming them."""

from __future__ import annotations

from collections.abc import Iterable
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
    if actor is not None and not actor.may(MEMBERS):
        raise RefusedError("only an administrator invites")
    chosen = sorted(check_together(roles, vault.roles))
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise InputError("name")
    code = new_code()
    made_by = ROOT if actor is None else actor.id
    row = {
        "id": suite.random(16).hex(),
        "public_key": key_of(code).public,
        "name": name,
        "roles": canonical.dumps(chosen).decode(),
        "made_by": made_by,
        "made_at": clock.now(),
        "expires_at": clock.now() + vault.settings.staff.invitation_valid,
    }
    with vault.journal.transaction() as transaction:
        transaction.connection.execute(invitations.insert().values(**row))
        transaction.log("member.invited", made_by, {}, {"roles": chosen})
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


def list_members(vault: Vault) -> list[MemberLine]:
    """Return everybody, sorted by name: members, those who wait, and open invitations."""
    roster = vault.roster()
    with vault.database.read() as connection:
        people = connection.execute(
            select(members, enrolments.c.roles, enrolments.c.signing, enrolments.c.opening).join(
                enrolments, enrolments.c.member_id == members.c.id
            )
        ).all()
        open_ones = connection.execute(select(invitations).where(_is_open())).all()
    lines = [_line(row, roster) for row in people]
    lines += [_invited(row) for row in open_ones]
    return sorted(lines, key=lambda line: (line.name, line.id))


def names(vault: Vault) -> dict[str, str]:
    """Return the names of all members by id, for sentences."""
    with vault.database.read() as connection:
        rows = connection.execute(select(members.c.id, members.c.name))
        return {row.id: row.name for row in rows}


def _line(row: object, roster: Roster) -> MemberLine:
    values = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - SQLAlchemy's public name
    member = roster.member(values["id"])
    shown = member or RosterMember(
        values["id"], frozenset(), values["signing"], values["opening"], ""
    )
    roles = _roles(values["roles"]) if member is None else tuple(sorted(member.roles))
    now, state = clock.moment(), _state(member, values["ended_day"])
    waits = member is not None and state == "active" and member.valid_from > now
    return MemberLine(
        id=values["id"],
        name=values["name"],
        login=values["login"],
        roles=roles,
        state=state,
        fingerprint=shown.fingerprint,
        since=values["enrolled_day"],
        until=values["ended_day"],
        sealed_from=shown.valid_from if waits else None,
        later=tuple(
            (term.role, term.valid_from)
            for term in (member.terms if member and not waits else ())
            if term.valid_from > now
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
