"""How a change of keys can be interrupted at any moment and go on.

What will count is made in the folder `rotation` beside what counts: copies of the databases, new
key files. While the file `ready` is missing there, all of it is nothing, and is thrown away. Once
`ready` stands, durably, all of it counts: whoever opens the vault next moves each file into its
place, in any order, as often as needed, and removes `ready` last. Between the two there is nothing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from vault.errors import BusyError, StorageError
from vault.letterbox import files
from vault.settings import Settings

FOLDER, READY, LOCK = "rotation", "ready", "rotation-lock"
PARTS = ("keys", "vault")
PASSING = ("-wal", "-shm")


class Settled(Enum):
    """What was found of an earlier change."""

    NOTHING = "nothing"
    UNDONE = "undone"
    FINISHED = "finished"


def settle(settings: Settings) -> Settled:
    """Finish or undo a change that was interrupted; before anybody opens the vault.

    Raises:
        BusyError: a change is being made now.
        StorageError: a file cannot be moved; doing it again goes on.
    """
    if not folder_of(settings).exists():
        return Settled.NOTHING
    with alone(settings):
        return settle_alone(settings)


def settle_alone(settings: Settings) -> Settled:
    """Do what `settle` does, inside `alone`."""
    folder = folder_of(settings)
    if not folder.exists():
        return Settled.NOTHING
    finished = (folder / READY).exists()
    try:
        if finished:
            _move_all(folder, settings.paths.root)
            (folder / READY).unlink()
        shutil.rmtree(folder)
        _sync(settings.paths.root)
    except OSError as error:
        raise StorageError("a change of keys cannot be finished") from error
    return Settled.FINISHED if finished else Settled.UNDONE


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold a lock that ends with this process, however that ends.

    Raises:
        BusyError: another process holds it.
    """
    files.make_directories(settings.paths.run)
    try:
        descriptor = os.open(settings.paths.run / LOCK, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    except OSError as error:
        raise StorageError("the lock of a change of keys") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BusyError("keys are being changed") from None
    finally:
        os.close(descriptor)


def make_ready(settings: Settings) -> None:
    """Let what stands in the folder count from now on; this is the one moment of a change."""
    folder = folder_of(settings)
    for part in PARTS:
        for path in (folder / part).iterdir():
            if path.name.endswith(PASSING):
                raise StorageError(f"{path.name} was left open")
            _sync(path)
        _sync(folder / part)
    files.write(folder / READY, b"", folder)


def folder_of(settings: Settings) -> Path:
    """Return where changes are made."""
    return settings.paths.root / FOLDER


def _move_all(folder: Path, root: Path) -> None:
    for part in PARTS:
        for path in sorted((folder / part).iterdir()):
            target = root / part / path.name
            for end in PASSING:
                # What an old database left beside itself must never be read into the new one. It
                # was empty when the copy was made, and nobody has opened the old one since.
                target.with_name(target.name + end).unlink(missing_ok=True)
            path.replace(target)
        _sync(root / part)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
