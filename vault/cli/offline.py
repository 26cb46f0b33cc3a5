"""What may only be done on a machine without the vault and without a network.

It is a reminder with teeth, no proof: whoever owns a machine can make it say anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vault.agents import memory
from vault.custody import keys
from vault.errors import RefusedError
from vault.settings import DIR_VARIABLE

ROUTES, ROUTES_6 = Path("/proc/net/route"), Path("/proc/net/ipv6_route")

_LOOPBACK = "lo"
_ANYWHERE = "00000000"


def prepare(*touched: Path) -> None:
    """Refuse to go on beside a vault or with a network, and keep this process's memory in it.

    Args:
        touched: files that will be read or written.

    Raises:
        RefusedError: a vault lies here, or this machine has a way out.
    """
    memory.harden()
    if os.environ.get(DIR_VARIABLE):
        raise RefusedError("this machine serves a vault: use one that never did")
    for folder in _around(touched):
        if keys.is_vault(folder):
            raise RefusedError(f"a vault lies in {folder.name or folder}: use another machine")
    if connected():
        raise RefusedError("this machine is connected: unplug its network, turn off its radio")


def connected() -> bool:
    """Say whether any way leads out of this machine, as far as Linux tells (proc(5))."""
    ways = [line.split() for line in _lines(ROUTES)[1:]]
    wide = any(way[0] != _LOOPBACK and way[1] == _ANYWHERE for way in ways)
    ways_6 = [line.split() for line in _lines(ROUTES_6)]
    return wide or any(way[-1] != _LOOPBACK and way[1] == "00" for way in ways_6)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("ascii").splitlines()
    except OSError:
        return []


def _around(touched: Iterable[Path]) -> list[Path]:
    """Return the folders in which a vault would stand beside us: here, above, and `var` below."""
    starts = [Path.cwd(), *(path.absolute().parent for path in touched)]
    above = {folder for start in starts for folder in (start, *start.parents)}
    return sorted(above | {folder / "var" for folder in above})
