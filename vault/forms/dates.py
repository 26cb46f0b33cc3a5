"""Dates as people type them: 11.01.2022, 01.2022, 2022, and the ISO way round.

What is typed is stored as YYYY-MM-DD, YYYY-MM or YYYY (ISO 8601). Anything else is no day; it is
never refused, the reader of a page keeps it in the words of whoever wrote it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DAY_FIRST: Final = re.compile(r"(?:(?:([0-9]{1,2})[./])?([0-9]{1,2})[./])?([0-9]{4})")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?")


def to_iso(typed: str) -> str | None:
    """Return a typed date as stored; None if it names no day, month or year of the calendar."""
    text = typed.strip()
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    elif match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part.zfill(2) for part in (year, month, day) if part)
