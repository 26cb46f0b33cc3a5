"""Sealed files on their way: streams beside the packets that will name them.

    files/<32 hex>       a sealed file; its packet comes after it, or never
    places/<what>-<number>  locked by whoever sends now, or has copies made

Text always has room: a file is refused while less than a share of the disk would stay free, or
while more than a budget waits here. So nobody can keep words from arriving by sending files.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from itertools import product
from pathlib import Path
from typing import BinaryIO

from vault import clock
from vault.crypto.stream import Piece
from vault.errors import BusyError, ConflictError, FormatError, NoRoomError, StorageError
from vault.letterbox import files
from vault.packet.files import SealedFile
from vault.settings import Uploads as UploadsSettings

SENDING, COPYING = "sending", "copying"
ASK_EVERY = 16 * 1024 * 1024
"""How many bytes are written before the disk is asked again."""
LEAST = 1024 * 1024
"""What a file takes of the budget, however small: all are counted anew whenever one comes."""
_NAME = re.compile(r"[0-9a-f]{32}")


class Uploads:
    """The sealed files of one letterbox folder.

    Args:
        root: the letterbox; its folders are made if missing.
        settings: bounds.
    """

    def __init__(self, root: Path, settings: UploadsSettings) -> None:
        self._settings = settings
        self._files, self._places, self._scratch = root / "files", root / "places", root / "scratch"
        files.make_directories(self._files, self._places, self._scratch)

    def make_places(self) -> None:
        """Make what is locked by whoever sends; made when somebody first sends, it would say when.

        Raises:
            StorageError: it cannot be made.
        """
        for what, number in product((SENDING, COPYING), range(self._settings.at_once)):
            with suppress(ConflictError):
                files.create(self._place(what, number), b"", self._scratch, durable=False)

    @contextmanager
    def place(self, what: str = SENDING) -> Iterator[None]:
        """Let as many do it at one time as the settings say; the end of a process frees its place.

        Args:
            what: SENDING or COPYING: whoever sends slowly keeps nobody from what comes after.

        Raises:
            BusyError: all places are taken; words still arrive.
            StorageError: the folder cannot be used.
        """
        descriptor = self._free_place(what)
        try:
            yield
        finally:
            os.close(descriptor)

    def check_room(self, size: int) -> None:
        """Return if a file of this many bytes may come now.

        Raises:
            NoRoomError: files must wait until there is room; words still arrive.
            StorageError: the folder cannot be read.
        """
        check_reserve(self._files, size, self._settings.reserve_percent)
        try:
            waiting = self._waiting()
        except OSError as error:
            raise StorageError("read") from error
        if waiting + size > self._settings.budget:
            raise NoRoomError

    def put(self, name: str, pieces: Iterable[Piece]) -> None:
        """Write a sealed file as it comes, durably; what `pieces` raise leaves nothing of it.

        Raises:
            NoRoomError: the room ran out meanwhile.
            ConflictError: a file of this name is there.
            StorageError: it could not be written.
        """
        path = self._files / _checked(name)
        files.create_from(path, self._with_room(pieces), self._scratch)

    def read(self, name: str) -> Iterator[bytes]:
        """Give a sealed file in pieces.

        Raises:
            StorageError: it is not there, or cannot be read.
        """
        yield from files.pieces(self._files / _checked(name))

    def sealed(self, name: str) -> SealedFile:
        """Return a file as a packet names it; raises StorageError as `read`."""
        digest, size = hashlib.sha256(), 0
        for piece in self.read(name):
            digest.update(piece)
            size += len(piece)
        return SealedFile(name, size, digest.digest())

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self._files / _checked(name)).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of all files here, sorted."""
        return sorted(path.name for path in self._files.iterdir() if _NAME.fullmatch(path.name))

    def bring(self, source: BinaryIO, host: str, file: SealedFile, until: float) -> bool:
        """Copy a file that another host holds, from where it was left off last time.

        Args:
            source: the file there.
            host: a name for that host: what one gives is never put after what another gave.
            file: as a packet names it; anything else is thrown away in the end.
            until: when to leave off, by the monotonic clock.

        Returns:
            Whether it is here, whole.

        Raises:
            OSError: it cannot be read or written.
            NoRoomError: it must wait.
        """
        half = self._scratch / f"{_checked(file.id)}.{host}"
        with files.open_to_go_on(half) as copy:
            source.seek(copy.tell())
            self._copy(source, copy, file.size, until)
            copy.flush()
            os.fsync(copy.fileno())
            whole = copy.tell() >= file.size
            return whole and self._keep_if_right(copy, half, file)

    def _copy(self, source: BinaryIO, copy: BinaryIO, size: int, until: float) -> None:
        def pieces() -> Iterator[bytes]:
            while copy.tell() < size and time.monotonic() < until:
                if not (piece := source.read(min(files.PIECE, size - copy.tell()))):
                    return
                yield piece

        copy.writelines(self._with_room(pieces()))

    def _keep_if_right(self, copy: BufferedRandom, half: Path, file: SealedFile) -> bool:
        copy.seek(0)
        right = hashlib.file_digest(copy, "sha256").digest() == file.sha256
        if right:
            midnight = clock.seconds_of(clock.day())
            os.utime(copy.fileno(), (midnight, midnight))
            half.replace(self._files / file.id)
            files.sync_directory(self._files)
        else:
            half.unlink()
        return right

    def sweep(self, named: Collection[str]) -> int:
        """Remove what no packet names and what was cut off, a whole day after it came.

        Args:
            named: files that waiting packets name.

        Returns:
            How many were removed.
        """
        return sweep((self._files, self._scratch), named)

    def _waiting(self) -> int:
        """Return how much of the budget is taken, by those that come at this moment as well."""
        size = 0
        for path in (*self._files.iterdir(), *self._scratch.iterdir()):
            with suppress(FileNotFoundError):
                size += max(path.stat().st_size, LEAST)
        return size

    def _with_room(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        left = 0
        for piece in pieces:
            if left < len(piece):
                self.check_room(ASK_EVERY)
                left = ASK_EVERY
            left -= len(piece)
            yield piece

    def _place(self, what: str, number: int) -> Path:
        return self._places / f"{what}-{number}"

    def _free_place(self, what: str) -> int:
        for number in range(self._settings.at_once):
            try:
                path = self._place(what, number)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, files.PRIVATE)
            except OSError as error:
                raise StorageError("write") from error
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
            else:
                return descriptor
        raise BusyError


def check_reserve(folder: Path, size: int, percent: int) -> None:
    """Return if a share of the disk stays free for words when this many bytes are written there.

    A disk is full as well when it has no room for names: many small files reach that first.

    Raises:
        NoRoomError: it does not.
        StorageError: the folder cannot be read.
    """
    try:
        disk = os.statvfs(folder)
    except OSError as error:
        raise StorageError("read") from error
    reserve = disk.f_blocks * disk.f_frsize * percent // 100
    if disk.f_bavail * disk.f_frsize - size < reserve:
        raise NoRoomError
    if disk.f_files and disk.f_favail <= disk.f_files * percent // 100:  # some count no names
        raise NoRoomError


def sweep(folders: Iterable[Path], named: Collection[str]) -> int:
    """Remove from folders what is not named and older than a whole day; returns how many."""
    before, removed = clock.seconds_of(clock.day()) - clock.DAY, 0
    for path in (path for folder in folders for path in folder.iterdir()):
        with suppress(OSError):
            if path.name not in named and path.lstat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise FormatError("no name of a sealed file")
    return name
