"""Keeping a case longer or less long, and holding it: by those who handle it, seen by everybody.

What makes it end earlier is announced for weeks before anything happens; the box says the day, the
log who set it, and whoever else handles the case, or gives cases, can hold it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from vault import clock
from vault.cases.ending import retention
from vault.cases.ending.retention import REASONS, Keeping
from vault.cases.holders.access import Held, hold
from vault.cases.lists.lines import touch
from vault.cases.model import ASSIGNED, CaseLine
from vault.cases.reveal import queue_boxes
from vault.cases.reveal.opening import opened_account
from vault.errors import InputError, RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import Value
from vault.members.actor import Actor
from vault.roster.roles import DEPUTY, LAWYER

PURPOSE = "retention"
MOST_DAYS = 36_500

Change = Callable[[Transaction, Keeping | None], None]


@dataclass(frozen=True)
class Shown:
    """What the page of a case shows and offers.

    Args:
        keeping: until when it is kept; None: the log states no day.
        soon: its end is near enough to be announced.
        may_set: the reader may set its end.
        may_hold: the reader may hold it.
        earliest: the first day that can be set as its end.
        latest: the last one.
        longest: the last day of a hold.
    """

    keeping: Keeping | None
    soon: bool
    may_set: bool
    may_hold: bool
    earliest: str
    latest: str
    longest: str


def look(vault: Vault, line: CaseLine) -> Shown:
    """Return until when a case is kept.

    Args:
        vault: the vault.
        line: as whoever holds a key of it was shown the case.
    """
    with vault.database.read() as connection:
        keeping = retention.of_case(connection, line.id)
    horizon = retention.later(clock.day(), vault.settings.retention.warn_days)
    soon = keeping is not None and keeping.ends <= horizon
    return Shown(keeping, soon, decides(line), holds(line), *bounds(vault))


def decides(line: CaseLine) -> bool:
    """Say whether somebody may set the end of a case: its lawyer, deputy, or an officer."""
    return line.capacity in {LAWYER, DEPUTY} or line.status != ASSIGNED


def holds(line: CaseLine) -> bool:
    """Say whether somebody may hold a case: its lawyer or deputy."""
    return line.capacity in {LAWYER, DEPUTY}


def bounds(vault: Vault) -> tuple[str, str, str]:
    """Return the first day that can be set as the end, and the last of an end and of a hold."""
    settings, today = vault.settings.retention, clock.day()
    days = (settings.notice_days, MOST_DAYS, settings.hold_days)
    earliest, latest, longest = (retention.later(today, number) for number in days)
    return earliest, latest, longest


def set_end(vault: Vault, actor: Actor, case_id: str, day: str) -> None:
    """Set from which day on a case is erased by itself; the witness's box says it.

    Args:
        vault: the vault.
        actor: its lawyer or deputy; of a new account, an intake officer.
        case_id: which case.
        day: not before the notice that everybody has to have.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: not for who handles it in this capacity, or no change.
        InputError: no day, too soon, or too far.
        NoGrantError: they do not hold what the box is written with.
    """
    held = checked_end(vault, actor, case_id, day)

    def change(transaction: Transaction, now: Keeping | None) -> None:
        if now is not None and now.until == day:
            raise RefusedError("no change")
        _log(transaction, actor, held, retention.SET, {"until": day})

    _write(vault, actor, held, change)


def set_hold(vault: Vault, actor: Actor, case_id: str, day: str, reason: str) -> None:
    """Hold a case until a day, whatever its end; the witness can delete it all the same.

    Args:
        vault: the vault.
        actor: its lawyer or deputy.
        case_id: which case.
        day: the last of it.
        reason: one of REASONS: the log and the box show it, so nobody's words.

    Raises:
        NotFoundError, RefusedError, InputError, NoGrantError: as `set_end`.
    """
    held = checked_hold(vault, actor, case_id, day, reason)

    def change(transaction: Transaction, now: Keeping | None) -> None:
        if now is None or (now.held, now.reason) == (day, reason):
            raise RefusedError("no change")
        _log(transaction, actor, held, retention.HELD, {"until": day, "reason": reason})

    _write(vault, actor, held, change)


def free(vault: Vault, actor: Actor, case_id: str) -> None:
    """Take a hold away; what ends because of it is announced before it is erased.

    Raises:
        NotFoundError, RefusedError, NoGrantError: as `set_end`.
    """
    held = checked_free(vault, actor, case_id)

    def change(transaction: Transaction, now: Keeping | None) -> None:
        if now is None or now.held is None:
            raise RefusedError("it is not held")
        _log(transaction, actor, held, retention.FREED, {})

    _write(vault, actor, held, change)


def checked_end(vault: Vault, actor: Actor, case_id: str, day: str) -> Held:
    """Return the case if this end may be set; nothing is opened. Raises as `set_end`."""
    held = hold(vault, actor, case_id)
    if not decides(held.line):
        raise RefusedError("not for who handles it in this capacity")
    earliest, latest, _ = bounds(vault)
    _check_day(day, earliest, latest)
    return held


def checked_hold(vault: Vault, actor: Actor, case_id: str, day: str, reason: str) -> Held:
    """Return the case if this hold may be set; nothing is opened. Raises as `set_hold`."""
    held = _held_to_hold(vault, actor, case_id)
    if reason not in REASONS:
        raise InputError("reason")
    _check_day(day, retention.later(clock.day(), 1), bounds(vault)[2])
    return held


def checked_free(vault: Vault, actor: Actor, case_id: str) -> Held:
    """Return the case if its hold may be taken away; nothing is opened. Raises as `free`."""
    held = _held_to_hold(vault, actor, case_id)
    with vault.database.read() as connection:
        now = retention.of_case(connection, held.line.id)
    if now is None or now.held is None:
        raise RefusedError("it is not held")
    return held


def _held_to_hold(vault: Vault, actor: Actor, case_id: str) -> Held:
    held = hold(vault, actor, case_id)
    if not holds(held.line):
        raise RefusedError("not for who handles it in this capacity")
    return held


def _check_day(day: str, earliest: str, latest: str) -> None:
    try:
        spelled = date.fromisoformat(day).isoformat()
    except ValueError:
        raise InputError("until") from None
    if spelled != day or not earliest <= day <= latest:
        raise InputError("until")


def _log(
    transaction: Transaction, actor: Actor, held: Held, kind: str, detail: dict[str, Value]
) -> None:
    transaction.log(kind, actor.id, {"case": held.line.id}, detail)


def _write(vault: Vault, actor: Actor, held: Held, change: Change) -> None:
    """Make a change, let lists and the witness's box follow it, in one commit."""
    account = opened_account(vault, actor, held, PURPOSE)
    with vault.journal.transaction() as transaction:
        connection, case_id = transaction.connection, held.line.id
        change(transaction, retention.of_case(connection, case_id))
        retention.state(transaction, case_id)
        touch(connection, case_id)
        queue_boxes(vault, transaction, held, account)
        transaction.log("box.written", actor.id, {"case": case_id})
