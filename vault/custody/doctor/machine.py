"""The machine: who reaches the files, what memory may reach a disk, clock, room, settings."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from vault import clock
from vault.custody.doctor.check import Outcome
from vault.errors import NoRoomError
from vault.journal.vault import Vault
from vault.letterbox.uploads import ASK_EVERY
from vault.safe.job import NO_CAGE
from vault.safe.process import SafeProcess
from vault.settings import described

CLOCK_BACK = 300
RESERVES = 4
WAITING_WARNING = 1_000  # a working collector leaves none; this many are a long lock or a flood
NAMED = 5
SWAPS, BLOCK_DEVICES = Path("/proc/swaps"), Path("/sys/block")

_MEGA = 1_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_UNSYNCHRONISED = 5  # adjtimex(2): TIME_ERROR
_FONTS = b"\0\1\0\0", b"OTTO", b"true", b"ttcf"  # OpenType: how the files begin
_TIMEX_SIZE = 512  # more than the structure has anywhere; all zero asks and sets nothing


def files(vault: Vault) -> Outcome:
    """Look who reaches every file and folder of the vault."""
    odd = sorted(set(_exposed(vault)))
    return not odd, "odd" if odd else "found", {"names": ", ".join(odd[:NAMED])} if odd else {}


def _exposed(vault: Vault) -> Iterator[str]:
    """Yield what others on this machine could reach, or what belongs to somebody else."""
    paths = vault.settings.paths
    for path in (path for folder in (paths.keys, paths.vault, paths.run) for path in _all(folder)):
        status = path.lstat()
        if status.st_mode & _OTHERS or status.st_uid != os.getuid():
            yield path.relative_to(paths.root).as_posix()
    # Intake may be a user of its own who shares these by a group: closed to everybody else.
    for path in (path for folder in (paths.letterbox, paths.intake) for path in _all(folder)):
        if _mode(path) & stat.S_IRWXO:
            yield path.relative_to(paths.root).as_posix()
    if paths.root.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield paths.root.name  # whoever writes there replaces the folders


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:  # taken in meanwhile
        return 0


def swap(_: Vault) -> Outcome:
    """Look whether memory may lie on a disk in clear."""
    if swap_in_clear():
        return False, "used", {}
    return True, "encrypted" if _swaps() else "found", {}


def swap_in_clear() -> bool:
    """Say whether swap is in use that is neither compressed memory nor an encrypted device."""
    return not all(map(_is_encrypted, _swaps()))


def _swaps() -> list[str]:
    try:
        lines = SWAPS.read_text("ascii").splitlines()[1:]
    except FileNotFoundError:
        return []
    return [line.split()[0] for line in lines if not line.startswith("/dev/zram")]


def _is_encrypted(device: str) -> bool:
    """Say whether a swap is a device of dm-crypt; of a file on a disk it cannot be said."""
    name = Path(device).resolve().name
    try:
        return (BLOCK_DEVICES / name / "dm" / "uuid").read_text("ascii").startswith("CRYPT-")
    except OSError:
        return False


def clocks(vault: Vault) -> Outcome:
    """Compare the clock with the log, with the files, and ask whether anything keeps it right."""
    now = clock.now()
    newest = vault.journal.read(limit=1, newest_first=True)
    values = {"moment": clock.moment(now)}
    if newest and clock.seconds_of(newest[0].time) > now + CLOCK_BACK:
        return False, "back", values
    ahead = [path.name for path in _all(vault.settings.paths.vault) if _is_ahead(path, now)]
    if ahead:
        return False, "ahead", {**values, "names": ", ".join(sorted(ahead)[:NAMED])}
    return True, "found" if _is_synchronised() else "alone", values


def _is_ahead(path: Path, now: int) -> bool:
    try:
        return path.lstat().st_mtime > now + CLOCK_BACK
    except FileNotFoundError:
        return False


def _is_synchronised() -> bool:
    """Say whether the kernel's clock is kept by a time service; adjtimex(2) with nothing to set."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_SIZE))
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < _UNSYNCHRONISED


def disk(vault: Vault) -> Outcome:
    """Look how much room there is."""
    paths, reserve = vault.settings.paths, vault.settings.letterbox.disk_reserve
    free = min(shutil.disk_usage(path).free for path in (paths.vault, paths.letterbox))
    values = {"free": free // _MEGA}
    try:
        vault.uploads.check_room(ASK_EVERY)
    except NoRoomError:
        return False, "files", values
    return free >= RESERVES * reserve, "found", values


def viewing(vault: Vault) -> Outcome:
    """Look whether pictures and papers can be looked into by a process that closed itself in."""
    why = SafeProcess(vault.settings.files).trouble()
    return not why, {"": "found", NO_CAGE: "open"}.get(why, "broken"), {}


def letters(vault: Vault) -> Outcome:
    """Look whether there is a font for papers that carry none."""
    try:
        with Path(vault.settings.files.font).open("rb") as file:
            found = file.read(4) in _FONTS
    except OSError:
        found = False
    return found, "found" if found else "none", {}


def letterbox(vault: Vault) -> Outcome:
    """Count the packets that wait."""
    waiting = len(vault.letterbox.waiting())
    return waiting <= WAITING_WARNING, "found", {"count": waiting}


def hosts(vault: Vault) -> Outcome:
    """Count the other intake hosts that were away or not given everything at their last slot."""
    behind, every = vault.letterbox.hosts.behind()
    if behind:
        return False, "behind", {"count": behind, "all": every}
    return True, "found" if every else "none", {"count": every}


def settings(vault: Vault) -> Outcome:
    """Look which settings are weaker than their defaults, as `defaults.toml` says."""
    odd = [f"{one.section}.{one.name}" for one in described(vault.settings) if one.weaker]
    return not odd, "weak" if odd else "found", {"names": ", ".join(odd)} if odd else {}
