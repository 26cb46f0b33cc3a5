"""What holds for the members of a roster by the roles as declared, apart from its form.

A signature says who confirmed a roster, not that it is one that should ever have been confirmed: so
whoever reads it, on either side, refuses a person with two roles that exclude each other, and a
role without the end that it must have. Pure: the declared roles are passed in.
"""

from __future__ import annotations

from collections.abc import Mapping

from vault.errors import RefusedError, RosterError
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import Role, check_together


def check_members(roster: Roster, roles: Mapping[str, Role]) -> Roster:
    """Return `roster` if every member of it may be what they are.

    Raises:
        RosterError: somebody has, or had, roles that exclude each other, or a role without its end.
    """
    for member in roster.members:
        _check(member, roster.ever(member), roles)
    return roster


def _check(member: RosterMember, ever: frozenset[str], roles: Mapping[str, Role]) -> None:
    try:
        if ever:
            check_together(ever, roles)
    except RefusedError as error:
        raise RosterError("a member with roles that exclude each other") from error
    times = [term for role in member.ever if roles[role].ends for term in member.times(role)]
    if any(term.valid_to is None for term in times):
        raise RosterError("a role without the end that it must have")
