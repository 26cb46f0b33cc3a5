"""What a page shows of who handles a case, and offers to whom; no testimony is opened for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from vault.cases.epochs import reseal
from vault.cases.epochs.reseal import NewKeys
from vault.cases.holders import away, handlers
from vault.cases.holders.assign import BESIDE
from vault.cases.holders.handlers import Handler
from vault.cases.model import ROLE_OF, code_of
from vault.custody import bars
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.members.people import MemberLine, list_members
from vault.roster.roles import DEPUTY, LAWYER, TRIAGE
from vault.storage.tables.cases import cases


@dataclass(frozen=True)
class Person:
    """Somebody who handles a case.

    Args:
        member: id.
        name: as colleagues call them.
        capacity: one of CAPACITIES.
        until_day: the last day; None: open.
        has_keys: False: they have new ones, and wait for a colleague.
    """

    member: str
    name: str = field(repr=False)
    capacity: str
    until_day: str | None
    has_keys: bool


@dataclass(frozen=True)
class Handling:
    """Who handles a case, and what the reader may change about it.

    Args:
        case_id: which case.
        own: the reader's capacity; None: an intake officer.
        due: a new epoch waits for the next holder who signs in.
        people: who handles it, lawyer first.
        barred: id and name of those who may not see it.
        may_take_over: the lawyer left, or is away.
        removable: from whom the reader may take it.
        offered: who may be given it, by capacity.
        barrable: who could be barred.
        new_keys: whom the reader may give its keys again.
        agreed: the capacities besides lawyer and deputy that the witness lets read.
    """

    case_id: str
    own: str | None
    due: bool
    people: tuple[Person, ...]
    barred: tuple[tuple[str, str], ...] = field(repr=False)
    may_take_over: bool
    removable: tuple[Person, ...]
    offered: dict[str, list[MemberLine]] = field(repr=False)
    barrable: tuple[MemberLine, ...] = field(repr=False)
    new_keys: tuple[NewKeys, ...] = ()
    agreed: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def code(self) -> str:
        """The short code that people say."""
        return code_of(self.case_id)

    @property
    def is_lawyer(self) -> bool:
        """Whether the reader is the lawyer of the case."""
        return self.own == LAWYER

    @property
    def decides(self) -> bool:
        """Whether the reader may say anything about who handles it."""
        return self.own in {None, LAWYER, DEPUTY}

    @property
    def deputy(self) -> Person | None:
        """Who is the deputy."""
        return next((one for one in self.people if one.capacity == DEPUTY), None)


def look(
    vault: Vault,
    actor: Actor,
    case_id: str,
    wish: str | None = None,
    agreed: frozenset[str] = frozenset(),
) -> Handling:
    """Return who handles a case.

    Args:
        vault: the vault.
        actor: who looks, and whether they may was found out by the caller.
        case_id: which case.
        wish: the gender of reader that its witness wishes for, if the reader knows it.
        agreed: the capacities that its witness lets read, if the reader knows them.
    """
    everybody = {line.id: line for line in list_members(vault)}
    with vault.database.read() as connection:
        found = handlers.of_case(connection, case_id)
        holders = handlers.holders(connection, case_id)
        barred = bars.of_case(connection, case_id)
        due = bool(connection.execute(_due.where(cases.c.id == case_id)).scalar_one_or_none())
        lawyer = handlers.holding(found, LAWYER)
        free = lawyer is None or away.is_away(vault, connection, lawyer)
    own = next((one.capacity for one in found if one.member == actor.id), None)
    people = _people(found, everybody, holders)
    known = {*barred, *(one.member for one in found)}
    return Handling(
        case_id=case_id,
        own=own,
        due=due,
        people=people,
        barred=tuple((who, everybody[who].name) for who in sorted(barred) if who in everybody),
        may_take_over=own == DEPUTY and free,
        removable=_removable(actor, own, people),
        offered=_offered(vault, own, wish, found, (everybody, barred)),
        barrable=tuple(
            line
            for line in everybody.values()
            if line.state == "active" and line.id not in known and {*line.roles} & _READERS
        ),
        new_keys=tuple(reseal.waiting(vault, actor, case_id)) if own in {LAWYER, DEPUTY} else (),
        agreed=agreed,
    )


_due = select(cases.c.keys_due)
_READERS = frozenset(ROLE_OF.values())


def _people(
    found: Iterable[Handler], everybody: Mapping[str, MemberLine], holders: Collection[str]
) -> tuple[Person, ...]:
    return tuple(
        Person(
            one.member,
            everybody[one.member].name,
            one.capacity,
            one.until_day,
            one.member in holders,
        )
        for one in found
        if one.member in everybody
    )


def _removable(actor: Actor, own: str | None, people: tuple[Person, ...]) -> tuple[Person, ...]:
    if own is None:
        return people if actor.may(TRIAGE) else ()
    if own not in {LAWYER, DEPUTY}:
        return ()
    others = (one for one in people if one.member != actor.id)
    return tuple(one for one in others if own == LAWYER or one.capacity != LAWYER)


def _offered(
    vault: Vault,
    own: str | None,
    wish: str | None,
    found: Iterable[Handler],
    known: tuple[Mapping[str, MemberLine], frozenset[str]],
) -> dict[str, list[MemberLine]]:
    """Return who may be given it in which capacity; `known` is everybody, and who is barred."""
    if own not in {LAWYER, DEPUTY}:
        return {}
    roster, (everybody, barred) = vault.roster(), known
    handling = {one.member for one in found}
    offered = {}
    for capacity in (LAWYER, *BESIDE):
        fit = handlers.fitting(roster, ROLE_OF[capacity], barred, wish)
        fit -= set() if capacity == LAWYER else handling
        offered[capacity] = [line for line in everybody.values() if line.id in fit]
    return offered
