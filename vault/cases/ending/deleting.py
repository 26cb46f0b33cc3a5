"""Deletion asked for by a receipt: noted with its day, stopped by the receipt or by the lawyer.

Every instruction is kept as it came, sealed to the collector: which receipt it is from shows only
to an unlocked vault, which verifies its MAC again when the day has come. The second receipt's are
kept and entered alike, and erase nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from vault import clock
from vault.cases.arriving.instructed import FIRST, claimed, collector_keys, instructed, mac_keys
from vault.cases.holders.access import Held, hold
from vault.cases.lists.lines import touch
from vault.cases.model import CaseLine
from vault.crypto.seal import OpeningKey, seal
from vault.custody import erasure
from vault.errors import RefusedError, WitnessVaultError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import WITNESS
from vault.members.actor import Actor
from vault.packet.deletion import DELETE, Instructed, parse
from vault.roster.roles import DEPUTY, LAWYER
from vault.storage.tables.cases import deletions, testimonies

ASKED, STOPPED = "erasure.asked", "erasure.stopped"


@dataclass(frozen=True)
class Kept:
    """One instruction as it is kept: its row, which receipt it is from, what it asks for."""

    row: Any
    which: int
    asks: Instructed

    @property
    def waits(self) -> bool:
        """Whether it is going to be carried out."""
        return self.row.due_day is not None

    @property
    def is_due(self) -> bool:
        """Whether its day has come."""
        return self.waits and bool(self.row.due_day <= clock.day())


@dataclass(frozen=True)
class Deletion:
    """What who handles a case is shown.

    Args:
        asked: day on which it came.
        due: from which day on it is carried out.
        second: it came from the second receipt: nothing will be erased.
    """

    asked: str
    due: str
    second: bool


def take(
    vault: Vault,
    transaction: Transaction,
    keys: Sequence[OpeningKey],
    subject: dict[str, str],
    given: tuple[str, bytes, int, Instructed],
) -> None:
    """Note an asking or a stop. What comes late, after what stops it, changes nothing.

    Args:
        vault: the vault.
        transaction: of the slot.
        keys: the collector's.
        subject: testimony, and case while there is one.
        given: packet id, collector part, which receipt, and what it asks for.

    Raises:
        FormatError: its box is none.
    """
    packet, sealed, which, asks = given
    if asks.name == DELETE:
        seal(asks.box, b"", b"")  # some keys are well-formed and nothing can be sealed to them
    connection, due, testimony = transaction.connection, None, subject["testimony"]
    own = [one for one in kept(connection, keys, testimony) if one.which == which]
    if asks.name == DELETE:
        if all(one.asks.number < asks.number for one in own):
            due = clock.day(clock.now() + vault.settings.erasure.delay_days * clock.DAY)
    else:
        # The keys go first: of what was begun the rest is swept, whoever stops it now.
        begun = which == FIRST and erasure.find(vault, testimony) is None
        early = [one for one in own if not (begun and one.is_due)]
        _stop(connection, [one for one in early if one.asks.number <= asks.number])
    if all((one.asks.name, one.asks.number) != (asks.name, asks.number) for one in own):
        connection.execute(
            deletions.insert().values(
                packet=packet,
                testimony=testimony,
                sealed=sealed,
                day=clock.day(),
                due_day=due,
                seen_day=clock.day(),
            )
        )
    _drop_over(connection, [one for one in kept(connection, keys, testimony) if one.which == which])
    transaction.log(ASKED if asks.name == DELETE else STOPPED, WITNESS, subject)


def kept(connection: Connection, keys: Sequence[OpeningKey], testimony: str) -> list[Kept]:
    """Return the instructions of a testimony's receipts; a row that was changed gives nothing."""
    stored = select(testimonies).where(testimonies.c.id == testimony)
    told = connection.execute(stored).one_or_none()
    query = select(deletions).where(deletions.c.testimony == testimony)
    found = list[Kept]()
    try:
        macs = None if told is None else mac_keys(keys, told)
    except WitnessVaultError:
        return found
    for row in connection.execute(query).all():
        came = (row.packet, row.sealed)
        try:
            which, instruction = (
                claimed(keys, testimony, *came)
                if told is None
                else instructed(keys, told, *came, macs)
            )
            found.append(Kept(row, which, parse(instruction)))
        except WitnessVaultError:
            continue
    return found


