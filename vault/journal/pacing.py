"""Does something at once, and in a burst once for all: what is asked for soon after waits a moment.

For checkpoints: one for each commit while commits are rare, as they are; one for many when there
are many, each of them not later than a pause after its commit. What waits is done by a thread of
its own, before anybody in this process reads what it makes, and when the process ends.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable

from vault.errors import WitnessVaultError

_log = logging.getLogger(__name__)


class Paced:
    """Safe for many threads; a fork starts with nothing waiting.

    Args:
        do: what is done; raises what it likes.
        pause: seconds between two times; 0: each time at once.
    """

    def __init__(self, do: Callable[[], object], pause: float) -> None:
        self._do = do
        self._pause = pause
        self._last = -pause
        self._mutex = threading.Lock()
        self._waiting: threading.Timer | None = None
        _PACED.add(self)

    def ask(self) -> None:
        """Do it, or let it be done within the pause.

        Raises:
            WitnessVaultError: it was done now, and failed.
        """
        with self._mutex:
            left = self._last + self._pause - time.monotonic()
            if left > 0:
                self._wait(left)
                return
            self._last = time.monotonic()
        self._do()

    def settle(self) -> None:
        """Do now what waits, if anything does.

        Raises:
            WitnessVaultError: it failed.
        """
        with self._mutex:
            waiting, self._waiting = self._waiting, None
            if waiting is None:
                return
            waiting.cancel()
            self._last = time.monotonic()
        self._do()

    def _wait(self, left: float) -> None:
        if self._waiting is None:
            self._waiting = threading.Timer(left, self._try)
            self._waiting.daemon = True
            self._waiting.start()

    def _try(self) -> None:
        try:
            self.settle()
        except WitnessVaultError as error:
            _log.warning("what waited was not done: %s", error.code)

    def _begin_afresh(self) -> None:
        self._mutex, self._waiting = threading.Lock(), None


_PACED: weakref.WeakSet[Paced] = weakref.WeakSet()


def _after_fork() -> None:
    for paced in list(_PACED):
        paced._begin_afresh()  # noqa: SLF001 - the other half of the class, at module level


def _at_exit() -> None:
    for paced in list(_PACED):
        paced._try()  # noqa: SLF001 - as above


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
