"""A revealed case as its page shows it: the account by sections, the conversation, the notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from vault.cases.model import CaseLine, CaseView, RecordView
from vault.cases.reveal import custody
from vault.cases.reveal.custody import Listed
from vault.cases.written.notes import clean
from vault.web.staff import labels
from vault.web.staff.account import ADDED_AS, ADDENDUM, CORRECTION, STORY, Section, sections
from vault.web.staff.allowed import Allowed, allowed

REPLY, NOTE = "reply", "note"
SIGNS = (
    *("risk", "withdrawal.asked_to_sign", "withdrawal.signed", "withdrawal.deadline"),
    *("kind", "duress_word"),
)
MOST_PRESSED = 5
"""Records of which the top of the page tells; more stand in their sections."""
_KINDS = frozenset({"statement", ADDENDUM, REPLY, NOTE})
FROM_WITNESS = frozenset({"receipt", "second", "unchecked"})
_NOT_SHOWN = frozenset({"unproven", "broken", "closed"})
_WITNESS, _OTHER = "witness", "other"


@dataclass(frozen=True)
class Message:
    """One word of the conversation: what the witness said later, or a reply.

    Args:
        record: it stands in.
        text: as it was written.
        before: what the witness had said until then, oldest first, if this corrects it.
    """

    record: RecordView
    text: str = field(repr=False)
    before: tuple[Message, ...] = ()

    @property
    def by_witness(self) -> bool:
        """Whether the witness said it."""
        return self.record.origin in FROM_WITNESS


@dataclass(frozen=True)
class Note:
    """A note: a member's words with a little formatting."""

    record: RecordView
    markup: Markup = field(repr=False)


@dataclass(frozen=True)
class Hidden:
    """A record of which nothing is shown, and what it would have been."""

    record: RecordView
    kind: str
    author: str | None


@dataclass(frozen=True)
class Pressed:
    """What one record says was done to the witness since, in short.

    Args:
        record: it stands in.
        signs: question and answer.
    """

    record: RecordView
    signs: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True)
class Case:
    """What the page of a case needs."""

    line: CaseLine
    form: str | None = field(repr=False)
    urgency: tuple[str, ...] = field(repr=False)
    pressed: tuple[Pressed, ...]
    sections: tuple[Section, ...]
    thread: tuple[Message, ...]
    allowed: Allowed | None
    notes: tuple[Note, ...]
    hidden: tuple[Hidden, ...]
    files: tuple[Listed, ...] = field(repr=False)
    view: CaseView = field(repr=False)

    @property
    def fresh(self) -> int:
        """How many records on the page came since the reader looked last."""
        shown = (part.record for section in self.sections for part in section.parts)
        said = (message.record for message in self.thread)
        return len({record.id for record in (*shown, *said) if record.new})


def of_case(view: CaseView, stored: Mapping[str, str | None]) -> Case:
    """Return a case for its page; `stored` is on which day each of its files came."""
    shown = [record for record in view.records if record.origin not in _NOT_SHOWN]
    told = [record for record in shown if record.origin in FROM_WITNESS]
    urgency = view.line.summary.urgency if view.line.summary else ()
    return Case(
        line=view.line,
        form=labels.form_name(view.form),
        urgency=tuple(labels.code("urgency", code) for code in urgency),
        pressed=tuple(
            Pressed(record, tuple(_signs(record))) for record in view.pressed[:MOST_PRESSED]
        ),
        sections=sections(told, view.form),
        thread=tuple(_thread(shown)),
        allowed=allowed(told, view.form),
        notes=tuple(_note(record) for record in shown if record.kind == NOTE),
        hidden=tuple(_hidden(record) for record in view.records if record.origin in _NOT_SHOWN),
        files=custody.of_records(view.records, stored, view.line.capacity),
        view=view,
    )


def _signs(record: RecordView) -> Iterator[tuple[str, str]]:
    """Yield the short answers of a record about pressure; the long ones are read in place."""
    for path in SIGNS:
        value = _at(record.answers, path)
        answers = value if isinstance(value, list) else [] if value is None else [value]
        of = path, record.form, record.version
        said = "; ".join(labels.answer(one, *of) for one in answers)
        if said:
            yield labels.question(*of), said


def _at(answers: Any, path: str) -> Any:
    for name in path.split("."):
        answers = answers.get(name) if isinstance(answers, Mapping) else None
    return answers


def _thread(shown: Iterable[RecordView]) -> Iterable[Message]:
    told: list[Message] = []
    for record in shown:
        if record.kind == REPLY:
            yield Message(record, record.text or "")
        elif record.origin in FROM_WITNESS and record.answers.get(STORY):
            said = Message(record, str(record.answers[STORY]))
            if record.kind == ADDENDUM:
                yield replace(said, before=tuple(told) if _corrects(record) else ())
            told.append(said)


def _corrects(record: RecordView) -> bool:
    """Say whether the witness says that this corrects what they said before."""
    added_as = record.answers.get(ADDED_AS)
    return isinstance(added_as, list) and CORRECTION in added_as


def _note(record: RecordView) -> Note:
    # Cleaned when it was written, and again here: whoever holds the keys can seal anything.
    return Note(record, Markup(clean(record.text or "")))  # noqa: S704 - cleaned


def _hidden(record: RecordView) -> Hidden:
    kind = record.kind if record.kind in _KINDS else _OTHER
    return Hidden(record, kind, None if record.author == _WITNESS else record.author)
