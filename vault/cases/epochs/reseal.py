"""Sealing the keys of a case to the new keys of somebody who handles it already.

Whoever loses a passphrase enrols anew and opens nothing. A colleague who handles the case with them
compares the fingerprint aloud, and gives them its keys: nothing opens silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, exists, select

from vault import clock
from vault.cases.epochs.settling import Handlers, Table, settle
from vault.cases.holders import handlers
from vault.cases.holders.access import hold
from vault.cases.holders.assign import MAX_AT_ONCE
from vault.errors import RefusedError, WitnessVaultError
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.members.people import names
from vault.roster.roles import DEPUTY, LAWYER
from vault.storage.tables.cases import assignments, grants, testimonies

PURPOSE = "reseal"


@dataclass(frozen=True)
class NewKeys:
    """Somebody with new keys who handles cases of a member.

    Args:
        member: id.
        name: as colleagues call them.
        fingerprint: of the new keys, to compare aloud.
        cases: ids of the cases that both handle and only one can open.
    """

    member: str
    name: str = field(repr=False)
    fingerprint: str
    cases: tuple[str, ...]


def waiting(vault: Vault, actor: Actor, case_id: str | None = None) -> list[NewKeys]:
    """Return who waits for the actor to give them the keys of cases again.

    Args:
        vault: the vault.
        actor: lawyer or deputy of the cases.
        case_id: of one case only; None: of all.
    """
    with vault.database.read() as connection:
        found = _without_keys(connection, actor, case_id)
    roster, people, moment = vault.roster(), names(vault), clock.moment()
    lines = []
    for member_id, cases in sorted(found.items()):
        member = roster.member(member_id)
        if member is not None and member.active(moment):
            name = people.get(member_id, "")
            lines.append(NewKeys(member_id, name, member.fingerprint, tuple(sorted(cases))))
    return lines


def reseal(vault: Vault, actor: Actor, case_id: str, member_id: str, fingerprint: str) -> None:
    """Give a handler without keys those of a case.

    Args:
        vault: the vault.
        actor: lawyer or deputy of the case, with its keys.
        case_id: which case.
        member_id: who has new keys.
        fingerprint: as the actor compared it.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: the actor is neither lawyer nor deputy, the other has keys or does not handle
            it, may not be given it any more, or has other keys than were compared.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    held = hold(vault, actor, case_id)
    member = vault.roster().member(member_id)
    if held.line.capacity not in {LAWYER, DEPUTY}:
        raise RefusedError("only lawyer and deputy give keys again")
    if member is None or member.fingerprint != fingerprint:
        raise RefusedError("not the keys that were compared")
    with vault.database.read() as connection:
        if member_id not in _without_keys(connection, actor, case_id):
            raise RefusedError("they hold keys of it, or do not handle it")

    def decide(table: Table) -> Handlers:
        for one in table.without(actor.id):
            if one.member == member_id:
                table.recipient(member_id, one.capacity)
        return table.before

    settle(vault, actor, held, PURPOSE, decide, frozenset({member_id}))


def reseal_all(vault: Vault, actor: Actor, member_id: str, fingerprint: str) -> tuple[int, int]:
    """Give somebody the keys of all cases that both handle, up to MAX_AT_ONCE at a time.

    Returns:
        How many they were given, and how many are left.
    """
    shared = [one.cases for one in waiting(vault, actor) if one.member == member_id]
    chosen = shared[0] if shared else ()
    done = sum(
        _resealed(vault, actor, case_id, (member_id, fingerprint))
        for case_id in chosen[:MAX_AT_ONCE]
    )
    return done, len(chosen) - done


def _resealed(vault: Vault, actor: Actor, case_id: str, who: tuple[str, str]) -> bool:
    try:
        reseal(vault, actor, case_id, *who)
    except WitnessVaultError:
        return False
    return True


def _without_keys(
    connection: Connection, actor: Actor, case_id: str | None
) -> dict[str, list[str]]:
    """Return the cases of which the actor holds keys and another handler none, by that member."""
    own, other = assignments.alias("own"), assignments.alias("other")
    held, theirs = grants.alias("held"), grants.alias("theirs")
    query = (
        select(other.c.member_id, other.c.case_id)
        .join(own, own.c.case_id == other.c.case_id)
        .join(testimonies, testimonies.c.case_id == other.c.case_id)
        .where(
            own.c.member_id == actor.id,
            own.c.capacity.in_((LAWYER, DEPUTY)),
            other.c.member_id != actor.id,
            other.c.until_day.is_(None) | (other.c.until_day >= clock.day()),
            exists().where(held.c.subject == testimonies.c.id, held.c.member_id == actor.id),
            ~exists().where(
                theirs.c.subject == testimonies.c.id, theirs.c.member_id == other.c.member_id
            ),
        )
        .distinct()
    )
    if case_id is not None:
        query = query.where(other.c.case_id == case_id)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        if any(one.member == row.member_id for one in handlers.of_case(connection, row.case_id)):
            found.setdefault(row.member_id, []).append(row.case_id)
    return found
