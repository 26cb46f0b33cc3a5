"""Who holds which keys of a case, and as what. Keys decide; a role that ended takes them away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, select

from vault import clock
from vault.cases.epochs.keys import checked_header, newest_epoch, seeds_of
from vault.cases.holders import stated
from vault.cases.lists.lines import lines_of
from vault.cases.model import NEW, ROLE_OF, SET_ASIDE, CaseLine
from vault.custody import bars, erasure
from vault.errors import NoGrantError, NotFoundError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment, Seeds
from vault.members.actor import Actor
from vault.packet.build import newest_publics
from vault.packet.format import Header
from vault.storage.tables.cases import assignments, cases, testimonies

REFUSED = "refused"


@dataclass(frozen=True)
class Held:
    """A case with the keys that one member holds of it.

    Args:
        line: the case.
        role: in which the member holds them: that of their capacity, or intake officer.
        testimony: id of its testimony.
        header: verified to be that testimony's.
        seeds: of the testimony's compartments; a doctor has none of the account.
        work: seeds of the case's own compartment.
        vouched: what receipts vouched for, by the log.
    """

    line: CaseLine
    role: str
    testimony: str
    header: Header
    seeds: Seeds = field(repr=False)
    work: Seeds = field(repr=False)
    vouched: frozenset[str] = frozenset()


def hold(vault: Vault, actor: Actor, case_id: str) -> Held:
    """Return a case and the actor's keys of it.

    Raises:
        NotFoundError: no such case, no key of it, or a grant that outlived its role, its last day
            or its assignment, or was put back. The same answer for all, and counted in the ledger.
    """
    held = _find(vault, actor, case_id)
    if held is None:
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    return held


def sealing_key(
    vault: Vault, connection: Connection, held: Held, compartment: Compartment
) -> tuple[int, bytes]:
    """Return the newest epoch and public key of a compartment, for somebody who holds its seed.

    Nothing is sealed to a key that only the database names: a swapped key, or the return of one
    that somebody who lost access still opens, would show here.

    Raises:
        NoGrantError: the newest key that verifies is not the newest one held.
        NotFoundError: the subject was erased a moment ago.
    """
    work = compartment is Compartment.WORK
    subject, seeds = (held.line.id, held.work) if work else (held.testimony, held.seeds)
    erasure.needed(vault, (subject,))
    epoch = newest_epoch(vault, connection, subject)
    publics = newest_publics({} if work else held.header.publics, epoch and epoch[0])
    number, public = publics.get(compartment, (0, b""))
    key = seeds.key(compartment, number)
    if key is None or key.public != public or number != seeds.latest(compartment):
        raise NoGrantError("the newest key is not the one held")
    if not work and number <= stated.renewals(connection, held.line.id):
        raise NoGrantError("keys that were left behind have been put back")
    return number, public


def in_force(until_day: str | None) -> bool:
    """Say whether an assignment with this last day still holds today."""
    return until_day is None or clock.day() <= until_day


def _find(vault: Vault, actor: Actor, case_id: str) -> Held | None:
    mine = and_(assignments.c.case_id == cases.c.id, assignments.c.member_id == actor.id)
    wanted = select(cases, assignments.c.capacity, assignments.c.until_day).outerjoin(
        assignments, mine
    )
    wanted = wanted.where(cases.c.id == case_id)
    with vault.database.read() as connection:
        row = connection.execute(wanted).one_or_none()
        role = None if row is None else _role(connection, actor, row)
        if role is None:
            return None
        (line,) = lines_of(connection, wanted, {})
        query = select(testimonies).where(testimonies.c.case_id == case_id)
        for testimony in connection.execute(query.order_by(testimonies.c.id)).all():
            header = checked_header(testimony.id, testimony.header)
            seeds = seeds_of(vault, connection, actor, testimony.id, header)
            if header is not None and seeds.by_epoch:
                work = seeds_of(vault, connection, actor, case_id)
                vouched = stated.vouched(connection, case_id)
                return Held(line, role, testimony.id, header, seeds, work, vouched)
    return None


def _role(connection: Connection, actor: Actor, row: Any) -> str | None:
    """Return as what the actor handles a case now, None if they do not, or may not see it."""
    if row.capacity is None and row.status not in {NEW, SET_ASIDE}:
        return None
    given = stated.given(connection, row.id).get(actor.id, (None, None))
    if given != (row.capacity, row.until_day) or actor.id in bars.of_case(connection, row.id):
        return None
    role = ROLE_OF[row.capacity]
    return role if role in actor.roles and in_force(row.until_day) else None
