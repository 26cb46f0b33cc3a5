"""Answers with the words of their questions, in the language of the reader.

Of a question that no form asks it is said so, with its name; an answer whose code no list knows is
shown as it stands: nothing that a witness said is ever left out because this side does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app

from vault.errors import UnknownFormError
from vault.forms import versions
from vault.forms.body import VIEWS, View
from vault.forms.codes import LANGUAGES
from vault.forms.model import Field, Form, Module
from vault.forms.own import Questions, questions
from vault.forms.versions import Asked
from vault.forms.wording import Wording
from vault.web.inside.pages import text
from vault.web.shared.application import words
from vault.web.staff import dates

_KEY, _CONSENT = "forms", "consent"
_FIRST = "story"
_KNOWN_BY = ("source", "certainty")
_DETENTION = ("detained_from", "registered_from")
_PAPER = ("says", "i_say")


@dataclass(frozen=True)
class Drawing:
    """One view of the body with its marks: for each place its shape, if then, and if still so."""

    name: str
    view: View
    marks: tuple[tuple[str, bool, bool], ...] = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """One answer: its question, and either a text or parts.

    Args:
        name: id of the field.
        label: the question; None for an entry of a list, or a group without a question of its own.
        text: what was answered.
        parts: answers inside this one.
        note: how the writer knows it, or what was computed from it.
        drawings: of the body map: those in which something is marked, by their name.
        beside: the parts belong side by side: what a paper says, what the witness says.
    """

    name: str
    label: str | None
    text: str | None = field(default=None, repr=False)
    parts: tuple[Shown, ...] = field(default=(), repr=False)
    note: str | None = field(default=None, repr=False)
    beside: bool = False
    drawings: tuple[Drawing, ...] = field(default=(), repr=False)

    @property
    def listed(self) -> bool:
        """Whether the parts are entries of a list."""
        return bool(self.parts) and all(p.label is None and not p.beside for p in self.parts)

    @property
    def numbered(self) -> bool:
        """Whether these entries are more than single words: facts name people by their number."""
        return any(part.parts or part.note for part in self.parts)


@dataclass(frozen=True)
class _Asked:
    """What a record was asked: the words of its version where there are any, else of today."""

    fields: Mapping[str, Field]
    then: Asked | None

    def question(self, path: str) -> str:
        labels = self.then.labels.get(words().language, {}) if self.then else {}
        return labels[path] if path in labels else _today(path)

    def label(self, name: str, value: str) -> str | None:
        """Return the words of an answer; None if its list does not know it."""
        if self.then and value in (known := self.then.codes.get(name, {})):
            return known[value].get(words().language, value)
        today = _words().codes.lists.get(name, {})
        return today[value].labels.get(words().language, value) if value in today else None


def _asked(form_id: str | None, version: int | None) -> _Asked:
    then = None
    if form_id is not None and version is not None:
        then = versions.asked(form_id, version, _words().directory)
    return _Asked(then.fields if then else fields_of(form_id), then)


def install(app: Flask, directory: Path | None = None) -> None:
    """Load forms, their wording and the code lists.

    Args:
        app: shows them.
        directory: default: the `intake_forms/` of this program.
    """
    app.extensions[_KEY] = questions(directory)


def form_name(form_id: str | None) -> str | None:
    """Return what a form is called; of one that this program does not know, that it is so."""
    form = form_of(form_id)
    if form or not form_id:
        return _wording().form_name(form.id) if form else form_id
    return text("case.unknown", name=form_id)


def language_name(code: str) -> str:
    """Return in which language something was written, as `form_name`."""
    key = f"language.{code}"
    return text(key) if code in LANGUAGES else text("case.unknown", name=code)


def form_names() -> Mapping[str, str]:
    """Return what every form is called, by id, in the order in which they are offered."""
    return {name: _wording().form_name(name) for name in _words().forms.ids}


def code(list_name: str, value: str) -> str:
    """Return the words of a code; the code itself if its list does not know it."""
    known = _words().codes.lists[list_name]
    return known[value].labels.get(words().language, value) if value in known else value


def forms() -> tuple[Form, ...]:
    """Return every form."""
    return _words().forms.forms


def modules(form_id: str | None, version: int | None) -> tuple[Module, ...]:
    """Return the pages of a version of a form; if nothing is kept of it, those of today."""
    form, then = form_of(form_id), _asked(form_id, version).then
    return then.modules if then else form.modules if form else ()


def module_title(module_id: str, form_id: str | None, version: int | None) -> str:
    """Return the heading of a page as that version of the form had it, else that of today."""
    then = _asked(form_id, version).then
    titles = then.titles.get(words().language, {}) if then else {}
    return titles.get(module_id) or _wording().module_title(module_id)


def question(path: str, form_id: str | None = None, version: int | None = None) -> str:
    """Return the words of a question: those of a version of a form, or without one of today.

    One without words is named as what it is: its name was written by whoever made the packet.
    """
    return _asked(form_id, version).question(path)


def answer(value: Any, path: str, form_id: str | None, version: int | None) -> str:
    """Return one plain answer to a question in words, as `question`."""
    asked = _asked(form_id, version)
    return _plain(value, asked.fields.get(path), asked)


def shown(
    answers: Mapping[str, Any], form_id: str | None, version: int | None = None
) -> tuple[Shown, ...]:
    """Return every answer of a record, the story first, then in the order of the form.

    Args:
        answers: of the record.
        form_id: the form that asked.
        version: of the form: its questions and labels stand as the witness read them. If nothing
            is kept of it, and by default, those of today.
    """
    asked = _asked(form_id, version)
    given = [_answer(name, answers[name], asked, "") for name in _order(answers, asked.fields)]
    real, registered = (answers.get(name) for name in _DETENTION)
    ages = _ages(answers, form_id)
    return _paired(given, _DETENTION, dates.unregistered(real, registered, ages))


def _ages(answers: Mapping[str, Any], form_id: str | None) -> tuple[str, ...]:
    """Return whose limit of time counts: a child's, an adult's, or both if nothing says."""
    about = answers.get("about")
    band = about.get("age_band") if isinstance(about, Mapping) else None
    if form_id == "child" or band == "under_18":
        return (dates.MINOR,)
    return (dates.ADULT,) if form_id == "victim" else (dates.ADULT, dates.MINOR)


def in_order(names: Iterable[str], form_id: str | None) -> list[str]:
    """Return names of answers, the story first, then in the order of the form."""
    form = form_of(form_id)
    return _order(names, form.by_id if form else {})


def _answer(name: str, value: Any, asked: _Asked, above: str) -> Shown:
    path = f"{above}.{name}" if above else name
    label = asked.question(path)
    if isinstance(value, dict) and not _is_date(path, asked.fields):
        ordered = _order(value, asked.fields, path)
        parts = tuple(_answer(k, value[k], asked, path) for k in ordered)
        if path in asked.fields and asked.fields[path].drawn:
            return Shown(path, label, None, parts, drawings=_drawings(value))
        return Shown(path, None if _is_group(path, asked.fields) else label, None, parts)
    if isinstance(value, list):
        return Shown(path, label, None, tuple(_entry(path, item, asked) for item in value))
    return Shown(path, label, _plain(value, asked.fields.get(path), asked))


def _drawings(value: Mapping[str, Any]) -> tuple[Drawing, ...]:
    """Return the views of the body in which something is marked; what is unknown is only listed."""
    then, now = (_texts(value.get(key)) for key in ("then", "now"))

    def marks(view: View) -> tuple[tuple[str, bool, bool], ...]:
        places = view.places.items()
        return tuple((shape, place in then, place in now) for place, shape in places)

    drawn = [view for view in _words().body if not (then | now).isdisjoint(view.places)]
    return tuple(Drawing(code(VIEWS, view.id), view, marks(view)) for view in drawn)


def _texts(value: Any) -> frozenset[str]:
    entries = value if isinstance(value, list) else []
    return frozenset(one for one in entries if isinstance(one, str))


def _entry(path: str, item: Any, asked: _Asked) -> Shown:
    """Return one entry of a list; how the writer knows it becomes its note."""
    if not isinstance(item, dict):
        return Shown(path, None, _plain(item, asked.fields.get(path), asked))
    if not item:
        return Shown(path, None, text("answer.elsewhere"))
    known = [name for name in _KNOWN_BY if item.get(name) is not None]
    note = (
        " · ".join(_plain(item[name], asked.fields.get(f"{path}.{name}"), asked) for name in known)
        or None
    )
    rest = [name for name in _order(item, asked.fields, path) if name not in known]
    parts = _paired([_answer(name, item[name], asked, path) for name in rest], _PAPER)
    if len(parts) == 1 and parts[0].text is not None:
        return Shown(path, None, parts[0].text, note=note)
    return Shown(path, None, None, parts, note)


def _paired(
    given: list[Shown], names: tuple[str, str], note: str | None = None
) -> tuple[Shown, ...]:
    """Put two answers side by side, where the first of them stood, if both are there."""
    pair = tuple(one for one in given if one.name.rpartition(".")[2] in names)
    if len(pair) != len(names):
        return tuple(given)
    place = given.index(pair[0])
    rest = [one for one in given if one not in pair]
    both = Shown(".".join(names), None, None, pair, note, beside=True)
    return (*rest[:place], both, *rest[place:])


def _plain(value: Any, field: Field | None, asked: _Asked) -> str:
    if value is None:
        return text("answer.unknown")
    if isinstance(value, bool):
        return text("answer.yes" if value else "answer.no")
    if isinstance(value, dict):
        precision = value.get("precision")
        return dates.in_words(value, _code(str(precision), field, asked) if precision else "")
    return _code(str(value), field, asked)


def _code(value: str, field: Field | None, asked: _Asked) -> str:
    if field is None or field.type == "text":
        return value
    label = asked.label(field.code_list or "", value)
    return label or {"yes": text("answer.yes"), "no": text("answer.no")}.get(value, value)


def _today(path: str) -> str:
    wording = _wording()
    if wording.has_field(path):
        return wording.label(path)
    return text("answer.unasked", name=path.rpartition(".")[2])


def _is_date(path: str, fields: Mapping[str, Field]) -> bool:
    return path in fields and fields[path].type == "date"


def _is_group(path: str, fields: Mapping[str, Field]) -> bool:
    """Say whether the form asks only the parts of `path`, so that it has no question itself."""
    return path in fields and fields[path].type == "object" and not _wording().has_field(path)


def _order(names: Iterable[str], fields: Mapping[str, Field], above: str = "") -> list[str]:
    places = {path: place for place, path in enumerate(fields)}
    prefix = f"{above}." if above else ""

    def place(name: str) -> tuple[bool, int, str]:
        return (prefix + name != _FIRST, places.get(prefix + name, len(places)), name)

    return sorted(names, key=place)


def fields_of(form_id: str | None) -> Mapping[str, Field]:
    """Return the fields of a form by their path; none if this program does not know it."""
    form = form_of(form_id)
    return form.by_id if form else {}


def form_of(form_id: str | None) -> Form | None:
    """Return a form, None if this program does not know it."""
    try:
        return _words().forms.get(form_id or "")
    except UnknownFormError:
        return None


def _words() -> Questions:
    return cast("Questions", current_app.extensions[_KEY])


def _wording() -> Wording:
    return _words().wordings[words().language]
