"""`python -m vault.cli.collector`: the one process that carries packets in and boxes out.

It wakes at every slot (a multiple of the slot's length, so that the moment says nothing) and does
one run. While the vault is locked it waits; what witnesses send waits in the letterbox.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

from vault import clock
from vault.agents import memory
from vault.cases.collect import Collector
from vault.errors import LockedError, SettingError, WitnessVaultError
from vault.journal.vault import Vault, connect
from vault.settings import from_environment

SHORTEST = 0.5

_stop = threading.Event()


def main() -> int:
    """Run until SIGTERM; returns the exit code."""
    memory.harden()
    try:
        vault = connect(from_environment())
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _on_signal)
    while not _stop.wait(until_next_slot(vault.settings.letterbox.slot, clock.now())):
        _run_once(vault)
    vault.close()
    return 0


def until_next_slot(slot: int, now: int) -> float:
    """Return the seconds from `now` until the next multiple of `slot`."""
    return SHORTEST if slot == 0 else float(slot - now % slot)


def _run_once(vault: Vault) -> None:
    try:
        Collector(vault).run()
        vault.journal.checkpoint()
    except LockedError:
        vault.close()
    except WitnessVaultError as error:
        sys.stderr.write(f"collector: {error.code}\n")


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    _stop.set()


if __name__ == "__main__":
    sys.exit(main())
