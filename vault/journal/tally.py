"""Counts refusals in memory; one thread writes them, at most once a second.

So no answer waits for a durable commit, nor shows by its time whether there was one: that would
tell which logins exist. What waits is bounded; what cannot be written now is kept for later.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping

from vault.errors import WitnessVaultError
from vault.journal.refusals import Refusal

PAUSE_SECONDS = 1.0
# Members times two kinds times a few minutes; beyond it, whoever it is counts as nobody.
MAX_WAITING = 2000
# How often a thread tries in vain before it leaves the rest to the next refusal.
ATTEMPTS = 10

Write = Callable[[Mapping[Refusal, int]], None]

_log = logging.getLogger(__name__)


class Tally:
    """Holds what was counted and not written yet. Safe for many threads; a fork starts with none.

    Args:
        write: writes counts in one commit, or raises and has written nothing.
        pause: seconds between a refusal and its writing, and between two writings.
    """

    def __init__(self, write: Write, pause: float = PAUSE_SECONDS) -> None:
        self._write = write
        self._pause = pause
        self._mutex, self._writing = threading.Lock(), threading.Lock()
        self._waiting: Counter[Refusal] = Counter()
        self._thread: threading.Thread | None = None
        self._own = threading.local()
        _TALLIES.add(self)

    def here(self) -> int:
        """Return how many the thread that asks has counted."""
        return getattr(self._own, "count", 0)

    def add(self, refusal: Refusal) -> None:
        """Count one."""
        self._own.count = self.here() + 1
        with self._mutex:
            if refusal not in self._waiting and len(self._waiting) >= MAX_WAITING:
                refusal = Refusal(refusal.kind, None, refusal.minute, refusal.first)
            self._waiting[refusal] += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what was counted until now.

        Raises:
            WitnessVaultError: it could not be written; it is kept.
        """
        with self._writing:
            with self._mutex:
                taken, self._waiting = self._waiting, Counter()
            if not taken:
                return
            try:
                self._write(taken)
            except BaseException:
                with self._mutex:
                    self._waiting.update(taken)
                raise

    def _begin_afresh(self) -> None:
        self._mutex, self._writing = threading.Lock(), threading.Lock()
        self._waiting, self._thread = Counter(), None

    def _run(self) -> None:
        failures = 0
        while True:
            time.sleep(self._pause)
            failures = 0 if self._try() else failures + 1
            with self._mutex:
                if not self._waiting or failures == ATTEMPTS:
                    self._thread = None
                    break
        if failures:
            _log.warning("refusals wait to be written until there are more")

    def _try(self) -> bool:
        try:
            self.flush()
        except WitnessVaultError:
            return False
        return True


_TALLIES: weakref.WeakSet[Tally] = weakref.WeakSet()


def _after_fork() -> None:
    for tally in list(_TALLIES):
        tally._begin_afresh()  # noqa: SLF001 - the other half of the class, at module level


def _at_exit() -> None:
    for tally in list(_TALLIES):
        tally._try()  # noqa: SLF001 - as above


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
