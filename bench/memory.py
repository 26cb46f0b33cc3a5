"""How much memory each process holds, from /proc (proc(5)): peak, now, and PSS if readable."""

from __future__ import annotations

import math
from pathlib import Path

from bench.house import Demo
from bench.report import Report

WORKER_MB, ARGON2_MB = 120, 200
_ARGON2 = "vault.agents kdf"


def measure(report: Report, demo: Demo) -> None:
    """Add the most that every process ever held; servers and agents share most of their pages."""
    for pid, line in sorted(_below(demo.pid).items(), key=lambda item: item[1]):
        bound = _bound(line)
        now, shared = megabytes(pid, "status", "VmRSS"), megabytes(pid, "smaps_rollup", "Pss")
        name = f"memory: {_name(line)} (now {now:.0f}, PSS {shared:.0f})"
        report.add(name, megabytes(pid, "status", "VmHWM"), "MB peak", most=bound)


def workers(demo: Demo, side: str) -> list[int]:
    """Return the processes that answer at an interface, and the one that started them."""
    return [pid for pid, line in _below(demo.pid).items() if f"wsgi:{side}_app" in line]


def _below(supervisor: int) -> dict[int, str]:
    """Return the command lines of all processes below one, and its own."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text()
        except OSError:
            continue
        parents[int(process.name)] = int(status[status.rfind(")") :].split(maxsplit=3)[2])
    found = {supervisor}
    while added := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= added
    return {pid: _read(pid, "cmdline").replace("\0", " ").strip() for pid in found}


def _bound(line: str) -> int | None:
    """Return the target in MB; the supervisor has none: a demonstration makes its key files."""
    if "vault.cli demo" in line:
        return None
    return ARGON2_MB if _ARGON2 in line else WORKER_MB


def _name(line: str) -> str:
    words = line.split()
    module = next((word for word in words if word.startswith(("wsgi:", "vault."))), line)
    return f"{module} {words[-1]}" if module == "vault.agents" else module


def megabytes(pid: int, file: str, key: str) -> float:
    """Return what the kernel says of a process under a key, NaN if it does not."""
    for line in _read(pid, file).splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1000
    return math.nan


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text()
    except OSError:  # it has ended, or its memory is closed to others
        return ""
