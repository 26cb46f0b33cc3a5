"""`python -m vault.cli.collector`: the one process that carries packets in and boxes out.

It wakes at every slot (a multiple of the slot's length, so that the moment says nothing) and does
one run. While the vault is locked it waits; what witnesses send waits in the letterbox.
"""

from __future__ import annotations

import sys

from vault import clock
from vault.cases.arriving.collect import Collector
from vault.cli.waiting import Wait, until_told_to_end
from vault.errors import LockedError, WitnessVaultError
from vault.journal.vault import Vault

SHORTEST = 0.5


def main() -> int:
    """Run until SIGTERM; returns the exit code."""
    return until_told_to_end(run)


def run(vault: Vault, wait: Wait) -> None:
    """Do one run at every slot, until `wait` says that this ends."""
    while not wait(until_next_slot(vault.settings.letterbox.slot, clock.now())):
        _run_once(vault)


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


if __name__ == "__main__":
    sys.exit(main())
