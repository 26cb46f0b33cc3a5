"""What is worth a question, as data: one line each, from the settings.

    many  KINDS COUNT SECONDS    one member, so many different cases within so long
    hours KINDS FROM-TO DAYS     outside these hours, or not on one of these days (1: Monday)
    soon  KINDS AFTER SECONDS    so soon after the same member was given the same case
    first KINDS AFTER            the first of a case after this happened to it

KINDS are kinds of entries with commas between, AFTER is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vault.errors import SettingError
from vault.ledger.entry import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MANY, HOURS, SOON, FIRST = SHAPES = ("many", "hours", "soon", "first")
MAX_COUNT, MAX_SECONDS, DAY_HOURS, WEEK = 1_000, 31_536_000, 24, 7


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        shape: one of SHAPES.
        kinds: the entries that it is about.
        after: for `soon` and `first`: the kind that must come before.
        count: for `many`: of how many cases.
        within: for `many` and `soon`: seconds.
        begin: for `hours`: the first hour of work.
        end: for `hours`: the hour at which it ends.
        days: for `hours`: ISO numbers of the days of work.
    """

    shape: str
    kinds: frozenset[str]
    after: str = ""
    count: int = 0
    within: int = 0
    begin: int = 0
    end: int = DAY_HOURS
    days: frozenset[int] = frozenset(range(1, WEEK + 1))


def parse(lines: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules that the settings state.

    Raises:
        SettingError: names the line that is none.
    """
    return tuple(_rule(line) for line in lines)


def _rule(line: str) -> Rule:
    try:
        shape, kinds, *values = line.split()
        rule = Rule(shape, frozenset(kinds.split(",")), **_VALUES[shape](*values))
        if not rule.kinds <= KINDS or (rule.after and rule.after not in KINDS):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise SettingError(f"flags.rules: “{line}” is no rule") from None
    return rule


def _many(count: str, within: str) -> dict[str, int]:
    return {"count": _number(count, 2, MAX_COUNT), "within": _number(within, 1, MAX_SECONDS)}


def _hours(hours: str, days: str) -> dict[str, int | frozenset[int]]:
    begin, end = _span(hours, 0, DAY_HOURS)
    first, last = _span(days, 1, WEEK)
    if begin == end:
        raise ValueError
    return {"begin": begin, "end": end, "days": frozenset(range(first, last + 1))}


def _soon(after: str, within: str) -> dict[str, str | int]:
    return {"after": after, "within": _number(within, 1, MAX_SECONDS)}


def _first(after: str) -> dict[str, str]:
    return {"after": after}


_VALUES: dict[str, Callable[..., dict[str, Any]]] = {
    MANY: _many,
    HOURS: _hours,
    SOON: _soon,
    FIRST: _first,
}


def _span(text: str, least: int, most: int) -> tuple[int, int]:
    first, _, last = text.partition("-")
    low, high = _number(first, least, most), _number(last, least, most)
    if low > high:
        raise ValueError
    return low, high


def _number(text: str, least: int, most: int) -> int:
    number = int(text)
    if not least <= number <= most:
        raise ValueError
    return number
