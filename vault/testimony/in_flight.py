"""Waiting, for a bounded time, for another request that sends the same page at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

STEPS, PAUSE = 40, 0.05  # two seconds in all: a packet and its boxes take some hundredths of one

T = TypeVar("T")


def until(found: Callable[[], T | None]) -> T | None:
    """Return what `found` gives as soon as that is something; None if it never is."""
    for _ in range(STEPS):
        value = found()
        if value is not None:
            return value
        time.sleep(PAUSE)
    return None
