"""What is sealed in a backup: a list of files, then their bytes, in the list's order, no gaps.

Written and read in constant memory apart from the list. Reading believes nothing: every name must
be one that belongs into a backup of its kind, every size is bounded by the list, every file has the
hash that the list states, and nothing may follow the last one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vault import canonical
from vault.custody.backup.header import MAIN, SHORT_LIVED
from vault.errors import BackupError, FormatError, StorageError
from vault.letterbox import files

FORMAT = "witness-vault/backup-files/v1"
MAX_LIST = 64 * 1024 * 1024
MAX_FILES = 400_000
PIECE = 256 * 1024

_LENGTH = 4
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
_MAX_DEPTH = 5
_MAX_SIZE = 2**53 - 1
_KEYS = ("vault.key", "vault.spare", "custody.key", "root.public", "roster.seen")
_MAIN = frozenset({"settings.toml", "intake/root", *(f"keys/{name}" for name in _KEYS)})
_LETTERBOX = re.compile(
    r"letterbox/(?:(?:files|in|refused)/[0-9a-f]{32}|boxes/[0-9a-f]{32}\.(?:box|sent))"
)
_NEEDED = {
    MAIN: frozenset({"settings.toml", "keys/custody.key", "keys/root.public", "vault/vault.db"}),
    SHORT_LIVED: frozenset({"vault/erasure.db"}),
}

Keep = Callable[[str], AbstractContextManager[BinaryIO | None]]
"""Gives what a file of this name is written to, or None where it is only checked."""


@dataclass(frozen=True)
class Item:
    """One file of the list: name with `/`, bytes, SHA-256."""

    name: str
    size: int
    digest: bytes


def nowhere(_: str) -> AbstractContextManager[None]:
    """Keep nothing: the files are only checked."""
    return nullcontext()


def belongs(name: str, kind: str) -> bool:
    """Return whether a file of this name may stand in a backup of this kind.

    Everything in `vault/` belongs to the main one, but for the erasure keys, which live shorter,
    and what SQLite and a running backup keep beside their files.
    """
    if kind == SHORT_LIVED:
        return name == "vault/erasure.db" or bool(_LETTERBOX.fullmatch(name))
    folder, *below = name.split("/")
    if folder != "vault":
        return name in _MAIN
    plain = 0 < len(below) <= _MAX_DEPTH and all(map(_NAME.fullmatch, below))
    passing = below and (below[0].startswith(("erasure.db", "backup-")) or is_passing(below[-1]))
    return plain and not passing


def check_whole(names: Collection[str], kind: str) -> None:
    """Refuse a backup that no vault could be made of.

    Raises:
        BackupError: a file that every vault needs is missing.
    """
    if missing := sorted(_NEEDED[kind] - set(names)):
        raise BackupError(f"{missing[0]} is missing")


def is_passing(name: str) -> bool:
    """Return whether SQLite keeps such a file only while a database is open."""
    return name.endswith(("-wal", "-shm", "-journal"))


def pack(held: Mapping[str, Path], done: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the container of files that do not change meanwhile.

    Args:
        held: by name, where each lies now.
        done: told of each piece of a file how many bytes it has: every file is read twice, once for
            the list and once to be yielded.

    Raises:
        StorageError: one cannot be read, or changed between the list and its turn.
        FormatError: too many for one backup.
    """
    items = [_measured(name, path, done) for name, path in sorted(held.items())]
    stated = canonical.dumps(
        {
            "format": FORMAT,
            "files": [
                {"name": i.name, "size": i.size, "sha256": canonical.b64(i.digest)} for i in items
            ],
        }
    )
    if len(items) > MAX_FILES or len(stated) > MAX_LIST:
        raise FormatError("too many files for one backup")
    yield len(stated).to_bytes(_LENGTH) + stated
    for item in items:
        left = item.size
        for piece in _pieces(held[item.name]):
            left -= len(piece)
            done(len(piece))
            yield piece
        if left:
            raise StorageError("a file changed while it was copied")


def unpack(pieces: Iterator[bytes], kind: str, keep: Keep) -> tuple[Item, ...]:
    """Read a container to its end and return its list.

    Args:
        pieces: the opened stream; its errors pass through.
        kind: of the backup.
        keep: where files go; what was written counts only when this has returned.

    Raises:
        FormatError: not a container, or shorter or longer than its list says.
        BackupError: a name that does not belong, a missing file, or another hash than stated.
    """
    source = _Source(pieces)
    items = _listed(source, kind)
    for item in items:
        digest = hashlib.sha256()
        with keep(item.name) as target:
            for piece in source.take(item.size):
                digest.update(piece)
                if target is not None:
                    target.write(piece)
        if digest.digest() != item.digest:
            raise BackupError(f"{item.name} is not what the list says")
    source.end()
    return items


def _listed(source: _Source, kind: str) -> tuple[Item, ...]:
    size = int.from_bytes(b"".join(source.take(_LENGTH)))
    if size > MAX_LIST:
        raise FormatError("the list is too long")
    value = canonical.loads_object(b"".join(source.take(size)), frozenset({"format", "files"}))
    if value["format"] != FORMAT or not isinstance(value["files"], list):
        raise FormatError("not a list of files")
    items = tuple(map(_item, value["files"]))
    names = [item.name for item in items]
    if len(items) > MAX_FILES or sorted(set(names)) != names:
        raise FormatError("files are sorted by name, each once")
    if not all(belongs(name, kind) for name in names):
        raise BackupError("a file that does not belong there")
    check_whole(names, kind)
    return items


def _item(value: Any) -> Item:
    if not isinstance(value, dict) or value.keys() != {"name", "size", "sha256"}:
        raise FormatError("unexpected or missing field")
    name, size = value["name"], value["size"]
    if not isinstance(name, str) or type(size) is not int or not 0 <= size <= _MAX_SIZE:
        raise FormatError("a file of the list")
    return Item(name, size, canonical.unb64(value["sha256"], 32))


def _measured(name: str, path: Path, done: Callable[[int], None]) -> Item:
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(path):
        digest.update(piece)
        size += len(piece)
        done(len(piece))
    return Item(name, size, digest.digest())


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with files.open_ordinary(path) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise StorageError("read") from error


class _Source:
    """Opened pieces of any size, handed out by the number of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def take(self, size: int) -> Iterator[bytes]:
        """Yield exactly `size` bytes; FormatError if there are fewer."""
        while size:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                raise FormatError("shorter than its list says")
            given, self._rest = piece[:size], piece[size:]
            size -= len(given)
            yield given

    def end(self) -> None:
        """Read the stream to its end: only then it is known that nothing is missing."""
        if self._rest or any(self._pieces):
            raise FormatError("longer than its list says")
