"""Where something stands in a JSON file of the forms, for messages to people who edit it.

The library that reads JSON tells no lines of what it has read. Only when there is a mistake to name
is the text walked once more: it was read before, so its tokens follow one another as they should.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from vault.errors import FormsError

Path_ = tuple[str | int, ...]
"""Keys and places, from the outside: ("lists", "injury", 3, "en")."""

_MARK: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+|\n')


@dataclass(frozen=True)
class JsonFile:
    """A file by its name, and its text."""

    name: str
    text: str = field(repr=False)

    def fault(self, message: str, *path: str | int) -> FormsError:
        """Return the error that names file and line: that of the path, or of what is around it."""
        line = next(
            (self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 0
        )
        return FormsError(f"{self.name}:{line}: {message}" if line else f"{self.name}: {message}")

    @cached_property
    def _lines(self) -> dict[Path_, int]:
        return dict(reversed(list(walk(self.text))))  # of a key that stands twice, the first


def read(path: Path) -> tuple[Any, JsonFile]:
    """Return what a file holds, and the file to name its mistakes by.

    Raises:
        FormsError: it cannot be read, or a key stands twice in one object; names the line.
    """
    try:
        file = JsonFile(path.name, path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FormsError(f"{path.name} cannot be read") from error
    try:
        return json.loads(file.text, object_pairs_hook=_once), file
    except json.JSONDecodeError as error:
        raise FormsError(f"{file.name}:{error.lineno}: cannot be read: {error.msg}") from error
    except _TwiceError as error:
        raise FormsError(
            f"{file.name}:{_second(file.text)}: a key stands twice in one object"
        ) from error


class _TwiceError(Exception):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _TwiceError
    return result


def _second(text: str) -> int:
    """Return the line of the first key that stood before."""
    seen: set[Path_] = set()
    for path, line in walk(text):
        if path in seen:
            return line
        seen.add(path)
    return 0


def walk(text: str) -> Iterator[tuple[Path_, int]]:
    """Yield the path and line of every key and every entry of a text that is JSON."""
    marks = _marks(text)
    mark, _ = next(marks)
    yield from _below(marks, mark, ())


_Marks = Iterator[tuple[str, int]]


def _marks(text: str) -> _Marks:
    line = 1
    for mark in _MARK.findall(text):
        if mark == "\n":
            line += 1
        else:
            yield mark, line


def _below(marks: _Marks, mark: str, path: Path_) -> Iterator[tuple[Path_, int]]:
    if mark == "{":
        yield from _keys(marks, path)
    elif mark == "[":
        yield from _entries(marks, path)


def _keys(marks: _Marks, path: Path_) -> Iterator[tuple[Path_, int]]:
    for mark, line in marks:
        if mark == "}":
            return
        if mark != ",":
            key = (*path, str(json.loads(mark)))
            yield key, line
            next(marks)  # the colon
            value, _ = next(marks)
            yield from _below(marks, value, key)


def _entries(marks: _Marks, path: Path_) -> Iterator[tuple[Path_, int]]:
    place = 0
    for mark, line in marks:
        if mark == "]":
            return
        if mark != ",":
            yield (*path, place), line
            yield from _below(marks, mark, (*path, place))
            place += 1
