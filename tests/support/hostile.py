"""Text that tries to become something else, put into every text that a form asks for."""

from __future__ import annotations

import codecs
import re
from itertools import cycle
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "browser"
MOST = 2_000


def lines(name):
    """Typed and shown text of every line of a file that is no comment."""
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("# "):
            typed, _, shown = line.partition("\t")
            yield _decoded(typed), _decoded(shown or typed)


def _decoded(text):
    return re.sub(
        r"\\(?:u[0-9a-f]{4}|U[0-9a-fA-F]{8}|n)",
        lambda found: codecs.decode(found.group(), "unicode_escape"),
        text,
    )


class Filling:
    """Gives hostile texts in turn, each as much as a field holds."""

    def __init__(self):
        self.texts = [typed for typed, _ in lines("hostile.txt") if typed.strip()]
        self._next = cycle(self.texts)

    def text(self, limit):
        """Return some of them, at least one, or the beginning of one that alone is too long."""
        taken = next(self._next)
        most = min(limit or MOST, MOST)
        while len(taken) < most // 2:
            taken = f"{taken}\n{next(self._next)}"
        return taken[:most] if taken[:most].strip() else "<b>"

    def of(self, fields):
        """Return answers that fill every text of some fields, whatever they lie in."""
        given = {field.name: self._value(field) for field in fields if field.on_page}
        given |= {
            field.needs: min(other.codes)
            for field in fields
            for other in fields
            if other.name == field.needs and other.codes
        }
        return {name: value for name, value in given.items() if value}

    def _value(self, field):
        if field.type == "text":
            return self.text(field.limit)
        if field.type == "date":
            return {"text": self.text(300)}
        inside = self.of(field.asked)
        return [inside] if field.type == "list" and inside else inside


def texts_of(fields, values):
    """Yield every text among answers, with the field it answers."""
    by_name = {field.name: field for field in fields}
    for name, value in values.items():
        field = by_name[name]
        if field.type == "date":
            yield field, value["text"]
        elif field.type == "text":
            yield field, value
        for part in value if isinstance(value, list) else [value] if field.fields else ():
            yield from texts_of(field.fields, part)
