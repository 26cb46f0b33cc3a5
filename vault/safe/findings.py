"""What a file betrays: a table that the reading child makes and the parent takes strictly.

Every value was written by whoever made the file: it is short, printable, and nothing else is
promised of it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from vault.safe.job import DAMAGED, Refusal
from vault.safe.kinds import KINDS
from vault.safe.labels import CATEGORIES

MAX_FACTS, MAX_NAME, MAX_VALUE = 200, 60, 200
MAX_BYTES = 400_000


class Fact(NamedTuple):
    """One thing that stands in a file beside what it shows; `category` is one of CATEGORIES."""

    category: str
    name: str
    value: str

    def __repr__(self) -> str:
        return f"Fact({self.category})"  # what a file says of somebody is for no log


class Findings(NamedTuple):
    """What was found in a file.

    Attributes:
        kind: one of `kinds.KINDS`, by content.
        pages: 1 for a picture.
        width: pixels of a picture, as it is shown; 0 for papers and where it is not known.
        height: likewise.
        shown: whether it can be cleaned and shown at all.
        scripts: a paper holds programs; they never run here.
        facts: at most MAX_FACTS, in the order of CATEGORIES.
    """

    kind: str
    pages: int
    width: int
    height: int
    shown: bool
    scripts: bool
    facts: tuple[Fact, ...]

    def categories(self) -> tuple[str, ...]:
        """Return what kinds of things it betrays: those of CATEGORIES that have a fact."""
        found = {fact.category for fact in self.facts}
        return tuple(category for category in CATEGORIES if category in found)


def fact(category: str, name: str, value: str) -> Fact:
    """Return a fact cut to its bounds, without what does not print."""
    return Fact(category, _plain(name, MAX_NAME), _plain(value, MAX_VALUE))


def table(facts: list[Fact]) -> tuple[Fact, ...]:
    """Return facts as they stand in findings: none empty or twice, in order, not too many."""
    once = dict.fromkeys(one for one in facts if one.value)
    return tuple(sorted(once, key=lambda one: CATEGORIES.index(one.category))[:MAX_FACTS])


def pack(found: Findings) -> bytes:
    """Return findings as the payload of an answer."""
    return json.dumps(found).encode("ascii")


def unpack(payload: bytes) -> Findings:
    """Return what `pack` made.

    Raises:
        Refusal: DAMAGED; whatever made this is not the child we know.
    """
    try:
        kind, pages, width, height, shown, scripts, facts = json.loads(payload.decode("ascii"))
        counts = (pages, width, height)
        flags = (shown, scripts)
        taken = tuple(_taken(*one) for one in facts)
    except (ValueError, TypeError, RecursionError):
        raise Refusal(DAMAGED) from None
    well = (
        kind in KINDS
        and all(type(one) is int and 0 <= one < 1 << 32 for one in counts)
        and all(type(one) is bool for one in flags)
        and len(taken) <= MAX_FACTS
    )
    if not well:
        raise Refusal(DAMAGED)
    return Findings(kind, pages, width, height, shown, scripts, taken)


def _taken(category: Any, name: Any, value: Any) -> Fact:
    if category not in CATEGORIES or not isinstance(name, str) or not isinstance(value, str):
        raise TypeError
    if fact(category, name, value) != Fact(category, name, value):
        raise ValueError
    return Fact(category, name, value)


def _plain(text: str, most: int) -> str:
    """Return `text` in one line, without controls, overrides of direction and half characters."""
    one_line = "".join(one if one.isprintable() else " " for one in text[: most * 4])
    return " ".join(one_line.split())[:most].rstrip()
