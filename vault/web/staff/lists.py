"""The two lists: new accounts for those who assign, own cases for lawyers.

Addresses hold fixed choices only. Words that a member looks for in their labels are posted: an
address stays in the history of a browser.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vault.cases.lists import inbox
from vault.cases.lists.choosing import PAGE, SORTS, Choice, choose
from vault.cases.model import SET_ASIDE, CaseLine
from vault.errors import TooLongError
from vault.forms.codes import LANGUAGES
from vault.roster.roles import CASES, DEPUTY, LAWYER, TRIAGE
from vault.web.inside import who
from vault.web.shared.decoding import read_form
from vault.web.staff import labels
from vault.web.staff.access import for_those_who

pages = Blueprint("lists", __name__)

_MARKS = ("waiting", "unread", "urgent")
_MAX_WORDS = 80
_MAX_DIGITS = 6


@dataclass(frozen=True)
class Line:
    """A case as a row of the table: its line, with the words of form and urgency."""

    case: CaseLine
    form: str | None = field(repr=False)
    urgency: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Listing:
    """One page of a list: `count` of `of` lines were chosen, `rows` are those of this page."""

    rows: tuple[Line, ...] = field(repr=False)
    choice: Choice
    query: dict[str, str]
    count: int
    of: int
    page: int
    pages: int


@pages.get("/new")
@for_those_who(TRIAGE)
def new() -> str:
    """Show new accounts, and below them what was set aside; in pages, or a flood would close it."""
    lines = inbox.new_cases(who.vault(), who.actor())
    # What can be done comes first.
    lines.sort(key=lambda line: (line.status == SET_ASIDE, not line.readable))
    shown, number, last = _page(lines, request.args.get("page", ""))
    return render_template(
        "staff/new.html",
        waiting=[_line(line) for line in shown if line.status != SET_ASIDE],
        set_aside=[_line(line) for line in shown if line.status == SET_ASIDE],
        page=number,
        pages=last,
    )


@pages.get("/cases")
@for_those_who(CASES)
def mine() -> str:
    """Show the cases that were given to this lawyer, as chosen in the address."""
    return _mine("")


@pages.post("/cases")
@for_those_who(CASES)
def search() -> ResponseReturnValue:
    """Show those of them whose label holds some words."""
    form = read_form(request)
    form.check()
    words = form.text("words").strip()
    if len(words) > _MAX_WORDS:
        raise TooLongError("words")
    return _mine(words, form.text("page"))


def _mine(words: str, page: str | None = None) -> str:
    lines = inbox.my_cases(who.vault(), who.actor(), searched=bool(words))
    listing = _listing(lines, words, page or request.args.get("page", ""))
    return render_template(
        "staff/cases.html",
        listing=listing,
        forms=labels.form_names(),
        known_languages=LANGUAGES,
        capacities=(LAWYER, DEPUTY),
        sorts=tuple(SORTS),
        marks=_MARKS,
    )


def _listing(lines: list[CaseLine], words: str, page: str) -> Listing:
    query = _query()
    choice = Choice(
        urgent="urgent" in query,
        unread="unread" in query,
        waiting="waiting" in query,
        form=query.get("form", ""),
        language=query.get("language", ""),
        capacity=query.get("capacity", ""),
        words=words,
        sort=query.get("sort", "waiting"),
    )
    chosen = choose(lines, choice)
    shown, number, last = _page(chosen, page)
    rows = tuple(_line(line) for line in shown)
    return Listing(rows, choice, query, len(chosen), len(lines), number, last)


def _page(lines: list[CaseLine], asked: str) -> tuple[list[CaseLine], int, int]:
    """Return the lines of the page that was asked for, its number, and that of the last."""
    last = max(1, -(-len(lines) // PAGE))
    number = min(max(1, _number(asked)), last)
    return lines[(number - 1) * PAGE : number * PAGE], number, last


def _query() -> dict[str, str]:
    """Return what of the address is a choice that this page offers; anything else is left out."""
    offered: dict[str, tuple[str, ...]] = {
        **dict.fromkeys(_MARKS, ("yes",)),
        "form": tuple(labels.form_names()),
        "language": LANGUAGES,
        "capacity": (LAWYER, DEPUTY),
        "sort": tuple(SORTS),
    }
    given = {name: request.args.get(name, "") for name in offered}
    return {name: value for name, value in given.items() if value in offered[name]}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else 1


def _line(line: CaseLine) -> Line:
    if line.summary is None:
        return Line(line, None, ())
    codes = tuple(labels.code("urgency", code) for code in line.summary.urgency)
    return Line(line, labels.form_name(line.summary.form) or None, codes)
