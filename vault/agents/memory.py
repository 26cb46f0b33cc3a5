"""Keeping a process's memory out of files: no core dump, no debugger, no swap if allowed.

Linux only: prctl(2), mlockall(2), proc(5). Elsewhere, and without the right to lock memory, a
process works all the same, says so once, and `witness-vault doctor` says it again.
"""

from __future__ import annotations

import ctypes
import logging
import resource
from pathlib import Path

STATUS = Path("/proc/self/status")

_PR_SET_DUMPABLE = 4
# Now, in future, and only pages that are used: a thread's whole stack would be held otherwise.
_LOCK = 1 | 2 | 4
_CAP_IPC_LOCK = 1 << 14

_log = logging.getLogger(__name__)


LOCKED, OPEN, DUMPS = "locked", "open", "dumps"


def harden() -> None:
    """Keep this process's memory from core dumps and from debuggers of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0):
        _log.warning("the memory of this process cannot be kept from debuggers on this system")


def lock() -> bool:
    """Keep this process's memory out of swap; return whether that was allowed.

    Under a limit nothing is locked: memory asked for later would be refused in the middle of work.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if limit != resource.RLIM_INFINITY and not _is_exempt():
        return False
    return _call("mlockall", _LOCK) == 0


def state() -> str:
    """Return DUMPS if a core dump of this process could be written, else LOCKED or OPEN to swap."""
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        return DUMPS
    return OPEN if _told("VmLck").split()[0] == "0" else LOCKED


def _told(name: str) -> str:
    """Return what proc(5) tells of this process under a name; "0" where it tells nothing."""
    try:
        lines = STATUS.read_text("utf-8").splitlines()
    except OSError:
        return "0"
    return next((line.partition(":")[2] for line in lines if line.startswith(f"{name}:")), "0")


def _is_exempt() -> bool:
    """Say whether the limit does not count for this process; capabilities(7)."""
    return bool(int(_told("CapEff"), 16) & _CAP_IPC_LOCK)


def _call(name: str, *arguments: int) -> int:
    try:
        return int(getattr(ctypes.CDLL(None), name)(*arguments))
    except (OSError, AttributeError):
        return -1
