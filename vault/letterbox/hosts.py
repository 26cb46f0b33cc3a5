"""The letterboxes of other intake hosts, as they are mounted here or carried to this machine.

    hosts/<name>/due/    what a host has still to be given: <locator>.box, <locator>.sent, chain
    hosts/<name>/taken/  what is being given to it, or was when the process ended
    hosts/<name>/whole   all boxes that lay here when it was new were put on its list
    hosts/<name>/behind  at its last slot it was away, or was not given everything

Lists name what changed and hold nothing of it, so a slot costs what changed, and a host that was
away is given the newest of each. A name is claimed before its file is read: whatever is written
meanwhile is on the list again.

A host is in other hands. Its folders are held open, none of them through a link that it put there;
of its files only ordinary ones are read, bounded in size, number and time. One that hangs is left
to a thread of its own, and its lock keeps a second one away.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from vault.errors import ConflictError, StorageError, WitnessVaultError
from vault.letterbox import files
from vault.letterbox.store import MAX_CHAIN, Letterbox
from vault.letterbox.uploads import Uploads, sweep
from vault.packet.files import SealedFile
from vault.packet.format import FirstBox
from vault.settings import Letterbox as LetterboxSettings

SECONDS = 60.0
MAX_LISTED, MAX_PACKETS, MAX_BYTES = 20_000, 2_000, 268_435_456
CHAIN = "chain"

_NAME = re.compile(r"[0-9a-f]{32}")
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_log = logging.getLogger(__name__)


class Host:
    """One other intake host.

    Args:
        folder: its letterbox, made by its own intake; a missing or empty one is away.
        lists: what it has still to be given.
        own: the vault's own letterbox.
        limit: of a packet and a box, in bytes.
    """

    def __init__(self, folder: Path, lists: Path, own: Letterbox, limit: int) -> None:
        self._folder, self._own, self._limit = folder, own, limit
        self._lists, self._due, self._taken = lists, lists / "due", lists / "taken"
        self._behind, self._whole = lists / "behind", lists / "whole"

    @property
    def behind(self) -> bool:
        """Return whether it was away or not given everything at its last slot, or never seen."""
        return self._behind.exists() or not self._whole.exists()

    @property
    def new(self) -> bool:
        """Return whether nobody put on its list yet what lies here already."""
        return not self._whole.exists()

    def begin(self, names: Iterable[str]) -> None:
        """Put everything on its list, once."""
        for name in names:
            self.owe(name, durable=False)
        files.sync_directory(self._due)
        files.write(self._whole, b"", self._lists)

    def owe(self, name: str, *, durable: bool = True) -> None:
        """Put a name on its list: a new file each time, so that no claim in between takes it off.

        Raises:
            StorageError: it cannot be written.
        """
        files.make_directories(self._due, self._taken)
        files.write(self._due / name, b"", self._lists, durable=durable)

    def note(self, *, well: bool) -> None:
        """Remember how its slot ended."""
        files.make_directories(self._due, self._taken)
        if not well:
            files.write(self._behind, b"", self._lists)
        else:
            self._behind.unlink(missing_ok=True)

    # --- packets ---------------------------------------------------------------------------------

    def fetch(self, until: float) -> bool:
        """Move its packets into the own letterbox; returns whether none was left waiting.

        Killed in between, a packet lies in both: the same bytes again change nothing.

        Raises:
            OSError, StorageError: it is away or hinders, or the own letterbox takes nothing.
        """
        files.make_directories(self._due, self._taken)
        room = MAX_BYTES
        with files.locked(self._lists), _held(self._folder, "in", "refused") as (waiting, refused):
            if self._own.is_same(waiting):
                raise StorageError("another host's letterbox is the vault's own")
            names = _packets(waiting)
            well = len(names) < MAX_PACKETS
            for name in names:
                if room < 0 or time.monotonic() > until:
                    return False
                moved = self._move(waiting / name, refused / name)
                room, well = room - (moved or 0), well and moved is not None
        return well

    def _move(self, path: Path, refused: Path) -> int | None:
        """Move one; returns how large it was, None if it cannot be read now and stays."""
        try:
            data = files.read(path, self._limit)
        except StorageError as error:
            if error.__cause__ is not None:
                return None
            path.rename(refused)  # too large
            return 0
        if data is None:
            return 0
        try:
            self._own.take_packet(path.name, data)
        except ConflictError:
            if not self._waits(path.name, data):
                path.rename(refused)
                return 0
        path.unlink(missing_ok=True)
        return len(data)

    def _waits(self, name: str, data: bytes) -> bool:
        try:
            return self._own.packet(name) == data
        except StorageError:
            return False

    # --- files -----------------------------------------------------------------------------------

    def bring(self, wanted: Collection[SealedFile], uploads: Uploads, until: float) -> bool:
        """Copy those of the wanted files that it holds; returns whether none is left half.

        Raises:
            OSError, StorageError: it is away or hinders, or there is no room.
        """
        files.make_directories(self._due, self._taken)
        well = True
        with files.locked(self._lists), _held(self._folder, "files") as (folder,):
            for file in wanted:
                if time.monotonic() > until:
                    return False
                with (
                    contextlib.suppress(FileNotFoundError),
                    files.open_ordinary(folder / file.id) as source,
                ):
                    well &= uploads.bring(source, self._lists.name, file, until)
        return well

    def sweep(self, wanted: Collection[str]) -> bool:
        """Remove files there that nobody sent or that came here; its own intake cannot know which.

        Args:
            wanted: names of files that are still to come.

        Raises:
            OSError, StorageError: it is away or hinders.
        """
        files.make_directories(self._due, self._taken)
        with files.locked(self._lists), _held(self._folder, "files", "scratch") as folders:
            sweep(folders, wanted)
        return True

    # --- boxes -----------------------------------------------------------------------------------

    def give(self, until: float) -> bool:
        """Give it what stands on its list; returns whether all of it was given.

        Raises:
            OSError, StorageError: it is away or hinders.
        """
        files.make_directories(self._due, self._taken)
        well = True
        with (
            files.locked(self._lists),
            _held(self._folder, "boxes", "roster", "scratch") as (boxes, roster, scratch),
        ):
            for name in self._listed():
                if time.monotonic() > until:
                    return False
                with contextlib.suppress(FileNotFoundError):
                    (self._due / name).replace(self._taken / name)
                try:
                    self._copy(name, boxes, roster, scratch)
                except (OSError, WitnessVaultError):
                    well = False  # a spoilt path holds up no other
                else:
                    (self._taken / name).unlink(missing_ok=True)
        return well

    def _listed(self) -> list[str]:
        """Return what stands on the list, what a process that ended had claimed included."""
        return sorted({path.name for path in (*self._taken.iterdir(), *self._due.iterdir())})

    def _copy(self, name: str, boxes: Path, roster: Path, scratch: Path) -> None:
        """Copy one file; that of what was sent only where there is none, unless it is named."""
        if name == CHAIN:
            _put(roster / CHAIN, self._own.chain(), scratch, MAX_CHAIN)
            return
        locator, _, kind = name.partition(".")
        sent = boxes / f"{locator}.sent"
        if kind == "sent" or not os.path.lexists(sent):
            _put(sent, self._own.sent(locator), scratch, self._limit)
        if kind == "box":
            _put(boxes / name, self._own.box(locator), scratch, self._limit)


class Hosts:
    """All other intake hosts.

    Args:
        root: the folder of their lists; made when there is a host.
        own: the vault's own letterbox.
        settings: names their folders.
    """

    def __init__(self, root: Path, own: Letterbox, settings: LetterboxSettings) -> None:
        self._root, self._own, self._fetched = root, own, dict[Host, bool]()
        self._all = [
            Host(Path(folder), root / _list_of(folder), own, settings.packet_limit)
            for folder in settings.others
        ]
        self._names = {_list_of(folder) for folder in settings.others}

    def behind(self) -> tuple[int, int]:
        """Return how many hosts are behind, and of how many."""
        return sum(host.behind for host in self._all), len(self._all)

    def owe(self, *names: str) -> None:
        """Put names on every list, before their files are written."""
        for host, name in itertools.product(self._all, names):
            host.owe(name)

    def fetch(self) -> None:
        """Move the packets of every host into the own letterbox, as far as they let us."""
        self._forget()
        self._fetched = self._each(Host.fetch)

    def bring(self, wanted: Collection[SealedFile], uploads: Uploads) -> bool:
        """Copy wanted files from wherever they are; a large one goes on at the next slot.

        Returns:
            Whether anybody was asked.
        """
        asked = bool(wanted and self._all)
        if asked:
            self._each(lambda host, until: host.bring(wanted, uploads, until))
        return asked

    def sweep(self, wanted: Collection[str]) -> None:
        """Remove what is over at every host whose packets are all here, so that no file waits."""
        self._each(lambda host, _: self._fetched.get(host, False) and host.sweep(wanted))

    def give(self, erased: Callable[[str], bool]) -> None:
        """Give every host what it has not, and note who is behind.

        Args:
            erased: says whether a box tells of an erasure; then what was sent is given as well.
        """
        for host in self._all:
            with contextlib.suppress(StorageError):
                if host.new:
                    host.begin(self._everything(erased))
        given = self._each(Host.give)
        for host in self._all:
            with contextlib.suppress(StorageError):
                host.note(well=given[host] and self._fetched.get(host, True))

    def _everything(self, erased: Callable[[str], bool]) -> Iterator[str]:
        yield CHAIN
        for locator in self._own.locators():
            yield f"{locator}.box"
            if erased(locator):
                yield f"{locator}.sent"

    def _forget(self) -> None:
        """Delete the lists of hosts that are no longer named: named again, they are new."""
        if self._root.is_dir():
            for path in self._root.iterdir():
                if path.name not in self._names:
                    shutil.rmtree(path, ignore_errors=True)

    def _each(self, act: Callable[[Host, float], bool]) -> dict[Host, bool]:
        """Do it with every host, each in its own thread; one that hangs is left behind."""
        until, done = time.monotonic() + SECONDS, dict.fromkeys(self._all, False)
        threads = [
            threading.Thread(target=_tried, args=(act, host, until, done), daemon=True)
            for host in self._all
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, until + 1 - time.monotonic()))
        return dict(done)


class Hub(Letterbox):
    """The vault's own letterbox; what is written to it stands on every other host's list first.

    Args:
        root: the folder.
        settings: bounds, and the folders of the other hosts.
        lists: the folder of their lists.
    """

    def __init__(self, root: Path, settings: LetterboxSettings, lists: Path) -> None:
        super().__init__(root, settings)
        self.hosts = Hosts(lists, self, settings)

    def put_first_boxes(self, boxes: tuple[FirstBox, ...]) -> None:
        """As every letterbox; on the lists also where they are here already."""
        self.hosts.owe(*(f"{box.locator}.box" for box in boxes))
        super().put_first_boxes(boxes)

    def put_box(self, locator: str, data: bytes) -> None:
        """As every letterbox."""
        self.hosts.owe(f"{locator}.box")
        super().put_box(locator, data)

    def put_sent(self, locator: str, data: bytes) -> None:
        """As every letterbox."""
        self.hosts.owe(f"{locator}.sent")
        super().put_sent(locator, data)

    def publish_chain(self, lines: Iterator[bytes] | list[bytes]) -> None:
        """As every letterbox."""
        self.hosts.owe(CHAIN)
        super().publish_chain(lines)


def _tried(
    act: Callable[[Host, float], bool], host: Host, until: float, done: dict[Host, bool]
) -> None:
    try:
        done[host] = act(host, until)
    except (OSError, WitnessVaultError) as error:
        _log.warning("an intake host is away or hinders: %s", type(error).__name__)


@contextlib.contextmanager
def _held(root: Path, *names: str) -> Iterator[list[Path]]:
    """Give paths that lead into these folders whatever their host puts in their place meanwhile.

    Raises:
        OSError: one of them is missing or is a link.
    """
    with contextlib.ExitStack() as stack:
        base = os.open(root, _FLAGS)
        stack.callback(os.close, base)
        opened = []
        for name in names:
            opened.append(os.open(name, _FLAGS | os.O_NOFOLLOW, dir_fd=base))
            stack.callback(os.close, opened[-1])
        yield [Path(f"/proc/self/fd/{one}") for one in opened]


def _packets(folder: Path) -> list[str]:
    """Return the names of some ordinary files; of a listing without end only its beginning."""
    with os.scandir(folder) as entries:
        listed = itertools.islice(entries, MAX_LISTED)
        names = (
            entry.name
            for entry in listed
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
        )
        return list(itertools.islice(names, MAX_PACKETS))


def _put(path: Path, data: bytes | None, scratch: Path, limit: int) -> None:
    """Write a file that is not the same already; there is nothing to give of one that is gone."""
    if data is None:
        return
    with contextlib.suppress(StorageError):
        if files.read(path, limit) == data:
            return
    files.write(path, data, scratch)


def _list_of(folder: str) -> str:
    return hashlib.sha256(folder.encode()).hexdigest()[:16]
