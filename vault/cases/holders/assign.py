"""Giving a case, handing it over, taking it over, giving it back: by whoever holds its keys.

Each is one commit: who handles it, whose keys open it, what lists show and what the witness's box
says. Whoever loses access is left out of a new epoch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from vault import clock
from vault.cases.epochs.settling import Handlers, Table, settle
from vault.cases.holders import away, handlers
from vault.cases.holders.access import Held, hold
from vault.cases.model import ASSIGNED
from vault.consent import items
from vault.errors import (
    FormatError,
    InputError,
    NoGrantError,
    NotFoundError,
    RefusedError,
    SealError,
)
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.members.people import MemberLine
from vault.roster.roles import DEPUTY, LAWYER, TRIAGE

MAX_AT_ONCE = 50
BESIDE = tuple(items.BESIDE)
PURPOSE = "assign"


def readers(vault: Vault) -> list[MemberLine]:
    """Return the lawyers who can be given a case now, by name."""
    return handlers.offered(vault, LAWYER, None, None)


def give(vault: Vault, actor: Actor, case_id: str, lawyer_id: str, deputy_id: str | None) -> None:
    """Give a new case to a lawyer, and to a deputy who takes over if the lawyer cannot.

    The officer's and every other officer's grants end here; what comes from now on is sealed to
    keys that they never had.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: it is given already, or one of the two cannot be given it (see `handlers`).
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    held = hold(vault, actor, case_id)
    if not actor.may(TRIAGE) or held.line.status == ASSIGNED:
        raise RefusedError("this case is given already, or not yours to give")

    def decide(table: Table) -> Handlers:
        return _pair(table, lawyer_id, deputy_id)

    settle(vault, actor, held, PURPOSE, decide)


def hand_over(vault: Vault, actor: Actor, case_id: str, lawyer_id: str) -> None:
    """Give a case to another lawyer; whoever gives it opens it no more.

    The deputy stays deputy, or becomes the lawyer. What a witness released of their identity is not
    handed over: they are asked again.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: the actor is not its lawyer, or the other cannot be given it.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    held = _held_as(vault, actor, case_id, LAWYER)

    def decide(table: Table) -> Handlers:
        if lawyer_id == actor.id:
            raise RefusedError("it is theirs already")
        lawyer = table.recipient(lawyer_id, LAWYER)
        return lawyer, *table.without(actor.id, lawyer_id)

    settle(vault, actor, held, PURPOSE, decide)


def hand_over_all(
    vault: Vault, actor: Actor, case_ids: Iterable[str], lawyer_id: str
) -> tuple[int, list[tuple[str, str]]]:
    """Hand several cases over to one lawyer, each in its own commit.

    Returns:
        How many were handed over, and those that were not: case id and the code of the error.

    Raises:
        InputError: none, or more than MAX_AT_ONCE.
        RosterExpiredError: nobody may be sealed to until the roster is renewed.
    """
    chosen = tuple(dict.fromkeys(case_ids))
    if not 0 < len(chosen) <= MAX_AT_ONCE:
        raise InputError("cases")
    kept = []
    for case_id in chosen:
        try:
            hand_over(vault, actor, case_id, lawyer_id)
        except (RefusedError, NotFoundError, NoGrantError, FormatError, SealError) as error:
            kept.append((case_id, error.code))
    return len(chosen) - len(kept), kept


def set_deputy(vault: Vault, actor: Actor, case_id: str, deputy_id: str | None) -> None:
    """Choose the deputy, another one, or none; whoever was it before opens the case no more.

    Raises:
        NotFoundError, RefusedError, RosterExpiredError: as `hand_over`.
    """
    held = _held_as(vault, actor, case_id, LAWYER)

    def decide(table: Table) -> Handlers:
        before = handlers.holding(table.before, DEPUTY)
        gone = [] if before is None else [before.member]
        if deputy_id in {actor.id, *gone} or (deputy_id is None and not gone):
            raise RefusedError("no change")
        new = () if deputy_id is None else (table.recipient(deputy_id, DEPUTY),)
        return *new, *table.without(*gone, *(one.member for one in new))

    settle(vault, actor, held, PURPOSE, decide)


def take_over(vault: Vault, actor: Actor, case_id: str) -> None:
    """Let the deputy become the lawyer of a case whose lawyer has left, or is away.

    A lawyer who is away becomes the deputy: nobody loses a key, and it can be handed back.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: the actor is not its deputy, or the lawyer is there.
    """
    held = _held_as(vault, actor, case_id, DEPUTY)

    def decide(table: Table) -> Handlers:
        lawyer = handlers.holding(table.before, LAWYER)
        if lawyer is not None and not away.is_away(vault, table.connection, lawyer):
            raise RefusedError("the lawyer of this case is there")
        own = dataclasses.replace(table.recipient(actor.id, LAWYER), from_day=clock.day())
        second = () if lawyer is None else (dataclasses.replace(lawyer, capacity=DEPUTY),)
        gone = () if lawyer is None else (lawyer.member,)
        return own, *second, *table.without(actor.id, *gone)

    settle(vault, actor, held, PURPOSE, decide)


def add_reader(
    vault: Vault, actor: Actor, case_id: str, who: tuple[str, str], until_day: str | None
) -> None:
    """Give a doctor or an interpreter the part of a case that their role opens.

    Only if its witness said yes to such a reader.

    Args:
        vault: the vault.
        actor: the case's lawyer or deputy.
        case_id: which case.
        who: member id, and DOCTOR or INTERPRETER.
        until_day: the last day, YYYY-MM-DD; an interpreter always has one.

    Raises:
        NotFoundError, RefusedError, RosterExpiredError: as `hand_over`.
        NotAgreedError: the witness has not said yes to it.
        InputError: no last day where one is needed, or one that is over.
    """
    member_id, capacity = who
    held = _held_as(vault, actor, case_id, LAWYER, DEPUTY)
    if capacity not in BESIDE:
        raise InputError("capacity")
    if until_day is None and vault.roles[capacity].ends:
        raise InputError("until")
    if until_day is not None and until_day < clock.day():
        raise InputError("until")

    def decide(table: Table) -> Handlers:
        if any(one.member == member_id for one in table.before):
            raise RefusedError("they handle it already")
        new = dataclasses.replace(table.recipient(member_id, capacity), until_day=until_day)
        return *table.before, new

    settle(vault, actor, held, PURPOSE, decide)


def give_back(vault: Vault, actor: Actor, case_id: str) -> None:
    """Give a case back to the intake officers, as a new one; nobody who handled it opens it then.

    Notes stay sealed to the recovery key alone, unless roles.toml lets officers hold `work`.

    Raises:
        NotFoundError, RefusedError, RosterExpiredError: as `hand_over`.
    """
    held = _held_as(vault, actor, case_id, LAWYER)
    settle(vault, actor, held, PURPOSE, lambda _: ())


def _pair(table: Table, lawyer_id: str, deputy_id: str | None) -> Handlers:
    lawyer = table.recipient(lawyer_id, LAWYER)
    if not deputy_id:
        return (lawyer,)
    if deputy_id == lawyer_id:
        raise RefusedError("the deputy is somebody else")
    return lawyer, table.recipient(deputy_id, DEPUTY)


def _held_as(vault: Vault, actor: Actor, case_id: str, *capacities: str) -> Held:
    held = hold(vault, actor, case_id)
    if held.line.capacity not in capacities:
        raise RefusedError("not for who handles it in this capacity")
    return held
