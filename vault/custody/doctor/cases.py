"""Who holds which cases: counted by ids and roles, without opening anything.

A holder is a member who is active, holds the role in which the case is theirs, and has a grant of
its testimony.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from vault import canonical, clock
from vault.custody.doctor.check import Outcome, counted
from vault.errors import FormatError
from vault.journal.vault import Vault
from vault.roster.model import RECOVERY, Roster
from vault.roster.roles import CAPACITIES, INTAKE_OFFICER, Role
from vault.storage.tables.cases import assignments, cases, grants, testimonies

READERS = 2
SOON_DAYS = 30
ACCOUNT = "account"


@dataclass(frozen=True)
class _Grant:
    """One grant, and whether the roster still says that it should be there."""

    case: str
    subject: str
    member: str
    compartments: tuple[str, ...]
    rightful: bool


def due(vault: Vault) -> Outcome:
    """Count the cases whose new keys wait for the next sign-in of a holder.

    Where there is none, nobody can sign in: `holders` counts those.
    """
    with vault.database.read() as connection:
        waiting = connection.execute(select(cases.c.id).where(cases.c.keys_due != 0)).scalars()
        return counted(len(_holders(vault).keys() & set(waiting)), "waiting")


def readers(vault: Vault) -> Outcome:
    """Count the given cases that fewer than two members can open."""
    holders = _holders(vault)
    given = _given(vault)
    odd = sum(0 < len(holders.get(case, ())) < READERS for case in given)
    return counted(odd, "few", all=len(given))


def holders(vault: Vault) -> Outcome:
    """Count the cases that nobody can open although they may be read.

    One whose witness has not allowed reading has no grant at all, not even of the recovery key.
    """
    held = _holders(vault)
    readable = {grant.case for grant in _grants(vault)} | _given(vault)
    return counted(len(readable - held.keys()), "none")


def ends(vault: Vault) -> Outcome:
    """Count the cases that are erased by themselves soon."""
    soon = clock.day(clock.now() + SOON_DAYS * clock.DAY)
    with vault.database.read() as connection:
        near = connection.execute(select(cases.c.id).where(cases.c.ends_day <= soon)).all()
    return counted(len(near), "soon")


def orphaned(vault: Vault) -> Outcome:
    """Count the grants without a member who should have them."""
    odd = [grant for grant in _grants(vault) if grant.member != RECOVERY and not grant.rightful]
    return counted(len(odd), "odd")


def _holders(vault: Vault) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for grant in _grants(vault):
        if grant.rightful and ACCOUNT in grant.compartments and grant.subject != grant.case:
            found.setdefault(grant.case, set()).add(grant.member)
    return found


def _given(vault: Vault) -> set[str]:
    """Return the cases that somebody handles; of one that was erased nothing is left to open."""
    query = select(assignments.c.case_id).join(cases, cases.c.id == assignments.c.case_id)
    with vault.database.read() as connection:
        return set(connection.execute(query.where(cases.c.opens_until.is_(None))).scalars())


def _grants(vault: Vault) -> list[_Grant]:
    roster, moment = vault.roster(), clock.moment()
    with vault.database.read() as connection:
        of = {row.id: row.case_id for row in connection.execute(select(testimonies))}
        given = {
            (row.case_id, row.member_id): row for row in connection.execute(select(assignments))
        }
        wanted = select(grants.c.subject, grants.c.member_id, grants.c.compartments)
        rows = connection.execute(wanted).all()
    found = []
    for row in rows:
        case = of.get(row.subject, row.subject)
        names = _compartments(row.compartments)
        place = given.get((case, row.member_id))
        role = vault.roles[INTAKE_OFFICER if place is None else CAPACITIES[place.capacity]]
        over = place is not None and place.until_day is not None and place.until_day < moment[:10]
        rightful = not over and _rightful(roster, row.member_id, role, names, moment)
        found.append(_Grant(case, row.subject, row.member_id, names, rightful))
    return found


def _rightful(
    roster: Roster, member_id: str, role: Role, names: tuple[str, ...], moment: str
) -> bool:
    member = roster.member(member_id)
    return member is not None and member.holds(role.name, moment) and role.opens >= set(names)


def _compartments(text: str) -> tuple[str, ...]:
    try:
        value = canonical.loads(text.encode())
    except FormatError:
        return ("unreadable",)
    return tuple(map(str, value)) if isinstance(value, list) else ("unreadable",)
