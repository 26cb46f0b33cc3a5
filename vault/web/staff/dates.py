"""Dates as witnesses give them: days with their precision in words, and their own words in quotes.

The uncertainty of a date is never rounded away: "about" stays "about", a month stays a month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from vault.web.inside.pages import text

ABOUT, EXACT = "about", "day"
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_HOURS = 24

ADULT, MINOR = "date.over_adult", "date.over_minor"  # what is said of each
_MOST = {ADULT: 48, MINOR: 24}  # hours in a police cell, as the Coalition's report states the law


def in_words(value: Mapping[str, Any], precision: str) -> str:
    """Return a date as a sentence's part.

    Args:
        value: {"from", "to", "precision", "text"}, each of which may be missing or odd.
        precision: the words of its code, in the reader's language; empty if there is none.
    """
    exact = value.get("precision") == EXACT
    days = _days(value.get("from"), value.get("to"), "date.span" if exact else "date.between")
    if days and value.get("precision") == ABOUT:
        days, precision = text("date.about", date=days), ""
    own = value.get("text")
    quoted = text("date.quoted", text=own) if own else ""
    return " · ".join(part for part in (days, precision, quoted) if part)


def unregistered(real: Any, registered: Any, ages: Iterable[str] = ()) -> str | None:
    """Return how long a detention was not registered; None unless both are exact days in order.

    It is computed from the days alone and says so: the hours within them are not known. So is what
    goes beyond the time for which the law lets somebody be held by the police.

    Args:
        real: when it began.
        registered: when the papers say that it began.
        ages: ADULT, MINOR, or both if it is not known: whose limits are said.
    """
    days = [_exact(value) for value in (real, registered)]
    if days[0] is None or days[1] is None or days[1] <= days[0]:
        return None
    between = (days[1] - days[0]).days
    hours = between * _HOURS
    said = text("date.unregistered", hours=hours, days=between)
    beyond = [age for age in ages if hours > _MOST[age]]
    over = [text(age, over=hours - _MOST[age], most=_MOST[age]) for age in beyond]
    return " ".join([said, *over])


def _days(first: Any, last: Any, both: str) -> str:
    one, other = _day(first), _day(last)
    if one and other and one != other:
        return text(both, first=one, last=other)
    return one or (text("date.until", date=other) if other else "")


def _day(value: Any) -> str:
    """Return 11.01.2022, 01.2022 or 2022; anything else as it stands there."""
    if not value:
        return ""
    found = _DAY.fullmatch(str(value))
    return str(value) if found is None else ".".join(part for part in found.groups()[::-1] if part)


def _exact(value: Any) -> date | None:
    if not isinstance(value, Mapping) or value.get("precision") not in (EXACT, None):
        return None
    first, last = value.get("from"), value.get("to")
    if last not in (None, first) or not isinstance(first, str):
        return None
    try:
        return date.fromisoformat(first)
    except ValueError:
        return None
