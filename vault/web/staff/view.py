"""A revealed case as its page shows it: sections by compartment, answers with their questions."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from vault.cases.model import CaseLine, CaseView, RecordView
from vault.cases.notes import clean
from vault.web.staff import labels
from vault.web.staff.labels import Shown

_COMPARTMENTS = ("account", "medical", "work")
_KINDS = frozenset({"statement", "addendum", "reply", "note"})
_OTHER = "other"


@dataclass(frozen=True)
class Record:
    """One record: what is known about it, and either answers, a text, or a note's safe markup."""

    id: str
    compartment: str
    kind: str
    day: str
    author: str | None
    origin: str
    answers: tuple[Shown, ...] = field(repr=False)
    text: str | None = field(repr=False)
    markup: Markup | None = field(repr=False)


@dataclass(frozen=True)
class Case:
    """What the page of a case needs."""

    line: CaseLine
    form: str | None
    language: str | None
    sections: tuple[tuple[str, tuple[Record, ...]], ...]
    readers: tuple[tuple[str, str], ...]
    view: CaseView = field(repr=False)


def of_case(view: CaseView) -> Case:
    """Return a case for its page."""
    records = [_record(record, view.form) for record in view.records]
    sections = [
        (name, tuple(record for record in records if record.compartment == name))
        for name in _COMPARTMENTS
    ]
    return Case(
        line=view.line,
        form=labels.form_name(view.form),
        language=view.language,
        sections=tuple((name, held) for name, held in sections if held),
        readers=view.readers,
        view=view,
    )


def _record(record: RecordView, form_id: str | None) -> Record:
    # Cleaned when it was written, and again here: whoever holds the keys can seal anything.
    is_note = record.kind == "note"
    return Record(
        id=record.id,
        compartment=record.compartment,
        kind=record.kind if record.kind in _KINDS else _OTHER,
        day=record.day,
        author=None if record.author == "witness" else record.author,
        origin=record.origin,
        answers=labels.shown(record.answers or {}, form_id),
        text=None if is_note else record.text,
        markup=Markup(clean(record.text or "")) if is_note else None,  # noqa: S704 - cleaned
    )
