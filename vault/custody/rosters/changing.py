"""Changing what a member is: other roles, or the end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import Connection, select

from vault import clock
from vault.crypto.sign import SigningKey
from vault.custody.revoking import of_ended_roles, remove_grants
from vault.custody.rosters.publishing import (
    check_root,
    following,
    is_founded,
    publish,
    show_to_intake,
)
from vault.errors import NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.members.enrol import fold_login
from vault.roster.model import Roster, RosterMember, Term
from vault.roster.roles import check_together
from vault.storage.tables.people import members


def end(vault: Vault, login: str, root: SigningKey) -> RosterMember:
    """End a member at once, by the root key: nothing is sealed to them, no grant of theirs stays.

    What they read stays read. Their cases go on through their deputy; without one they wait for the
    recovery key.

    Raises:
        NotFoundError: no active member has this login.
        RefusedError: the key is not this vault's.
    """
    before = vault.roster()
    check_root(before, root)
    moment = clock.moment()
    with vault.journal.transaction() as transaction:
        ended = dataclasses.replace(_active(transaction.connection, before, login), valid_to=moment)
        others = tuple(member for member in before.members if member.id != ended.id)
        publish(transaction, following(vault, before, (*others, ended)), root, ended)
        transaction.connection.execute(
            members.update().where(members.c.id == ended.id).values(ended_day=clock.day())
        )
        remove_grants(transaction, ended.id)
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
    check_root(before, root)
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
        publish(transaction, following(vault, before, (*others, changed)), root, changed)
        remove_grants(transaction, member.id, of_ended_roles(member, chosen))
    show_to_intake(vault)
    return changed


def _terms(
    vault: Vault, before: Roster, member: RosterMember, chosen: frozenset[str]
) -> tuple[Term, ...]:
    now = clock.moment()
    delay = vault.settings.roster.delay if is_founded(before) else 0
    terms = [term for term in member.terms if term.role in chosen or term.valid_to is not None]
    for role in member.roles - chosen:
        begun = [term for term in member.times(role) if term.valid_to is None]
        # One that was announced and never began leaves no trace: nothing was done in it.
        terms += [dataclasses.replace(t, valid_to=now) for t in begun if t.valid_from <= now]
    for role in chosen - member.roles:
        wait = delay if vault.roles[role].opens else 0
        terms.append(Term(role, clock.moment(clock.now() + wait)))
    return tuple(sorted(terms, key=lambda term: (term.role, term.valid_from)))


def _active(connection: Connection, roster: Roster, login: str) -> RosterMember:
    query = select(members.c.id).where(
        members.c.login == fold_login(login), members.c.ended_day.is_(None)
    )
    member_id = connection.execute(query).scalar_one_or_none()
    member = roster.member(member_id or "")
    if member is None or member.valid_to is not None:
        raise NotFoundError("no active member has this login")
    return member
