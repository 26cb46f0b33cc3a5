"""Which lines of a list are shown, and in which order. Pure: lines in, lines out.

A line without a summary is never left out by "unread" or "waiting": what is not known has to be
looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from vault.cases.model import CaseLine

PAGE = 100


@dataclass(frozen=True)
class Choice:
    """What a member chose to see.

    Args:
        urgent: only those with an urgency, or whose witness may have been forced.
        unread: only those with something unread, or a file that is new.
        waiting: only those whose witness waits for an answer.
        form: only of this form; empty: of any.
        language: only in this language; empty: in any.
        capacity: only where the member is "lawyer" or "deputy"; empty: either.
        words: only whose label holds these words, in any case; empty: any.
        sort: a key of SORTS.
    """

    urgent: bool = False
    unread: bool = False
    waiting: bool = False
    form: str = ""
    language: str = ""
    capacity: str = ""
    words: str = field(default="", repr=False)
    sort: str = "waiting"


def choose(lines: Iterable[CaseLine], choice: Choice) -> list[CaseLine]:
    """Return the chosen lines in the chosen order; equal ones by day of last activity, newest."""
    latest = sorted(lines, key=lambda line: line.active, reverse=True)
    return sorted((line for line in latest if _fits(line, choice)), key=SORTS[choice.sort])


def _fits(line: CaseLine, choice: Choice) -> bool:
    summary = line.summary
    form, language, label = (
        ("", "", "") if summary is None else (summary.form, summary.language, summary.label)
    )
    return (
        (_urgent(line) or not choice.urgent)
        and (_unread(line) or not choice.unread)
        and (line.waiting or not choice.waiting)
        and choice.form in {"", form}
        and choice.language in {"", language}
        and choice.capacity in {"", line.capacity}
        and choice.words.casefold() in label.casefold()
    )


def _urgent(line: CaseLine) -> bool:
    return line.forced is not None or (line.summary is not None and bool(line.summary.urgency))


def _unread(line: CaseLine) -> bool:
    return bool(line.unread or line.new_files)


def _attention(line: CaseLine) -> tuple[bool, bool, bool]:
    # Somebody who may have been forced waits, too, without having written anything.
    return not (line.waiting or line.forced), not _urgent(line), not _unread(line)


def _label(line: CaseLine) -> tuple[bool, str]:
    label = "" if line.summary is None else line.summary.label
    return not label, label.casefold()


SORTS: dict[str, Callable[[CaseLine], Any]] = {
    "waiting": _attention,
    "active": lambda _: 0,
    "day": lambda line: line.day,
    "label": _label,
}
"""The orders of a list: who waits, urgent ones first; last activity; day of arrival; own label."""
