"""Cases that were given, for those who see that they go on: who handles them, and which wait.

For intake officers, and for administrators those that nobody can open. Neither opens anything by
it: without a deputy a case waits for the trustees, never for an administrator.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from vault.cases.holders.access import in_force
from vault.cases.model import ASSIGNED, ROLE_OF, code_of
from vault.custody import bars
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.members.people import names
from vault.roster.model import RECOVERY
from vault.roster.roles import LAWYER, MACHINE, TRIAGE
from vault.storage.tables.cases import assignments, cases, grants, testimonies

REFUSED = "refused"
FINE, DUE, WITHOUT_LAWYER, TRUSTEES, LOST = "fine", "due", "without_lawyer", "trustees", "lost"
STATES = (LOST, TRUSTEES, WITHOUT_LAWYER, DUE, FINE)
"""From what cannot be opened any more to what goes on as it should."""


@dataclass(frozen=True)
class Given:
    """One case.

    Args:
        id: case id.
        active: day of the last activity.
        state: one of STATES.
        people: name and capacity of who handles it, lawyer first.
    """

    id: str
    active: str
    state: str
    people: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def code(self) -> str:
        """The short code that people say."""
        return code_of(self.id)


def given_cases(vault: Vault, actor: Actor) -> list[Given]:
    """Return the given cases that the actor may know of, those that wait first; one entry.

    Raises:
        NotFoundError: neither intake officer nor administrator.
    """
    if not (actor.may(TRIAGE) or actor.may(MACHINE)):
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    with vault.journal.transaction() as transaction:
        barred = bars.of_member(transaction.connection, actor.id)
        lines = [line for line in _lines(vault, transaction.connection) if line.id not in barred]
        if not actor.may(TRIAGE):
            lines = [line for line in lines if line.state in {TRUSTEES, LOST}]
        transaction.log("list", actor.id, {}, {"what": "given", "count": len(lines)})
    return lines


def _lines(vault: Vault, connection: Connection) -> list[Given]:
    people = names(vault)
    handled: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(select(assignments)):
        if in_force(row.until_day):
            handled.setdefault(row.case_id, []).append((row.member_id, row.capacity))
    holders: dict[str, set[str]] = {}
    held = select(testimonies.c.case_id, grants.c.member_id).join(
        grants, grants.c.subject == testimonies.c.id
    )
    for row in connection.execute(held.distinct()):
        holders.setdefault(row.case_id, set()).add(row.member_id)
    query = select(cases).where(cases.c.status == ASSIGNED).order_by(cases.c.changed_day.desc())
    order = list(ROLE_OF)
    lines = []
    for row in connection.execute(query):
        found = sorted(handled.get(row.id, []), key=lambda one: order.index(one[1]))
        state = _state(found, holders.get(row.id, set()), due=bool(row.keys_due))
        named = tuple((people.get(member, ""), capacity) for member, capacity in found)
        lines.append(Given(row.id, row.changed_day, state, named))
    return sorted(lines, key=lambda line: STATES.index(line.state))


def _state(handled: list[tuple[str, str]], holders: set[str], *, due: bool) -> str:
    """Return what a case waits for."""
    able = {member for member, capacity in handled if ROLE_OF[capacity] == LAWYER} & holders
    if not able:
        return TRUSTEES if RECOVERY in holders else LOST
    if not any(capacity == LAWYER for _, capacity in handled):
        return WITHOUT_LAWYER
    return DUE if due else FINE
