"""What the witness allowed: every item that was offered, the answer that counts, and earlier ones.

Silence means no. Answers sent with the second receipt may have been forced: they are shown, and
never count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault.cases.model import RecordView
from vault.web.staff import labels
from vault.web.staff.account import ADDENDUM, CONSENT

_FIRST = "receipt"
_TYPE = "consent"
_READING = "C02"


@dataclass(frozen=True)
class Answer:
    """One answer, the question as its version of the form asked it, and the record it stands in."""

    question: str
    text: str = field(repr=False)
    record: RecordView


@dataclass(frozen=True)
class Item:
    """One item.

    Args:
        name: id of its field.
        label: what was asked when it was answered last; of what nobody answered, as today.
        now: the latest answer with the first receipt; None: unanswered, so no.
        others: every other answer, newest first.
    """

    name: str
    label: str
    now: Answer | None
    others: tuple[Answer, ...]


@dataclass(frozen=True)
class Allowed:
    """All items.

    Args:
        base: the record that most of them stand in.
        items: in the order of the form.
        read_later: no answer allows reading: it was allowed by an instruction of the receipt.
    """

    base: RecordView
    items: tuple[Item, ...]
    read_later: bool


def allowed(records: Iterable[RecordView], form_id: str | None) -> Allowed | None:
    """Return what was answered, in the order of the form; None if no record answers anything."""
    asked = [record for record in records if _answers(record)]
    if not asked:
        return None
    newest = sorted(asked, key=_place, reverse=True)
    form = labels.form_of(form_id)
    fields = form.by_id if form else {}
    names = [one.id for one in fields.values() if one.id.startswith(f"{CONSENT}.")]
    names += sorted(
        {f"{CONSENT}.{name}" for record in asked for name in _answers(record)} - {*names}
    )
    items = [_item(name, newest) for name in names]
    shown = [item for item in items if item.now or item.others or fields[item.name].type == _TYPE]
    read_later = all(_answers(record).get(_READING) != "yes" for record in asked)
    return Allowed(newest[-1], tuple(shown), read_later)


def _item(name: str, newest: list[RecordView]) -> Item:
    key = name.partition(".")[2]
    given = [
        _answered(name, _answers(record)[key], record)
        for record in newest
        if key in _answers(record)
    ]
    now = next((answer for answer in given if answer.record.origin == _FIRST), None)
    label = next((one.question for one in (now, *given) if one), None) or labels.question(name)
    return Item(name, label, now, tuple(a for a in given if a is not now))


def _answered(name: str, value: Any, record: RecordView) -> Answer:
    """Return an answer with the words of its own version: a yes to another question is none."""
    of = name, record.form, record.version
    return Answer(labels.question(*of), labels.answer(value, *of), record)


def _answers(record: RecordView) -> Mapping[str, Any]:
    value = record.answers.get(CONSENT)
    return value if isinstance(value, dict) else {}


def _place(record: RecordView) -> tuple[str, bool, int]:
    return record.day, record.kind == ADDENDUM, record.number
