"""Which files processes write to while something happens, seen without tracing them.

A server of ours is watched from inside, where nobody has to allow it: `inside` gives a folder with
a `sitecustomize` that notes every file that Python opens, and asks the table of open descriptors
again and again for what libraries open by themselves. Any other process of this user is watched by
that table alone (`Outside`): proc(5).
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from pathlib import Path

ROUND = 0.002  # seconds between two looks at the table of descriptors
_NOTED = "written-to"
_INSIDE = f"""
import fcntl, os, sys, threading, time

NOTES = os.open({{notes!r}}, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
seen = set()


def note(paths):
    os.write(NOTES, b"".join(os.fsencode(path) + b"\\n" for path in paths))


def opened(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & WRITES:
        note([arguments[0]])


def held():
    for number in os.listdir("/proc/self/fd"):
        try:
            if fcntl.fcntl(int(number), fcntl.F_GETFL) & os.O_ACCMODE:
                yield os.readlink("/proc/self/fd/" + number)
        except OSError:
            pass  # closed meanwhile


def look():
    while True:
        new = {{{{path for path in held() if path.startswith("/")}}}} - seen
        seen.update(new)
        note(new)
        time.sleep({ROUND})


sys.addaudithook(opened)
os.register_at_fork(after_in_child=lambda: threading.Thread(target=look, daemon=True).start())
"""


class Inside:
    """A server of ours that is to be started with `environment`, and what it then writes to."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / _NOTED
        site = folder / "site"
        site.mkdir()
        (site / "sitecustomize.py").write_text(_INSIDE.format(notes=str(self._notes)))
        self.environment = {"PYTHONPATH": str(site)}

    @contextlib.contextmanager
    def written(self):
        """Give a set that holds, when the block has ended, what was written to during it."""
        found: set[Path] = set()
        before = self._lines()
        yield found
        found |= {Path(line) for line in self._lines()[len(before) :]} - {self._notes}

    def _lines(self) -> list[str]:
        """Every worker has looked once: what it had open before is noted."""
        time.sleep(50 * ROUND)
        return self._notes.read_text().splitlines()


class Outside:
    """Other processes, by id: `written` is as in `Inside`, of what they hold open for a while."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids

    @contextlib.contextmanager
    def written(self):
        """Give a set that holds, when the block has ended, what was open for writing during it."""
        found: set[Path] = set()
        over = threading.Event()

        def look() -> None:
            while not over.wait(ROUND):
                found.update(path for pid in self._pids for path in _held(pid))

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield found
        finally:
            over.set()
            looking.join()


def _held(pid: int):
    """Give the paths that a process holds open for writing."""
    for held in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            said = Path(f"/proc/{pid}/fdinfo/{held.name}").read_text()
            flags = int(re.search(r"^flags:\s+([0-7]+)$", said, re.MULTILINE)[1], 8)
            path = held.readlink()
            if flags & os.O_ACCMODE and path.is_absolute():
                yield path
