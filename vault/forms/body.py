"""The body map: outlines in which each place of the code list `body_place` is one shape.

`intake_forms/body_map.json` holds them: per view its size, lines that only help to see it, and the
SVG path of each place. A neutral figure of plain shapes; left and right are those of the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vault.forms import json_lines
from vault.forms.codes import CodeLists
from vault.forms.json_lines import JsonFile
from vault.resources import resource

FILE: Final = "body_map.json"
PLACES: Final = "body_place"
VIEWS: Final = "body_view"

_PATH: Final = re.compile(r"[MLQZ0-9. -]+")  # it stands in pages: numbers and four letters only


@dataclass(frozen=True)
class View:
    """One drawing.

    Attributes:
        id: a code of the list `body_view`.
        width: of its box; all numbers are of one scale.
        height: of its box.
        outline: lines that only help to see it.
        places: the path of each place, by its code.
    """

    id: str
    width: int
    height: int
    outline: tuple[str, ...]
    places: Mapping[str, str]


def load_body(codes: CodeLists, directory: Path | None = None) -> tuple[View, ...]:
    """Return all drawings, in the order of the page.

    Args:
        codes: the places and views that must be drawn, each once.
        directory: default: the `intake_forms/` of this program.

    Raises:
        FormsError: names the file, the line and what is wrong with it.
    """
    data, file = json_lines.read((directory or resource("intake_forms")) / FILE)
    try:
        views = tuple(_view(view) for view in data["views"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise file.fault("a view lacks its size, its outline or its places", "views") from error
    drawn = [place for view in views for place in view.places]
    _check_same(file, [view.id for view in views], codes, VIEWS)
    _check_same(file, drawn, codes, PLACES)
    for number, view in enumerate(views):
        for above, key, shape in _shapes(view):
            if not _PATH.fullmatch(shape):
                message = f"{view.id} has a path of other letters than M, L, Q, Z"
                raise file.fault(message, "views", number, above, key)
    return views


def _shapes(view: View) -> Iterator[tuple[str, str | int, str]]:
    """Yield every path of a view with where it stands in the file."""
    yield from (("outline", at, shape) for at, shape in enumerate(view.outline))
    yield from (("places", place, shape) for place, shape in view.places.items())


def _check_same(file: JsonFile, drawn: list[str], codes: CodeLists, name: str) -> None:
    if drawn != [code.code for code in codes.codes(name)]:
        raise file.fault(f"what is drawn is not the list {name} in its order", "views")


def _view(view: Mapping[str, Any]) -> View:
    places = {str(code): str(shape) for code, shape in view["places"].items()}
    outline = tuple(str(shape) for shape in view["outline"])
    return View(str(view["id"]), int(view["width"]), int(view["height"]), outline, places)
