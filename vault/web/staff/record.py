"""The record of consent, to print: every word to every item, and what was told before it.

The question stands as the witness read it, in their language, by the version of the form that they
had in front of them. Opening this page is an opening of the account, with an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask import Blueprint, render_template

from vault import clock
from vault.cases.model import CaseView, RecordView
from vault.cases.reveal import open_case
from vault.cases.reveal.allowing import NOTE_READ, STOP, signed_words
from vault.consent.items import ITEMS, READ, YES
from vault.forms import versions
from vault.forms.versions import Told
from vault.roster.roles import MESSAGES
from vault.web.inside import who
from vault.web.staff import labels
from vault.web.staff.access import for_those_who
from vault.web.staff.account import ADDENDUM, CONSENT
from vault.web.staff.view import FROM_WITNESS

pages = Blueprint("record", __name__)

PURPOSE = "record"
_LATER, _FIRST = "later", "first"
_SECOND = "second"


@dataclass(frozen=True)
class Word:
    """One word to one item.

    Args:
        record: it stands in.
        channel: "first" statement, "later", "second" receipt, "stop" or "note" of a lawyer.
        text: the answer; empty for a lawyer's word.
        told: the question as the witness had it in front of them; None if it is not known.
    """

    record: RecordView
    channel: str
    text: str = field(default="", repr=False)
    told: Told | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Item:
    """One item with everything that was said to it, oldest first.

    Args:
        name: C01 to C18, or what belongs to one.
        label: the question in the reader's language.
        until: until when it can be taken back; None of what belongs to another.
        words: of the witness and of lawyers.
    """

    name: str
    label: str
    until: str | None
    words: tuple[Word, ...] = field(repr=False)


@pages.get("/cases/<string(length=32):case_id>/consent")
@for_those_who(MESSAGES)
def show(case_id: str) -> str:
    """Show it; the entry in the access log is committed first."""
    view = open_case(who.vault(), who.actor(), case_id, PURPOSE)
    return render_template(
        "staff/record.html",
        line=view.line,
        view=view,
        items=tuple(items_of(view)),
        read_later=not any(one.answers.get(CONSENT, {}).get(READ) == YES for one in _told_by(view)),
        today=clock.day(),
    )


def _told_by(view: CaseView) -> Iterator[RecordView]:
    """Yield what the witness answered about consent."""
    for record in view.records:
        if record.origin in FROM_WITNESS and isinstance(record.answers.get(CONSENT), dict):
            yield record


def items_of(view: CaseView) -> Iterator[Item]:
    """Yield every item that there is, with its words; silence is an item without words."""
    said = sorted((*_of_witness(view), *_of_lawyers(view.records)), key=_place)
    names = {name for name, _ in said} | ITEMS.keys()
    for name in sorted(names):
        item = ITEMS.get(name)
        yield Item(
            name=name,
            label=labels.question(f"{CONSENT}.{name}"),
            until=item.until if item else None,
            words=tuple(word for of, word in said if of == name),
        )


def _of_witness(view: CaseView) -> Iterator[tuple[str, Word]]:
    for record in _told_by(view):
        for name, value in record.answers[CONSENT].items():
            path = f"{CONSENT}.{name}"
            text = labels.answer(value, path, record.form, record.version)
            yield name, Word(record, _channel(record), text, _told(record, path))


def _of_lawyers(records: Iterable[RecordView]) -> Iterator[tuple[str, Word]]:
    names = {STOP: "stop", NOTE_READ: "note"}
    for record, word in signed_words(records):
        if word["name"] in names:
            yield str(word["item"]), Word(record, names[word["name"]])


def _channel(record: RecordView) -> str:
    if record.origin == _SECOND:
        return _SECOND
    return _LATER if record.kind == ADDENDUM else _FIRST


def _told(record: RecordView, path: str) -> Told | None:
    return versions.told(record.form or "", record.version, path, record.language or "")


def _place(said: tuple[str, Word]) -> tuple[str, str, int]:
    record = said[1].record
    return record.arrived, record.day, record.number
