"""Durable files without a trace of when: written beside, synced, renamed, dated to midnight.

A reader sees the old file or the new one, never half of one. A full disk leaves nothing behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO, TypeVar

from vault import clock
from vault.crypto.stream import Piece
from vault.errors import ConflictError, StorageError

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
LOCK_SECONDS = 5.0
SOON = 8 * 1024 * 1024
PIECE = 64 * 1024

_P = TypeVar("_P", bytes, Piece)


def make_directories(*paths: Path) -> None:
    """Create directories that only their owner can enter."""
    try:
        for path in paths:
            path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("a folder cannot be made") from error


def write(path: Path, data: bytes, scratch: Path, *, durable: bool = True) -> None:
    """Put `data` at `path` in one step.

    Args:
        path: where; replaced if it exists.
        data: opaque bytes.
        scratch: a folder of the same file system for the half-written file.
        durable: wait until it is on the disk.

    Raises:
        StorageError: it could not be written; nothing is left of it.
    """
    with _half_written((data,), scratch, durable=durable) as half:
        half.replace(path)
        if durable:
            sync_directory(path.parent)


def create(path: Path, data: bytes, scratch: Path, *, durable: bool = True) -> None:
    """Put `data` at `path` in one step unless something is there: one of many wins.

    Args:
        path: where.
        data: opaque bytes.
        scratch: a folder of the same file system, which must know hard links.
        durable: wait until it is on the disk.

    Raises:
        ConflictError: something is there already; it stays as it is.
        StorageError: it could not be written; nothing is left of it.
    """
    create_from(path, (data,), scratch, durable=durable)


def create_from(
    path: Path, pieces: Iterable[Piece], scratch: Path, *, durable: bool = True
) -> None:
    """Put what `pieces` give at `path` in one step; as `create`, for a file of any length.

    What `pieces` raise passes through, and nothing is left.
    """
    with _half_written(pieces, scratch, durable=durable) as half:
        try:
            os.link(half, path)
        except FileExistsError:
            raise ConflictError("a file of this name") from None
        try:
            if durable:
                sync_directory(path.parent)
        except OSError:
            path.unlink(missing_ok=True)
            raise


def read(path: Path, limit: int) -> bytes | None:
    """Return a file's bytes, None if there is none.

    Raises:
        StorageError: larger than `limit`, unreadable, or no ordinary file.
    """
    try:
        with open_ordinary(path) as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError("read") from error
    if len(data) > limit:
        raise StorageError("a file is larger than allowed")
    return data


def pieces(path: Path) -> Iterator[bytes]:
    """Give a file of any length in pieces.

    Raises:
        StorageError: unreadable, or no ordinary file.
    """
    try:
        with open_ordinary(path) as file:
            yield from _on_the_way(file.fileno(), iter(partial(file.read, PIECE), b""))
    except OSError as error:
        raise StorageError("read") from error


def open_ordinary(path: Path) -> BinaryIO:
    """Open a file for reading.

    The other side may have put anything there: a pipe would block for ever, a link would lead out.

    Raises:
        OSError: it cannot be opened, or is a link.
        StorageError: no ordinary file.
    """
    return os.fdopen(_ordinary(_opened(path)), "rb")


def open_to_go_on(path: Path) -> BufferedRandom:
    """Open a file for reading and for writing on at its end; made if there is none.

    Raises:
        OSError: it cannot be opened, or is a link.
        StorageError: no ordinary file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    return os.fdopen(_ordinary(os.open(path, flags, PRIVATE)), "a+b")


def _ordinary(descriptor: int) -> int:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StorageError("no ordinary file")
    return descriptor


@contextmanager
def _half_written(pieces: Iterable[Piece], scratch: Path, *, durable: bool) -> Iterator[Path]:
    """Give a file of these bytes that is not yet where it belongs; none is there afterwards."""
    half = scratch / secrets.token_hex(16)
    try:
        _write_synced(half, pieces, durable=durable)
        midnight = clock.seconds_of(clock.day())
        os.utime(half, (midnight, midnight))
        yield half
    except OSError as error:
        reason = "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "write"
        raise StorageError(reason) from error
    finally:
        half.unlink(missing_ok=True)


def _opened(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        # Otherwise the file keeps the minute of its reading: of a visit, when it is a box.
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # the file is another user's
        return os.open(path, flags)


def _write_synced(path: Path, pieces: Iterable[Piece], *, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.writelines(_on_the_way(descriptor, pieces))
            file.flush()
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _on_the_way(descriptor: int, pieces: Iterable[_P]) -> Iterator[_P]:
    """Give on what is written to a file or read from it, and let the system forget what is over.

    The disk then begins to write while the rest still comes, so that the end waits for little; and
    the memory in which the system holds a file is used again for what comes, instead of all memory
    of the machine in turn.
    """
    over = told = 0
    for piece in pieces:
        yield piece
        over += len(piece)
        if over - told > SOON:
            os.posix_fadvise(descriptor, 0, over, os.POSIX_FADV_DONTNEED)
            told = over


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let one of all threads and processes in at a time; others wait, and the end frees it.

    Raises:
        StorageError: it is held for longer than anything here takes. Both houses wait here: one
            that never lets go must not stop the other.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StorageError("held by somebody else") from None
            time.sleep(0.005)
        else:
            return


def sync_directory(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
