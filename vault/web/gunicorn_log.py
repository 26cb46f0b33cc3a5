"""What gunicorn may write: of a request nothing but the class of what went wrong, once a day.

gunicorn names the visitor's address, the path and a trace, and the second; each would say when a
witness came, and from where. The master process sees no request: its few messages stay, since an
operator needs them when something does not start.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from gunicorn.glogging import Logger

from vault import clock
from vault.errors import SettingError


class Log(Logger):  # type: ignore[misc]  # gunicorn publishes no types
    """gunicorn's logger behind `Unsaid`, which dates lines by the day."""

    datefmt = "[%Y-%m-%d]"

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does; made in the master process, before any worker."""
        super().setup(cfg)
        for old in [each for each in self.error_log.filters if isinstance(each, Unsaid)]:
            self.error_log.removeFilter(old)
        self.error_log.addFilter(Unsaid(os.getpid()))


class Unsaid(logging.Filter):
    """Takes address, path, argument and trace out of every line.

    Args:
        master: id of the process whose own messages are kept.
    """

    def __init__(self, master: int) -> None:
        super().__init__()
        self._master = master
        self._days: dict[str, str] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Reduce the record; a worker's second line of a kind on one day is not written."""
        error = sys.exc_info()[1]
        record.exc_info = record.exc_text = record.stack_info = None
        if os.getpid() == self._master and error is None:
            return True
        record.msg, record.args = _said(error), ()
        first = self._days.get(record.msg) != clock.day()
        self._days[record.msg] = clock.day()
        return first


def _said(error: BaseException | None) -> str:
    if isinstance(error, SettingError):
        return f"did not start: {error}"  # raised before anything is served; names a setting
    return "a message about a request" if error is None else f"unexpected {type(error).__name__}"
