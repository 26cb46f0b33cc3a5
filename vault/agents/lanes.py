"""Slows guessing down: a lane lets so many attempts through at once, then one every so often.

A lane is one number, the time at which it is as good as untouched (GCRA, ITU-T I.371, as a leaky
bucket). Only lanes that somebody used lately are remembered, in memory, so a restart forgets them.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from vault.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LANES = 10_000
MAX_NAME = 100
MAX_EVERY, MAX_BURST = 86_400, 10_000


class Lanes:
    """Counts attempts. Safe for many threads.

    Args:
        clock: seconds that only ever grow.
        most: how many lanes are remembered; beyond that no new one is opened, since forgetting one
            would let its guesses begin anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MAX_LANES) -> None:
        self._clock, self._most = clock, most
        self._mutex = threading.Lock()
        self._full_at: dict[str, float] = {}

    def take(self, lane: str, every: int, burst: int) -> bool:
        """Take one attempt out of a lane; false if none is left now.

        Args:
            lane: its name, at most MAX_NAME characters.
            every: seconds in which one attempt comes back, 0 to MAX_EVERY; 0 is no limit.
            burst: attempts in an untouched lane, 1 to MAX_BURST.
        """
        _check(lane, every, burst)
        with self._mutex:
            now = self._clock()
            full = max(now, self._full_at.get(lane, now)) + every
            if full - now > every * burst or not self._has_room(lane, now):
                return False
            if every:
                self._full_at[lane] = full
            return True

    def give_back(self, lane: str, every: int) -> None:
        """Put an attempt back that was no guess."""
        _check(lane, every, 1)
        with self._mutex:
            if lane in self._full_at:
                self._full_at[lane] -= every

    def _has_room(self, lane: str, now: float) -> bool:
        if lane not in self._full_at and len(self._full_at) >= self._most:
            self._full_at = {name: full for name, full in self._full_at.items() if full > now}
        return lane in self._full_at or len(self._full_at) < self._most


def _check(lane: str, every: int, burst: int) -> None:
    if len(lane) > MAX_NAME or not 0 <= every <= MAX_EVERY or not 1 <= burst <= MAX_BURST:
        raise FormatError("a lane")
