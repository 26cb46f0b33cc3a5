"""Answers: cleaned and checked against their form, then cut along the compartments and joined.

What a person typed is kept exactly, apart from the line ends, which every browser writes its own
way. In particular nothing is stripped or Unicode-normalised, and the marks that turn the writing
direction (U+202A to U+202E, U+2066 to U+2069) stay: people who write Arabic script need them.
Whoever shows a text isolates it and makes these marks visible; that is not done here.

Errors name the field, never what stood in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from vault import canonical
from vault.errors import EncodingError, FormatError, InputError, TooLongError
from vault.forms.model import COMPARTMENTS, Field, Form

_KEPT_CONTROLS = frozenset("\n\t")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs"})  # controls (C0, DEL, C1) and lone surrogates
_CODE = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DATE_KEYS = frozenset({"from", "to", "precision", "text"})
DATE_TEXT = 400
_NUMBER: Final = 1_000_000_000


@dataclass(frozen=True)
class Limits:
    """Bounds where a field states none.

    Attributes:
        text: characters of one text.
        items: entries of one list.
        total: bytes of all answers together as canonical JSON.
    """

    text: int = 200_000
    items: int = 100
    total: int = 2_097_152


def clean_text(text: str, limit: int) -> str:
    """Return `text` with CRLF and CR as LF, otherwise exactly as typed.

    Args:
        text: what was typed.
        limit: characters (code points) allowed after cleaning.

    Raises:
        EncodingError: NUL or another control character except line feed and tab, or a lone
            surrogate.
        TooLongError: more than `limit` characters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > limit:
        raise TooLongError(f"{limit} characters")
    for character in set(text) - _KEPT_CONTROLS:
        if unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise EncodingError(f"U+{ord(character):04X}")
    return text


def check(form: Form, answers: Any, limits: Limits, *, whole: bool = True) -> dict[str, Any]:
    """Return answers with every text cleaned, or refuse them.

    Fields with `kept = false`, that is the receipt, are checked and left out of what is returned.

    Args:
        form: what was asked.
        answers: one JSON object.
        limits: bounds where a field states none.
        whole: a complete send, where required fields must be answered yes; False for an addendum
            of one module.

    Raises:
        TooLongError: a text, a list or everything together is over its limit.
        EncodingError: a text holds characters that cannot be kept.
        InputError: an unknown field, a wrong type, a code that is not in its list, or a required
            field that is not answered yes. Both above are kinds of it.
    """
    checked = _object("answers", form.by_name, answers, limits)
    if whole:
        for field in form.required:
            if _at(checked, field.id) != "yes":
                raise InputError(f"{field.id} is required")
    if len(canonical.dumps(checked)) > limits.total:
        raise TooLongError(f"{limits.total} bytes")
    return checked


def _at(answers: Any, field_id: str) -> Any:
    for name in field_id.split("."):
        answers = answers.get(name) if isinstance(answers, dict) else None
    return answers


# --- one value -----------------------------------------------------------------------------------


def _object(where: str, fields: Mapping[str, Field], value: Any, limits: Limits) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is not an object")
    if value.keys() - fields.keys():
        raise InputError(f"{where} has an unknown field")
    checked = {name: _value(fields[name], item, limits) for name, item in value.items()}
    for name in checked:
        if not fields[name].goes_with(checked):
            raise InputError(f"{fields[name].id} goes with another answer beside it")
    return {name: item for name, item in checked.items() if fields[name].kept}


def _value(field: Field, value: Any, limits: Limits) -> Any:
    if field.type == "object":
        return _object(field.id, field.by_name, value, limits)
    if field.type == "list":
        entries = _entries(field, value, limits)
        return [_object(field.id, field.by_name, entry, limits) for entry in entries]
    # "I was asked and cannot say": differs from a question never shown.
    return None if value is None else _LEAVES[field.type](field, value, limits)


