"""The one place that asks what time it is. Pure packages get times passed in.

All times are UTC. Strings are RFC 3339: `2026-11-22T10:15:00Z` for a moment, `2026-11-22` for a
day. What a witness does is only ever dated by the day.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

HOUR, DAY = 3_600, 86_400
"""Seconds of an hour, and of a day."""


def now() -> int:
    """Return seconds since the epoch."""
    return int(time.time())


def was_set_forward() -> bool:
    """Say whether somebody set the clock forward by more than a day since this process began.

    The time since the machine was started is nobody's to set.
    """
    return _ahead() - _BEGAN > DAY


def _ahead() -> float:
    """Return by how much the clock is ahead of the time since the machine was started."""
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_BEGAN = _ahead()


def moment(seconds: int | None = None) -> str:
    """Return a moment (default: now) to the second, for what staff does."""
    at = datetime.fromtimestamp(now() if seconds is None else seconds, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: int | None = None) -> str:
    """Return the day (default: today), for what a witness does."""
    return moment(seconds)[:10]


def seconds_of(text: str) -> int:
    """Return the seconds since the epoch of a moment or of a day's midnight.

    Raises:
        ValueError: neither form.
    """
    form = "%Y-%m-%d" if len(text) == len("2026-11-22") else "%Y-%m-%dT%H:%M:%SZ"
    return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
