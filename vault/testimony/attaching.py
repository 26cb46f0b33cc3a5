"""Files of a witness, the first of two steps: sealed while they are read, and looked into.

Each is sealed as it comes, under a key of its own, and its sender learns what it betrays. What came
waits for their word (`came`); the second step makes what they chose of it (`chosen`). What is not
chosen, or never answered, is swept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from vault.crypto import suite
from vault.crypto.sealing import Sealing
from vault.crypto.stream import Piece
from vault.errors import (
    BusyError,
    CannotBeShownError,
    EmptyFileError,
    TooLongError,
)
from vault.letterbox.uploads import Uploads
from vault.packet.files import MAX_NAME, SealedFile
from vault.safe import kinds
from vault.safe.findings import Findings
from vault.safe.process import Copy
from vault.testimony.came import Came

UNKNOWN = "application/octet-stream"
MAX_FACTS, MAX_FACT_NAME, MAX_FACT = 12, 40, 100
"""How much of what one file betrays is shown, in characters: the page carries it in its field, and
all of twenty files, in any writing, has to fit into one request to the agent."""

_TYPES = {"pdf": "application/pdf"}


class Looks(Protocol):
    """What looks into files: `safe.process.SafeProcess`."""

    def inspect(self, data: bytes) -> Findings:
        """Return what a file betrays."""

    def clean(self, data: bytes) -> Copy:
        """Return a copy of nothing but pixels."""


def receive(
    uploads: Uploads, looks: Looks, file: tuple[str, Iterable[Piece]], most: tuple[int, int]
) -> Came:
    """Seal one file as it comes, and look into it if it is small enough.

    Args:
        uploads: where the sealed file goes.
        looks: the process for hostile files.
        file: its name and its pieces.
        most: bytes of a file, and bytes up to which it is looked into (kept in memory meanwhile).

    Raises:
        TooLongError: larger than allowed; nothing of it is left.
        EmptyFileError: it is empty.
        NoRoomError, StorageError: it could not be kept; nothing of it is left.
    """
    name, pieces = file
    limit, looked_at = most
    key, file_id = suite.random(suite.KEY_SIZE), suite.random(16).hex()
    kept = _Beginning(limit, looked_at)
    with Sealing(key) as sealing:
        uploads.put(file_id, sealing.through(kept.through(pieces)))
        plain, sealed = sealing.plain.said(), sealing.sealed.said()
    named = SealedFile(file_id, *sealed)
    came = Came(file_id, key, *plain, named, _name(name), UNKNOWN)
    return _looked(looks, came, kept.all)


def _looked(looks: Looks, came: Came, data: bytes | None) -> Came:
    """Return it with what it betrays.

    While too many are looked into it is told by its beginning: it must not have to be sent again.
    """
    if data is None:
        return came
    try:
        return _with(came, looks.inspect(data))
    except CannotBeShownError:
        return came
    except BusyError:
        kind = kinds.kind_of(data)
        return came if kind is None else replace(came, type=media_type(kind))


def _with(came: Came, found: Findings) -> Came:
    facts = tuple(
        (fact.category, fact.name[:MAX_FACT_NAME], fact.value[:MAX_FACT])
        for fact in found.facts[:MAX_FACTS]
    )
    return replace(came, type=media_type(found.kind), cleans=found.shown, looked=True, facts=facts)


def media_type(kind: str) -> str:
    """Return the media type of one of `safe.kinds`."""
    return _TYPES.get(kind, f"image/{kind}")


def _name(name: str) -> str:
    """Return a file's name as it is kept: no folders, nothing that does not print, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(one for one in last if one.isprintable()).strip()
    return plain[-MAX_NAME:] or "?"


class _Beginning:
    """Counts what comes, and keeps it as long as it could be looked into."""

    def __init__(self, limit: int, keep: int) -> None:
        self._limit, self._keep = limit, keep
        self._kept: bytearray | None = bytearray()
        self.size = 0

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the pieces on; raises TooLongError past the limit, EmptyFileError if all is none."""
        for piece in pieces:
            self.size += len(piece)
            if self.size > self._limit:
                raise TooLongError("file")
            self._hold(piece)
            yield piece
        if not self.size:
            raise EmptyFileError

    def _hold(self, piece: Piece) -> None:
        if self._kept is None:
            return
        self._kept += piece
        known = self.size - len(piece) < kinds.BEGINNING <= self.size
        if self.size > self._keep or (known and kinds.kind_of(bytes(self._kept)) is None):
            self._kept = None

    @property
    def all(self) -> bytes | None:
        """The file, if it is small enough and of a kind that is looked into."""
        return None if self._kept is None else bytes(self._kept)
