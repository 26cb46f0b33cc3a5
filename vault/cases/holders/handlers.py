"""Who handles a case, as what and until when; and who may be given it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.holders import stated
from vault.cases.holders.access import in_force
from vault.cases.model import ROLE_OF
from vault.custody import bars
from vault.errors import BarredError, NotWishedError, RefusedError
from vault.journal.drafts import Draft
from vault.journal.vault import Vault
from vault.members.people import MemberLine, list_members
from vault.roster.chain import check_time
from vault.roster.model import Roster, RosterMember
from vault.storage.tables.cases import assignments, grants, testimonies


@dataclass(frozen=True)
class Handler:
    """One member who handles a case.

    Args:
        member: id.
        capacity: one of CAPACITIES.
        from_day: since when.
        until_day: the last day; None: open.
    """

    member: str
    capacity: str
    from_day: str
    until_day: str | None = None

    @property
    def role(self) -> str:
        """The role that this needs."""
        return ROLE_OF[self.capacity]


def of_case(
    connection: Connection, case_id: str, drafts: Iterable[Draft] = ()
) -> tuple[Handler, ...]:
    """Return who handles a case today, by rows that the access log bears out; lawyer first.

    Args:
        connection: open.
        case_id: which case.
        drafts: what the transaction on this connection will add to the log.
    """
    query = select(assignments).where(assignments.c.case_id == case_id)
    given = stated.given(connection, case_id, drafts)
    found = [
        Handler(row.member_id, row.capacity, row.from_day, row.until_day)
        for row in connection.execute(query)
        if in_force(row.until_day) and given.get(row.member_id) == (row.capacity, row.until_day)
    ]
    order = list(ROLE_OF)
    return tuple(sorted(found, key=lambda one: (order.index(one.capacity), one.member)))


def holders(connection: Connection, case_id: str) -> frozenset[str]:
    """Return who has a grant of a testimony of a case: members, and "recovery"."""
    query = (
        select(grants.c.member_id)
        .join(testimonies, testimonies.c.id == grants.c.subject)
        .where(testimonies.c.case_id == case_id)
    )
    return frozenset(connection.execute(query).scalars())


def holding(handlers: Iterable[Handler], capacity: str) -> Handler | None:
    """Return who handles a case in a capacity that only one has."""
    return next((one for one in handlers if one.capacity == capacity), None)


def recipient(
    vault: Vault, connection: Connection, case_id: str, wish: str | None, who: tuple[str, str]
) -> RosterMember:
    """Return a member of the verified roster who may be given a case now.

    Args:
        vault: the vault.
        connection: open.
        case_id: which case.
        wish: the gender of reader that its witness wishes for; None: no wish.
        who: member id and capacity.

    Raises:
        RefusedError: not a member of the role that this needs, or not yet, or no longer.
        BarredError: for a conflict of interest.
        NotWishedError: the witness wishes for a reader of another gender.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    member_id, capacity = who
    moment = clock.moment()
    member = check_time(vault.roster(), moment).member(member_id)
    if member is None or not member.holds(ROLE_OF[capacity], moment):
        raise RefusedError("nobody who can be given a case in this capacity now")
    if member_id in bars.of_case(connection, case_id):
        raise BarredError
    if wish is not None and member.reader_gender != wish:
        raise NotWishedError
    return member


def offered(vault: Vault, role: str, case_id: str | None, wish: str | None) -> list[MemberLine]:
    """Return who holds a role now and may be given a case, by name.

    Args:
        vault: the vault.
        role: that it needs.
        case_id: whose bars count; None: of no case in particular.
        wish: as in `recipient`.
    """
    with vault.database.read() as connection:
        barred = bars.of_case(connection, case_id) if case_id else frozenset()
    fit = fitting(vault.roster(), role, barred, wish)
    return [line for line in list_members(vault) if line.id in fit]


def fitting(roster: Roster, role: str, barred: Container[str], wish: str | None) -> set[str]:
    """Return the ids of those who hold a role now and may be given a case; as in `offered`."""
    return {
        member.id
        for member in roster.holders(role, clock.moment())
        if member.id not in barred and wish in {None, member.reader_gender}
    }
