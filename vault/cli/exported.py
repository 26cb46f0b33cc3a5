"""Exports of the log as folders on a disk: read line by line, however large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import BinaryIO

from vault.errors import StorageError
from vault.ledger import export as layout
from vault.ledger.copies import Copy
from vault.ledger.merkle import Frontier
from vault.letterbox import files

MAX_SMALL = 1_048_576


def read(path: Path, most: int = MAX_SMALL) -> bytes:
    """Return the bytes of a small file that must be there.

    Raises:
        StorageError: it is missing, too large, or cannot be read.
    """
    data = files.read(path, most)
    if data is None:
        raise StorageError(f"{path.name} is missing")
    return data


def vkey_of(folder: Path) -> str:
    """Return the key that lies in an export.

    Raises:
        FormatError: not a key.
        StorageError: it is missing.
    """
    return layout.parse_vkey(read(folder / layout.VKEY))


def copy_of(folders: Sequence[Path]) -> Copy:
    """Return the copy that lies in a folder, or in several, oldest first, each going on.

    Raises:
        FormatError: what says where one begins is malformed.
        LedgerError: they are not in order.
        StorageError: a file is missing.
    """
    return reduce(Copy.then, map(_one, folders))


def _one(folder: Path) -> Copy:
    since = folder / layout.SINCE
    frontier, note = layout.parse_since(read(since)) if since.exists() else (Frontier(), None)
    for name in (layout.ENTRIES, layout.HASHES, layout.CHECKPOINTS):
        _opened(folder / name).close()  # said now, and not in the middle
    return Copy(
        _lines(folder / layout.ENTRIES, layout.parse_entries),
        _lines(folder / layout.HASHES, layout.parse_hashes),
        _lines(folder / layout.CHECKPOINTS, layout.parse_checkpoints),
        frontier,
        note,
    )


def _lines(
    path: Path, parse: Callable[[BinaryIO], Iterator[bytes]]
) -> Callable[[], Iterator[bytes]]:
    def lines() -> Iterator[bytes]:
        with _opened(path) as file:
            yield from parse(file)

    return lines


def _opened(path: Path) -> BinaryIO:
    try:
        return files.open_ordinary(path)
    except FileNotFoundError:
        raise StorageError(f"{path.name} is missing") from None
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read") from error
