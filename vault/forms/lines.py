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
_NAMED: Final = re.compile(r'\s*"?([^"=\s]+)"?\s*=')
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


def read_table(path: Path, name: str = "") -> tuple[dict[str, Any], str]:
    """Return what a TOML file holds, and its text.

    Args:
        path: of the file.
        name: how a message calls it; by default the name of the file.

    Raises:
        FormsError: it cannot be read; names the line if there is one.
    """
    called = name or path.name
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        line = _AT_LINE.search(str(error))
        where = f"{called}:{line[1]}" if line else called
        raise FormsError(f"{where}: cannot be read: {error}") from error
    except (OSError, ValueError) as error:
        raise FormsError(f"{called} cannot be read") from error


@dataclass(frozen=True)
class Tables:
    """A file of named tables, `[fields.risk]`, and where each of them and each key in it stands."""

    file: str
    lines: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, file: str, text: str) -> Tables:
        """Find the tables of a text; a name may be written with or without quotes."""
        found: dict[str, int] = {}
        table = ""
        for number, line in enumerate(text.splitlines(), 1):
            if match := _TABLE.match(line):
                table = match[1].replace('"', "")
                found[table] = number
            elif match := _NAMED.match(line):
                found.setdefault(f"{table}.{match[1]}".lstrip("."), number)
        return cls(file, found)

    def fault(self, name: str, message: str) -> FormsError:
        """Return the error that names the line of a key or table, else of what is around it."""
        around = name
        while around and around not in self.lines:
            around = around.rpartition(".")[0]
        where = f"{self.file}:{self.lines[around]}" if around else self.file
        return FormsError(f"{where}: {message}")


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
