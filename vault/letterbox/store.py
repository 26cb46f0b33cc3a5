"""The letterbox: packets in, boxes out, the published roster. Opaque files, nothing else.

    in/<32 hex>          packets, taken away by the collector at the slot; a testimony has the name
                         of its first box, a visit that of its id, everything else a random one
    refused/             packets that the collector could not take
    boxes/<locator>.box  boxes, written by packet makers and by the vault's outbox
    boxes/<locator>.sent what was sent from a box, written by the intake side
    roster/chain         the signed rosters, one for each line, published by the vault
    nothing/box, sent    random bytes as large as a new box and its file, read where there is none

It never opens anything. All these names are as good as random, so that their order says nothing.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from vault import clock
from vault.crypto import seal
from vault.errors import ConflictError, FormatError, NotOpenYetError, StorageError
from vault.letterbox import files
from vault.letterbox.pins import Pins
from vault.packet.box import MINIMUM, SENT_SIZE
from vault.packet.format import FirstBox
from vault.roster.chain import check_time, verify_chain
from vault.roster.model import Roster
from vault.roster.rules import check_members
from vault.settings import Letterbox as LetterboxSettings
from vault.settings import roles

MAX_CHAIN = 64_000_000

_LOCATOR = re.compile(r"[0-9a-f]{32}")
_KINDS = ("sent", "box")  # of a box's two files; the one that makes it be there comes last


class Letterbox:
    """One letterbox folder.

    Args:
        root: the folder; made if missing.
        settings: bounds.
        own: intake's own folder beside it, for what it pins (see `pins`).
    """

    def __init__(self, root: Path, settings: LetterboxSettings, own: Path | None = None) -> None:
        self._settings = settings
        self._in, self._boxes, self._refused = root / "in", root / "boxes", root / "refused"
        self._roster, self._scratch = root / "roster", root / "scratch"
        self.pins = Pins(own or root.with_name("intake"))
        self._verified: tuple[tuple[int, int], Roster] | None = None
        self._nothing = root / "nothing"
        files.make_directories(
            self._in, self._boxes, self._refused, self._roster, self._scratch, self._nothing
        )
        self._make_nothing()

    # --- packets ---------------------------------------------------------------------------------

    def put_packet(self, data: bytes, *, kept: bool = True) -> str:
        """Take an addendum or an instruction, durably; return its name.

        Args:
            data: the packet.
            kept: False does as much, and leaves nothing: for what is sent to no box.

        Raises:
            StorageError: too large, too little disk left, or not writable.
        """
        self._check_room(len(data))
        name = secrets.token_hex(16)
        path = (self._in if kept else self._scratch) / name
        files.write(path, data, self._scratch)
        if not kept:
            path.unlink(missing_ok=True)
        return name

    def put_visit(self, name: str, data: bytes, *, kept: bool) -> None:
        """Take the signal of a visit, once however often it is sent until the next slot.

        Not synced: it must cost next to nothing, and the next visit of that day sends it again.

        Args:
            name: the packet's id.
            data: the packet.
            kept: False does as much, and leaves nothing: for a visit to no box.

        Raises:
            StorageError: as `put_packet`.
        """
        self._check_room(len(data))
        path = (self._in if kept else self._scratch) / _checked(name)
        with contextlib.suppress(ConflictError):
            files.create(path, data, self._scratch, durable=False)
        if not kept:
            path.unlink(missing_ok=True)

    def put_testimony(self, data: bytes, boxes: tuple[FirstBox, ...]) -> None:
        """Take a new testimony: its packet and its boxes, or nothing.

        One page sent twice has the same boxes. The name of its packet is that of the first, and is
        made only once: of two requests that arrive together one is taken, the other told so. Not
        the testimony's id, which is another when a roster was published between the two.

        Args:
            data: the packet; the same bytes again change nothing.
            boxes: sorted by locator, as in the packet.

        Raises:
            ConflictError: another packet has these boxes; nothing of this one was taken.
            StorageError: as `put_packet`; nothing is left of it.
        """
        self._check_room(len(data))
        name = boxes[0].locator
        try:
            files.create(self._in / name, data, self._scratch)
        except ConflictError:
            if self.packet(name) == data:
                return
            raise
        try:
            self._check_first(boxes)
            self.put_first_boxes(boxes)
        except StorageError:
            self.remove_packet(name)
            raise

    def _check_first(self, boxes: tuple[FirstBox, ...]) -> None:
        """Refuse boxes of a testimony that the collector has taken away meanwhile."""
        for box in boxes:
            if self._is_there(box.locator) and self.sent(box.locator) != box.sent:
                raise ConflictError("boxes of another packet")

    def waiting(self) -> list[str]:
        """Return the names of waiting packets, sorted by name."""
        return sorted(p.name for p in self._in.iterdir() if _LOCATOR.fullmatch(p.name))

    def packet(self, name: str) -> bytes | None:
        """Return a waiting packet's bytes; None if it was taken away.

        Raises:
            StorageError: unreadable, or larger than allowed.
        """
        return files.read(self._in / _checked(name), self._settings.packet_limit)

    def take_packet(self, name: str, data: bytes) -> None:
        """Take a packet that waited at another host, durably, under its own name.

        Raises:
            ConflictError: one of this name waits already.
            StorageError: as `put_packet`.
        """
        self._check_room(len(data))
        files.create(self._in / _checked(name), data, self._scratch)

    def is_same(self, waiting: Path) -> bool:
        """Return whether a folder is the one in which packets wait here."""
        return self._in.samefile(waiting)

    def remove_packet(self, name: str) -> None:
        """Take a packet away."""
        (self._in / _checked(name)).unlink(missing_ok=True)

    def set_aside(self, name: str) -> None:
        """Move a refused packet away, so that it neither waits nor is lost."""
        try:
            (self._in / _checked(name)).rename(self._refused / name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StorageError("move") from error

    # --- boxes -----------------------------------------------------------------------------------

    def put_first_boxes(self, boxes: tuple[FirstBox, ...]) -> None:
        """Write the boxes of a new testimony unless they are there already.

        Not synced: the packet that carries them is, and the vault writes them again from it.

        Raises:
            StorageError: they cannot be written; none of them is left.
        """
        missing = [box for box in boxes if not self._is_there(box.locator)]
        try:
            for box in missing:
                for kind, data in zip(_KINDS, (box.sent, box.box), strict=True):
                    self._write_box(box.locator, kind, data, durable=False)
        except StorageError:
            for path in (self._path(box.locator, kind) for box in missing for kind in _KINDS):
                with contextlib.suppress(OSError):  # no file: who else writes here put it there
                    path.unlink()
            raise

    def has_boxes(self, locators: Iterable[str]) -> bool:
        """Return whether all these boxes lie there whole: then their testimony is not undone."""
        return all(self._is_there(locator) for locator in locators)

    def locators(self) -> Iterator[str]:
        """Give the names of all boxes, in no order."""
        for path in self._boxes.iterdir():
            if path.suffix == ".box" and _LOCATOR.fullmatch(path.stem):
                yield path.stem

    def _is_there(self, locator: str) -> bool:
        """Return whether a box lies there whole: a power cut may leave an empty file."""
        try:
            return self._path(locator, "box").stat().st_size > seal.OVERHEAD
        except OSError:  # none, or a link that leads nowhere
            return False

    def put_box(self, locator: str, data: bytes) -> None:
        """Write a box anew, durably.

        Raises:
            FormatError: the key that the frame names does not give the box's name.
            StorageError: it could not be written; the one before stays.
        """
        if seal.sealed_for(data).hex() != locator:
            raise FormatError("a box whose key does not give its name")
        self._write_box(locator, "box", data, durable=True)

    def one_at_a_time(self) -> AbstractContextManager[None]:
        """Return what a file of what was sent is read and written again under."""
        return files.locked(self._boxes)

    def put_sent(self, locator: str, data: bytes) -> None:
        """Write the file of what was sent from a box."""
        self._write_box(locator, "sent", data, durable=False)

    def box(self, locator: str) -> bytes | None:
        """Return a box; None if there is none of that name, after as much was read."""
        return self._read(locator, "box")

    def sent(self, locator: str) -> bytes | None:
        """Return the file of what was sent from a box; None if there is none, as `box`."""
        return self._read(locator, "sent")

    def _read(self, locator: str, kind: str) -> bytes | None:
        path = self._path(locator, kind)
        there = path.exists()
        data = files.read(path if there else self._nothing / kind, self._settings.packet_limit)
        return data if there else None

    def _make_nothing(self) -> None:
        sizes = {"box": MINIMUM + seal.OVERHEAD, "sent": SENT_SIZE + seal.OVERHEAD}
        with contextlib.suppress(StorageError):  # on a full disk answers are only less alike
            for kind, size in sizes.items():
                if not (self._nothing / kind).exists():
                    data = secrets.token_bytes(size)
                    files.write(self._nothing / kind, data, self._scratch, durable=False)

    # --- roster ----------------------------------------------------------------------------------

    def publish_chain(self, lines: Iterator[bytes] | list[bytes]) -> None:
        """Replace the published chain of signed rosters."""
        files.write(self._roster / "chain", b"\n".join(lines) + b"\n", self._scratch)

    def chain(self) -> bytes | None:
        """Return the published chain as it lies there; None if there is none.

        Raises:
            StorageError: unreadable, or larger than allowed.
        """
        return files.read(self._roster / "chain", MAX_CHAIN)

    def roster(self) -> Roster:
        """Return the newest verified roster whose time is not over.

        Raises:
            NotOpenYetError: nothing is pinned or published.
            RosterError, RosterExpiredError: it does not verify, was rolled back, or has expired.
        """
        path = self._roster / "chain"
        try:
            status = path.stat()
        except FileNotFoundError:
            raise NotOpenYetError from None
        stamp = (status.st_ino, status.st_size)
        if self._verified is None or self._verified[0] != stamp:
            self._verified = (stamp, self._verify(path))
        return check_time(self._verified[1], clock.moment())

    def _verify(self, path: Path) -> Roster:
        pin = self.pins.read()
        chain = files.read(path, MAX_CHAIN)
        if chain is None:
            raise NotOpenYetError
        roster = check_members(verify_chain(chain.splitlines(), pin), roles())
        if roster.version > pin.version:
            self.pins.remember(roster)
        return roster

    # --- bounds ----------------------------------------------------------------------------------

    def _check_room(self, size: int) -> None:
        if size > self._settings.packet_limit:
            raise StorageError("the packet is larger than allowed")
        if shutil.disk_usage(self._in).free < self._settings.disk_reserve + size:
            raise StorageError("the disk reserve is reached")

    def _write_box(self, locator: str, kind: str, data: bytes, *, durable: bool) -> None:
        files.write(self._path(locator, kind), data, self._scratch, durable=durable)

    def _path(self, locator: str, kind: str) -> Path:
        return self._boxes / f"{_checked(locator)}.{kind}"


def _checked(name: str) -> str:
    if not _LOCATOR.fullmatch(name):
        raise FormatError("no name of a file in the letterbox")
    return name