def _entries(field: Field, value: Any, limits: Limits) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{field.id} is not a list")
    if len(value) > (field.limit or limits.items):
        raise TooLongError(field.id)
    return value


def _text(field: Field, value: Any, limits: Limits) -> str:
    if not isinstance(value, str):
        raise InputError(f"{field.id} is not a text")
    return clean_text(value, min(field.limit or limits.text, limits.text))


def _code(field: Field, value: Any, _: Limits) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise InputError(f"{field.id} is not a code")
    if field.codes is not None and value not in field.codes:
        raise InputError(f"{field.id} is not in its list")
    return value


def _codes(field: Field, value: Any, limits: Limits) -> list[str]:
    codes = [_code(field, entry, limits) for entry in _entries(field, value, limits)]
    if len(set(codes)) != len(codes):
        raise InputError(f"{field.id} has one code twice")
    return codes


def _yes_no(field: Field, value: Any, limits: Limits) -> bool | str:
    return value if isinstance(value, bool) else _code(field, value, limits)


def _number(field: Field, value: Any, _: Limits) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{field.id} is not a whole number")
    if not 0 <= value <= (field.limit or _NUMBER):
        raise InputError(f"{field.id} is out of range")
    return value


def _date(field: Field, value: Any, limits: Limits) -> dict[str, Any]:
    """Check {from, to, precision, text}: any part may be missing; days need not be in order."""
    if not isinstance(value, dict) or value.keys() - _DATE_KEYS:
        raise InputError(f"{field.id} is not a date")
    checked = dict(value)
    for key in ("from", "to"):
        if value.get(key) is not None:
            _check_day(field, value[key])
    if "precision" in value:
        _code(field, value["precision"], limits)
    if value.get("text") is not None:
        checked["text"] = _text(field, value["text"], Limits(text=DATE_TEXT))
    return checked


def _check_day(field: Field, value: Any) -> None:
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InputError(f"{field.id} needs YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError as error:
        raise InputError(f"{field.id} names no day of the calendar") from error


_LEAVES = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "yes_no": _yes_no,
    "number": _number,
    "date": _date,
    "consent": _code,
}


# --- compartments --------------------------------------------------------------------------------

_NOTHING: Final = object()


def split(form: Form, answers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Cut checked answers along the compartments of their fields.

    Every compartment is returned, empty or not: a packet carries one record for each. An entry of
    a list whose parts go to several compartments keeps its place in each, with `{}` where it has
    nothing, so that `merge` can put it together again.

    Raises:
        InputError: a field that the form does not have.
    """
    return {name: _part("answers", form.by_name, answers, name) for name in COMPARTMENTS}


def merge(parts: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Join what `split` cut; with fewer compartments, what can be known without the others.

    Raises:
        FormatError: two parts disagree: they were not cut from the same answers.
    """
    joined: Any = {}
    for part in parts.values():
        joined = _join(joined, part)
    return dict(joined)


def _part(
    where: str, fields: Mapping[str, Field], values: dict[str, Any], compartment: str
) -> dict[str, Any]:
    if values.keys() - fields.keys():
        raise InputError(f"{where} has an unknown field")
    cut = {name: _cut(fields[name], value, compartment) for name, value in values.items()}
    return {name: value for name, value in cut.items() if value is not _NOTHING}


def _cut(field: Field, value: Any, compartment: str) -> Any:
    own = field.compartment == compartment
    if field.type == "object":
        inner = _part(field.id, field.by_name, value, compartment)
        # That something was answered is known only where some of it lies.
        return inner if inner or (own and not value) else _NOTHING
    if field.type == "list":
        entries = [_part(field.id, field.by_name, entry, compartment) for entry in value]
        return entries if own or any(entries) else _NOTHING
    return value if own else _NOTHING


def _join(left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        shared = {key: _join(left[key], right[key]) for key in left.keys() & right.keys()}
        return {**left, **right, **shared}
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [_join(one, other) for one, other in zip(left, right, strict=True)]
    raise FormatError("parts of different answers")
