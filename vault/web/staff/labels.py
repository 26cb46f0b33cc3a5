"""Answers with the words of their questions, in the language of the reader.

A question without wording yet is named by its id, an answer whose code no list knows by its code:
nothing that a witness said is ever left out because this side does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app

from vault.errors import UnknownFormError
from vault.forms.codes import CodeLists, load_codes
from vault.forms.load import load_forms
from vault.forms.model import Field, Form, Forms
from vault.forms.wording import Wording, load_wordings
from vault.web.inside.pages import text
from vault.web.shared.application import words

_KEY = "forms"
_FIRST = "story"


@dataclass(frozen=True)
class Shown:
    """One answer: its question, and either a text or parts. `name` is the id of the field."""

    name: str
    label: str | None
    text: str | None = field(default=None, repr=False)
    parts: tuple[Shown, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Words:
    forms: Forms
    wordings: Mapping[str, Wording]
    codes: CodeLists


def install(app: Flask) -> None:
    """Load forms, their wording and the code lists."""
    forms = load_forms()
    app.extensions[_KEY] = _Words(forms, load_wordings(forms), load_codes())


def form_name(form_id: str | None) -> str | None:
    """Return what a form is called; its id if this program does not know it."""
    form = _form(form_id)
    return _wording().form_name(form.id) if form else form_id


def shown(answers: Mapping[str, Any], form_id: str | None) -> tuple[Shown, ...]:
    """Return every answer of a record, the story first, then in the order of the form."""
    form = _form(form_id)
    fields = form.by_id if form else {}
    return tuple(_answer(name, answers[name], fields, "") for name in _order(answers, fields))


def _answer(name: str, value: Any, fields: Mapping[str, Field], above: str) -> Shown:
    path = f"{above}.{name}" if above else name
    label = _label(path)
    if isinstance(value, dict) and not _is_date(path, fields):
        ordered = _order(value, fields, path)
        parts = tuple(_answer(k, value[k], fields, path) for k in ordered)
        return Shown(path, None if _is_group(path, fields) else label, None, parts)
    if isinstance(value, list):
        return Shown(path, label, None, tuple(_entry(path, item, fields) for item in value))
    return Shown(path, label, _plain(value, fields.get(path)))


def _entry(path: str, item: Any, fields: Mapping[str, Field]) -> Shown:
    if not isinstance(item, dict):
        return Shown(path, None, _plain(item, fields.get(path)))
    parts = tuple(_answer(k, item[k], fields, path) for k in _order(item, fields, path))
    return Shown(path, None, None, parts)


def _plain(value: Any, asked: Field | None) -> str:
    if value is None:
        return text("answer.unknown")
    if isinstance(value, bool):
        return text("answer.yes" if value else "answer.no")
    if isinstance(value, dict):
        return _date(value, asked)
    return _code(str(value), asked)


def _date(value: Mapping[str, Any], asked: Field | None) -> str:
    days = " – ".join(str(value[key]) for key in ("from", "to") if value.get(key))
    precision = value.get("precision")
    parts = (days, _code(str(precision), asked) if precision else "", str(value.get("text") or ""))
    return " · ".join(part for part in parts if part)


def _code(value: str, asked: Field | None) -> str:
    if asked is None or asked.type == "text":
        return value
    known = _words().codes.lists.get(asked.code_list or "", {})
    if value in known:
        return known[value].labels.get(words().language, value)
    return {"yes": text("answer.yes"), "no": text("answer.no")}.get(value, value)


def _is_date(path: str, fields: Mapping[str, Field]) -> bool:
    return path in fields and fields[path].type == "date"


def _is_group(path: str, fields: Mapping[str, Field]) -> bool:
    """Say whether the form asks only the parts of `path`, so that it has no question itself."""
    return path in fields and fields[path].type == "object" and not _wording().has_field(path)


def _label(path: str) -> str:
    wording = _wording()
    return wording.label(path) if wording.has_field(path) else path.rpartition(".")[2]


def _order(names: Iterable[str], fields: Mapping[str, Field], above: str = "") -> list[str]:
    places = {path: place for place, path in enumerate(fields)}
    prefix = f"{above}." if above else ""

    def place(name: str) -> tuple[bool, int, str]:
        return (prefix + name != _FIRST, places.get(prefix + name, len(places)), name)

    return sorted(names, key=place)


def _form(form_id: str | None) -> Form | None:
    try:
        return _words().forms.get(form_id or "")
    except UnknownFormError:
        return None


def _words() -> _Words:
    return cast("_Words", current_app.extensions[_KEY])


def _wording() -> Wording:
    return _words().wordings[words().language]
