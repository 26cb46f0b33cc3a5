"""A process of the vault that does its work at moments of its own and otherwise waits."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from vault.agents import memory
from vault.errors import SettingError
from vault.journal.vault import Vault, connect
from vault.settings import from_environment

Wait = Callable[[float], bool]
"""Waits so many seconds; True when the process is told to end."""

_stop = threading.Event()


def until_told_to_end(work: Callable[[Vault, Wait], None]) -> int:
    """Let `work` run until SIGTERM or SIGINT; returns the exit code."""
    memory.harden()
    try:
        vault = connect(from_environment())
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _on_signal)
    work(vault, _stop.wait)
    vault.close()
    return 0


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    _stop.set()