def told(vault: Vault, connection: Connection, testimony: str) -> dict[str, Any]:
    """Return what the witness's box says: the newest asking known, and whether it was stopped."""
    first = _of_first(vault, connection, testimony)
    newest = max(first, key=lambda one: one.asks.number, default=None)
    if newest is None:
        return {"number": 0, "stopped": None}
    number = newest.asks.number
    same = (one.row.stopped_day for one in first if one.asks.number == number)
    return {"number": number, "stopped": next(filter(None, same), None)}


def look(vault: Vault, line: CaseLine, testimony: str) -> Deletion | None:
    """Return the deletion that a case waits for, None if there is none or it is not theirs to see.

    Args:
        vault: the vault.
        line: as whoever holds a key of it was shown the case.
        testimony: its testimony's id.
    """
    if line.capacity not in {LAWYER, DEPUTY}:
        return None
    with vault.database.read() as connection:
        waiting = [one for one in _all(vault, connection, testimony) if one.waits]
    if not waiting:
        return None
    shown = min(waiting, key=lambda one: (one.which, one.row.due_day))
    return Deletion(shown.row.day, shown.row.due_day, shown.which != FIRST)


def due_of_cases(vault: Vault, connection: Connection, chosen: Select[Any]) -> dict[str, str]:
    """Return from which day on cases are erased, as their first receipts asked.

    Args:
        vault: the vault.
        connection: open.
        chosen: selects case ids.
    """
    query = (
        select(testimonies.c.case_id, testimonies.c.id)
        .join(deletions, deletions.c.testimony == testimonies.c.id)
        .where(deletions.c.due_day.is_not(None), testimonies.c.case_id.in_(chosen))
        .distinct()
    )
    found: dict[str, str] = {}
    for case_id, testimony in connection.execute(query).all():
        waiting = (one for one in _of_first(vault, connection, testimony) if one.waits)
        found.update((case_id, one.row.due_day) for one in waiting)
    return found


def check_waits(vault: Vault, actor: Actor, case_id: str) -> None:
    """Return if the actor may stop something that a case waits for; nothing is opened by it.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: they are neither its lawyer nor its deputy, or nothing waits.
    """
    held = hold(vault, actor, case_id)
    found = look(vault, held.line, held.testimony)
    if found is None or found.second:
        raise RefusedError("there is no deletion to stop")


def stop(vault: Vault, transaction: Transaction, actor: Actor, held: Held) -> None:
    """Stop what the first receipt asked for, inside a transaction.

    Raises:
        RefusedError: nothing waits any more.
    """
    connection = transaction.connection
    waiting = [one for one in _of_first(vault, connection, held.testimony) if one.waits]
    if not waiting:
        raise RefusedError("there is no deletion to stop")
    _stop(connection, waiting, clock.day())
    touch(connection, held.line.id)
    transaction.log(STOPPED, actor.id, {"case": held.line.id, "testimony": held.testimony})


def _of_first(vault: Vault, connection: Connection, testimony: str) -> list[Kept]:
    return [one for one in _all(vault, connection, testimony) if one.which == FIRST]


def _all(vault: Vault, connection: Connection, testimony: str) -> list[Kept]:
    """Return all of a testimony's; usually there is none, and then no key is asked for."""
    any_of_it = select(deletions.c.packet).where(deletions.c.testimony == testimony)
    if connection.execute(any_of_it.limit(1)).first() is None:
        return []
    return kept(connection, collector_keys(vault), testimony)


def _drop_over(connection: Connection, own: Sequence[Kept]) -> None:
    """Drop what a newer instruction of the same receipt has made meaningless.

    So one receipt, however often it asks and stops, leaves few rows to verify at every look.
    """
    newest = max((one.asks.number for one in own), default=0)
    over = [one.row.packet for one in own if not one.waits and one.asks.number < newest]
    connection.execute(deletions.delete().where(deletions.c.packet.in_(over)))


def _stop(connection: Connection, these: Sequence[Kept], by_lawyer: str | None = None) -> None:
    packets = [one.row.packet for one in these]
    change = deletions.update().where(deletions.c.packet.in_(packets))
    connection.execute(change.values(due_day=None, stopped_day=by_lawyer))
