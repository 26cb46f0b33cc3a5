"""An account by the sections of its form, gathered from everything that the witness sent.

Nothing is merged away: each section holds one part for each record that answers in it, and where a
question was answered twice, both answers stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vault.cases.model import RecordView
from vault.forms.model import Module
from vault.web.inside.pages import text
from vault.web.staff import labels
from vault.web.staff.labels import Shown

STORY, CONSENT = "story", "consent"
ADDED_AS, CORRECTION = "added_as", "correction"
ADDENDUM = "addendum"
_OTHER = "other"


@dataclass(frozen=True)
class Part:
    """What one record answers in one section."""

    record: RecordView
    answers: tuple[Shown, ...] = field(repr=False)

    @property
    def later(self) -> bool:
        """Whether it was added after the first statement."""
        return self.record.kind == ADDENDUM


@dataclass(frozen=True)
class Section:
    """A page of the form with everything that was answered on it.

    Args:
        name: of the module, for links.
        title: its heading.
        parts: one for each record, oldest first.
        beside: some question was answered in more than one of them.
    """

    name: str
    title: str
    parts: tuple[Part, ...] = field(repr=False)
    beside: bool


def sections(records: Iterable[RecordView], form_id: str | None) -> tuple[Section, ...]:
    """Return the sections of an account that hold something, in the order of its form.

    Consent has a place of its own, and so has what was said later in free words.
    """
    held = [(record, dict(_by_module(record))) for record in records]
    found = []
    for module in _modules([record for record, _ in held], form_id):
        parts = [
            Part(record, labels.shown(own[module.id], record.form, record.version))
            for record, own in held
            if own.get(module.id)
        ]
        if parts:
            first = parts[0].record
            title = labels.module_title(module.id, first.form, first.version)
            found.append(Section(module.name, title, tuple(parts), _answered_twice(parts)))
    rest = [
        Part(record, labels.shown(own[_OTHER], record.form, record.version))
        for record, own in held
        if own[_OTHER]
    ]
    if rest:
        found.append(Section(_OTHER, text("section.other"), tuple(rest), _answered_twice(rest)))
    return tuple(found)


def _modules(records: Iterable[RecordView], form_id: str | None) -> Iterator[Module]:
    """Yield the modules of the account's form, those of all others, and those of old versions.

    Each comes once: an old page keeps the place of the one of today.
    """
    own = labels.form_of(form_id)
    today = [one for form in ((own,) if own else ()) + labels.forms() for one in form.modules]
    old = [one for record in records for one in labels.modules(record.form, record.version)]
    seen = set()
    for module in (*today, *old):
        if module.id not in seen:
            seen.add(module.id)
            yield module


def _by_module(record: RecordView) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a record's answers by the id of the module that asks for them; the rest as "other"."""
    left = {name: dict(v) if isinstance(v, dict) else v for name, v in record.answers.items()}
    left.pop(CONSENT, None)
    if record.kind == ADDENDUM:
        left.pop(STORY, None)
        left.pop(ADDED_AS, None)
    for module in labels.modules(record.form, record.version):
        yield module.id, _taken(module, left)
    yield _OTHER, left


def _taken(module: Module, left: dict[str, Any]) -> dict[str, Any]:
    """Move a module's answers out of `left`; several modules may fill one group."""
    own: dict[str, Any] = {}
    for asked in module.fields:
        head, _, tail = asked.id.partition(".")
        if head not in left:
            continue
        if not tail:
            own[head] = left.pop(head)
        elif isinstance(left[head], dict) and tail in left[head]:
            own.setdefault(head, {})[tail] = left[head].pop(tail)
            if not left[head]:
                del left[head]
    return own


def _answered_twice(parts: Iterable[Part]) -> bool:
    given = [one for part in parts for one in part.answers]
    names = [part.name for one in given for part in (one.parts if one.beside else (one,))]
    return len(set(names)) < len(names)
