"""The gate asked with what a use brings: how many accounts, which file, for whom, who is left.

Each answer is the gate's own: default no, what is narrowed counts at once. docs/spec/consent.md.
"""

from __future__ import annotations

from enum import StrEnum

from vault.consent import items
from vault.consent.gate import Decision, decide, may
from vault.consent.history import FIRST, SECOND, History
from vault.consent.items import MOST_OTHERS, THRESHOLD


class Viewer(StrEnum):
    """To whom a file may be shown besides those who handle the case."""

    DOCTOR = "doctor"
    COURT = "court"


class Absence(StrEnum):
    """Why a witness cannot be asked: died or was taken, or does not come any more."""

    TAKEN = "taken"
    UNREACHABLE = "unreachable"


class Decides(StrEnum):
    """Who decides what the witness left open; nobody: nothing further is done."""

    TRUSTED_PERSON = "trusted_person"
    LAWYER = "lawyer"
    NOBODY = "nobody"


def may_compare(others: int, history: History, now: str, delay: int) -> Decision:
    """Return whether an account may be compared with `others` accounts besides itself (C09).

    The witness may have asked for more. Fewer than said before is a widening and waits.

    Args:
        others: 1 or more.
        history: everything that was said.
        now: RFC 3339 moment.
        delay: seconds that a widening waits at least.

    Raises:
        ValueError: there is nothing to compare with.
    """
    if others < 1:
        raise ValueError("others")
    allowed = may(items.COMPARE, history, now, delay)
    said = history.of(THRESHOLD.id, FIRST) or history.of(THRESHOLD.id, SECOND)
    if not allowed.allowed or not said:
        return allowed
    enough = MOST_OTHERS + 1 - min(others, MOST_OTHERS)
    return decide(THRESHOLD, enough, history, now, delay)


def may_tell_of_others(others: int, history: History, now: str, delay: int) -> Decision:
    """Return whether a witness may be told in their box that others speak (C10), if they compare.

    What the others allow is asked of each of them. Arguments, and errors, as of `may_compare`.
    """
    compared = may_compare(others, history, now, delay)
    return may(items.TOLD_OF_OTHERS, history, now, delay) if compared.allowed else compared


def may_show(file: str, viewer: Viewer, history: History, now: str, delay: int) -> Decision:
    """Return whether one file may be shown to one kind of viewer: C15, and the file's own word."""
    every = may(items.FILES, history, now, delay)
    own = items.shown_to(file, viewer)
    return decide(own, 1, history, now, delay) if every.allowed else every


def who_decides(
    absence: Absence, history: History, now: str, delay: int
) -> tuple[Decides, Decision]:
    """Return who decides while the witness cannot be asked (C16, C17), and by which word."""
    trusted = may(items.TRUSTED, history, now, delay)
    if absence is Absence.TAKEN and trusted.allowed:
        return Decides.TRUSTED_PERSON, trusted
    lawyer = may(items.UNREACHABLE, history, now, delay)
    return (Decides.LAWYER if lawyer.allowed else Decides.NOBODY), lawyer
