"""Where something stands in a file of the forms, for messages to people who edit it.

The library that reads TOML (`tomllib`) tells no lines of what it has read. The files are plain
enough to find them again: a line that opens a table, a line that begins with a key. What cannot be
found that way (a field written in one line) is named by the line of what is around it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vault.errors import FormsError

Path_ = tuple[int, ...]
"""Which field, counted from 0: (2,) is the third of a module, (2, 0) the first inside it."""

_FIELDS: Final = re.compile(r"\s*\[\[\s*fields((?:\.fields)*)\s*\]\]")
_TABLE: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_]+)\s*=")
_AT_LINE: Final = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Place:
    """A file, or one field in it.

    Attributes:
        file: its name.
        lines: line by (field, key); an empty key stands for the line that opens the field.
        path: which field; empty for the file itself.
        name: how a message calls the field; empty for the file itself.
    """

    file: str
    lines: Mapping[tuple[Path_, str], int] = field(repr=False)
    path: Path_ = ()
    name: str = ""

    def inside(self, number: int, name: str) -> Place:
        """Return the place of a field inside this one."""
        return Place(self.file, self.lines, (*self.path, number), name)

    def fault(self, message: str, key: str = "") -> FormsError:
        """Return the error that names file, line and field: `risk.toml:12: risk: ...`."""
        line = self.line(key)
        where = f"{self.file}:{line}" if line else self.file
        return FormsError(": ".join(part for part in (where, self.name, message) if part))

    def line(self, key: str = "") -> int | None:
        """Return the line of a key, else that of the nearest field around it that has one."""
        if (self.path, key) in self.lines:
            return self.lines[self.path, key]
        around = (self.path[:end] for end in range(len(self.path), 0, -1))
        return next((self.lines[path, ""] for path in around if (path, "") in self.lines), None)


def read(path: Path) -> tuple[dict[str, Any], Place]:
    """Return what a TOML file of fields holds, and the place to name its mistakes by.

    Raises:
        FormsError: it cannot be read; names the line if there is one.
    """
    table, text = read_table(path)
    return table, Place(path.name, _lines(text))


def read_table(path: Path) -> tuple[dict[str, Any], str]:
    """Return what a TOML file holds, and its text.

    Raises:
        FormsError: it cannot be read; names the line if there is one.
    """
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        where = f"{path.name}:{line[1]}" if line else path.name
        raise FormsError(f"{where}: cannot be read: {error}") from error
    except (OSError, ValueError) as error:
        raise FormsError(f"{path.name} cannot be read") from error


@dataclass(frozen=True)
class Tables:
    """A file of named tables, `[fields.risk]`, and where each begins."""

    file: str
    lines: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, file: str, text: str) -> Tables:
        """Find the tables of a text; a name may be written with or without quotes."""
        matches = ((number, _TABLE.match(line)) for number, line in enumerate(text.splitlines(), 1))
        return cls(file, {match[1].replace('"', ""): number for number, match in matches if match})

    def named(self, name: str) -> str:
        """Return how a message names a table: `kk.toml:12`, or the file if it is not found."""
        return f"{self.file}:{self.lines[name]}" if name in self.lines else self.file


def _lines(text: str) -> dict[tuple[Path_, str], int]:
    found: dict[tuple[Path_, str], int] = {}
    path: Path_ = ()
    fields: Counter[Path_] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _FIELDS.match(line):
            above = path[: match[1].count(".fields")]
            path = (*above, fields[above])
            fields[above] += 1
            found[path, ""] = number
        elif match := _KEY.match(line):
            found.setdefault((path, match[1]), number)
    return found
