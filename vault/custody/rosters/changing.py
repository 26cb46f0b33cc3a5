"""Changing what a member is: other roles, the end, or stopping what has not begun."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import select

from vault.crypto.sign import SigningKey
from vault.custody.rosters.confirming import check_alone
from vault.custody.rosters.publishing import (
    begin_of,
    following,
    keep,
    moment_of_issue,
    show_to_intake,
    sign_alone,
    term_of,
)
from vault.errors import NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.members.actor import Actor
from vault.members.enrol import fold_login
from vault.roster.model import Roster, RosterMember, Term
from vault.roster.roles import ADMINISTRATOR, check_together
from vault.roster.signers import compare, has_two, is_founded
from vault.storage.tables.people import members

# What a refusal says; pages give each a sentence in the reader's language.
NOT_ADMINISTRATOR = "only an administrator proposes, ends somebody or takes a role away"
NOT_FOUNDED = "until there are an administrator and two others the root signs"
NOBODY_LEFT = "no administrator and second member would be left: only the root does this"
NOT_BEGUN = "your own time has not begun"
SAME_ROLES = "they have these roles already"


def end(vault: Vault, login: str, by: SigningKey | Actor) -> RosterMember:
    """End a member at once: nothing is sealed to them, no grant of theirs stays.

    What they read stays read. Their cases go on through their deputy; without one they wait for the
    recovery key.

    Args:
        vault: the vault.
        login: of the member.
        by: the root key, or an administrator.

    Raises:
        NotFoundError: no active member has this login.
        RefusedError: the key is not this vault's; the actor is no administrator; or no
            administrator and second member would be left, which only the root may do.
    """
    return end_id(vault, find(vault, vault.roster(), login).id, by)


def end_id(vault: Vault, member_id: str, by: SigningKey | Actor) -> RosterMember:
    """End a member at once, by their id; see `end`."""
    before = vault.roster()
    issued = moment_of_issue(before)
    ended = dataclasses.replace(present(before, member_id), valid_to=issued)
    return _publish(vault, before, issued, ended, by)


def change_roles(
    vault: Vault, login: str, roles: Iterable[str], by: SigningKey | Actor
) -> RosterMember:
    """Give a member other roles, by one signature: the root's, or taking roles away only.

    A role that is added stands in the roster at once and begins after the delay, as a new reader
    does. Roles that are left out end now, and the grants with them: of their cases when they are no
    lawyer any more, of all others when they are no intake officer. What they read stays read, what
    they signed stays signed.

    Raises:
        NotFoundError: no active member has this login.
        RefusedError: the roles exclude each other, or one that they had before; they are the
            present ones; a role is added that needs two signatures; or as `end`.
    """
    return change_roles_id(vault, find(vault, vault.roster(), login).id, roles, by)


def change_roles_id(
    vault: Vault, member_id: str, roles: Iterable[str], by: SigningKey | Actor
) -> RosterMember:
    """Give a member other roles, by their id; see `change_roles`."""
    before = vault.roster()
    issued, member = moment_of_issue(before), present(before, member_id)
    changed = with_roles(vault, before, issued, member, check_together(roles, vault.roles))
    if not changed.roles < member.roles:
        if isinstance(by, Actor):
            raise RefusedError("a second member must confirm a role that is added")
        check_alone(before, frozenset({member.id}))
    return _publish(vault, before, issued, changed, by)


def stop(vault: Vault, member_id: str, actor: Actor) -> RosterMember:
    """Stop what is announced of somebody and has not begun; every active member may.

    Raises:
        NotFoundError: nothing of this member is still to begin.
        RefusedError: the actor has not begun themselves.
    """
    before = vault.roster()
    moment, member = moment_of_issue(before), before.member(member_id)
    own = before.member(actor.id)
    if own is None or not own.active(moment):
        raise RefusedError(NOT_BEGUN)
    if member is None or member.valid_to is not None:
        raise NotFoundError
    if member.valid_from > moment:
        stopped_whole = dataclasses.replace(member, valid_to=moment)
        return _publish(vault, before, moment, stopped_whole, actor)
    begun = tuple(term for term in member.terms if term.valid_from <= moment)
    if begun == member.terms:
        raise NotFoundError
    stopped = {term.role for term in member.terms if term.valid_from > moment}
    # A role for a time that was given once more goes on until that time is over.
    going_on = {term.role for term in begun if term.covers(moment)}
    roles = member.roles - (stopped - going_on)
    remaining = dataclasses.replace(member, roles=roles, terms=begun)
    return _publish(vault, before, moment, remaining, actor)


def find(vault: Vault, before: Roster, login: str) -> RosterMember:
    """Return the member of a login who has not ended.

    Raises:
        NotFoundError: there is none.
    """
    query = select(members.c.id).where(
        members.c.login == fold_login(login), members.c.ended_day.is_(None)
    )
    with vault.database.read() as connection:
        member_id = connection.execute(query).scalar_one_or_none()
    return present(before, member_id or "")


def present(before: Roster, member_id: str) -> RosterMember:
    """Return a member who has not ended.

    Raises:
        NotFoundError: there is none of this id.
    """
    member = before.member(member_id)
    if member is None or (
        member.valid_to is not None and member.valid_to <= moment_of_issue(before)
    ):
        raise NotFoundError("no active member has this login")
    return member


def with_roles(
    vault: Vault,
    before: Roster,
    issued: str,
    member: RosterMember,
    chosen: frozenset[str],
    *,
    waits: int = 0,
) -> RosterMember:
    """Return a member with other roles, or with the same and another time of those that end.

    Args:
        vault: the vault.
        before: the version in which they are changed.
        issued: the moment of the next one.
        member: as they are.
        chosen: every role they will have.
        waits: as in `begin_of`.

    Raises:
        RefusedError: they have these roles already, or one of them excludes one they had.
    """
    given = chosen - member.roles
    if chosen == member.roles:
        given = frozenset(role for role in chosen if vault.roles[role].ends)
        if not given:
            raise RefusedError(SAME_ROLES)
    # Whoever opened testimony once stays out of auditing: their openings stand in the log.
    check_together(chosen | before.ever(member), vault.roles)
    begin = begin_of(before, issued, waits=waits)
    terms = _kept_terms(issued, member, chosen)
    terms += [term_of(vault, role, begin) for role in given]
    terms.sort(key=lambda term: (term.role, term.valid_from))
    return dataclasses.replace(member, roles=chosen, terms=tuple(terms))


def _kept_terms(now: str, member: RosterMember, chosen: frozenset[str]) -> list[Term]:
    """Return the times that stand already; those of roles that are left out end now."""
    terms = [term for term in member.terms if term.role in chosen or term.valid_from <= now]
    named = {term.role for term in terms}
    # A role without a time of its own has had the member's.
    terms += [t for role in member.roles - chosen - named for t in member.times(role)]
    return [
        dataclasses.replace(term, valid_to=now)
        if term.role not in chosen and (term.valid_to is None or term.valid_to > now)
        else term
        for term in terms
        if term.role in chosen or term.valid_from <= now
    ]


def _publish(
    vault: Vault, before: Roster, issued: str, changed: RosterMember, by: SigningKey | Actor
) -> RosterMember:
    after = following(vault, before, issued, [changed])
    signed_by = ROOT
    if isinstance(by, Actor):
        signed_by = by.id
        _check_actor(before, after, by)
    line = sign_alone(before, after, by)
    with vault.journal.transaction() as transaction:
        keep(transaction, line, before, signed_by, changed)
    show_to_intake(vault)
    return changed


def _check_actor(before: Roster, after: Roster, actor: Actor) -> None:
    """Say in words what a reader would refuse about one member's signature."""
    if not is_founded(before):
        raise RefusedError(NOT_FOUNDED)
    if not compare(before, after, founded=True).ends:
        return
    own = before.member(actor.id)
    if own is None or not own.holds(ADMINISTRATOR, after.issued):
        raise RefusedError(NOT_ADMINISTRATOR)
    if not has_two(after, after.issued):
        raise RefusedError(NOBODY_LEFT)
