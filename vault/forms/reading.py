"""From what a page posted to answers: the inverse of how a page shows fields as controls.

An input is named by the whole path of its field, with the place of an entry in its list:
`people.0.agency`, `identity.person.name`, `detained_from.precision`. `docs/spec/forms.md` has the
table of controls.

What was left empty is left out, and so is an entry in which nothing stands. Texts are kept exactly
as typed. A date that cannot be read as one is not refused: it goes, word for word, into the date's
`text`. Everything else that cannot be taken becomes a fault at its input, never an exception: the
page is shown again with all that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vault.errors import EncodingError, TooLongError
from vault.forms import dates
from vault.forms.answers import DATE_TEXT, clean_text
from vault.forms.model import Field

NO_ANSWER: Final = "?"
"""Posted by the choice "no answer": asked, and none given. No code can be written like this."""

UNKNOWN: Final = "unknown"
"""Ends the name of the box "I do not know" beside a number."""

DATE_PARTS: Final = ("from", "to", "precision", "text")

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_PLACE: Final = re.compile(r"([0-9]{1,4})\.")
_NOTHING: Final = object()

Posted = Mapping[str, Sequence[str]]
"""Every value posted under each name."""


@dataclass(frozen=True)
class Fault:
    """Something that cannot be taken as it is.

    Attributes:
        name: of the input.
        kind: `long`, `marks`, `number`, `high`, `choice`, `needed` or `beside`.
        limit: characters of a text, or the highest number.
    """

    name: str
    kind: str
    limit: int = 0


@dataclass(frozen=True)
class Reading:
    """What a page posted: answers of its form, and what could not be taken."""

    answers: dict[str, Any] = field(repr=False)
    faults: tuple[Fault, ...]


def read(fields: Sequence[Field], posted: Posted, text_limit: int) -> Reading:
    """Return the answers of one page.

    Args:
        fields: the top-level fields of its module.
        posted: what the browser sent; other names than those of the fields are passed over.
        text_limit: characters of a text whose field states no limit.
    """
    reader = _Reader(posted, text_limit)
    answers: dict[str, Any] = {}
    for top in fields:
        if top.on_page and top.tells_of is None:
            _put(answers, top.id, reader.value(top, top.id))
    for top in fields:
        above = f"{top.above}." if top.above else ""
        reader.compare((top,), _at(answers, top.above), above)
    for top in fields:
        if answers and top.tells_of:
            _put(answers, top.id, "yes" if _stands(answers, top.tells_of) else "no")
    return Reading(answers, tuple(reader.faults))


def places(posted: Posted, name: str) -> tuple[int, ...]:
    """Return at which places of a list something was posted, in order."""
    prefix = f"{name}."
    found = (_PLACE.match(one, len(prefix)) for one in posted if one.startswith(prefix))
    return tuple(sorted({int(match[1]) for match in found if match}))


class _Reader:
    def __init__(self, posted: Posted, text_limit: int) -> None:
        self._posted = posted
        self._text_limit = text_limit
        self.faults: list[Fault] = []

    def value(self, asked: Field, name: str) -> Any:
        """Return an answer, or _NOTHING."""
        return _KINDS[asked.type](self, asked, name)

    def text(self, asked: Field, name: str) -> Any:
        return self._text(name, asked.limit or self._text_limit)

    def code(self, asked: Field, name: str) -> Any:
        typed = self._first(name)
        if not typed:
            return _NOTHING
        if typed == NO_ANSWER:
            return None
        if asked.codes is not None and typed not in asked.codes:
            return self._fault(name, "choice")
        return typed

    def codes(self, asked: Field, name: str) -> Any:
        chosen = list(dict.fromkeys(self._posted.get(name, ())))
        if asked.codes is not None and not asked.codes.issuperset(chosen):
            return self._fault(name, "choice")
        return chosen or _NOTHING

    def number(self, asked: Field, name: str) -> Any:
        typed = self._first(name).strip()
        if not typed:
            return None if self._first(f"{name}.{UNKNOWN}") else _NOTHING
        if not _NUMBER.fullmatch(typed):
            return self._fault(name, "number")
        if asked.limit is not None and int(typed) > asked.limit:
            return self._fault(name, "high", asked.limit)
        return int(typed)

    def date(self, asked: Field, name: str) -> Any:
        found: dict[str, Any] = {}
        words = []
        for key in ("from", "to"):
            typed = self._first(f"{name}.{key}")
            day = dates.to_iso(typed)
            if day is not None:
                found[key] = day
            elif typed.strip():
                words.append(typed)
        precision = self.code(asked, f"{name}.precision")
        if precision is not _NOTHING:
            found["precision"] = precision
        words.append(self._first(f"{name}.text"))
        text = "\n".join(part for part in words if part.strip())
        cleaned = self._cleaned(f"{name}.text", text, DATE_TEXT)
        if cleaned is not _NOTHING:
            found["text"] = cleaned
        return found or _NOTHING

    def entries(self, asked: Field, name: str) -> Any:
        entries = (self.parts(asked, f"{name}.{place}") for place in places(self._posted, name))
        return [entry for entry in entries if entry is not _NOTHING] or _NOTHING

    def parts(self, asked: Field, name: str) -> Any:
        found = {}
        for part in asked.asked:
            value = self.value(part, f"{name}.{part.name}")
            if value is not _NOTHING:
                found[part.name] = value
        for part in asked.asked:
            if part.needs and part.name in found and part.needs not in found:
                self._fault(f"{name}.{part.needs}", "needed")
        self.compare(asked.asked, found, f"{name}.")
        return found or _NOTHING

    def compare(self, asked: Sequence[Field], found: Mapping[str, Any], above: str) -> None:
        """Note what goes with another answer than the one beside it. Nothing typed is dropped."""
        for part in asked:
            if not part.goes_with(found):
                self._fault(f"{above}{part.name}", "beside")

    def _first(self, name: str) -> str:
        return next(iter(self._posted.get(name, ())), "")

    def _text(self, name: str, limit: int) -> Any:
        return self._cleaned(name, self._first(name), limit)

    def _cleaned(self, name: str, text: str, limit: int) -> Any:
        if not text.strip():
            return _NOTHING
        try:
            return clean_text(text, limit)
        except TooLongError:
            return self._fault(name, "long", limit)
        except EncodingError:
            return self._fault(name, "marks")

    def _fault(self, name: str, kind: str, limit: int = 0) -> object:
        self.faults.append(Fault(name, kind, limit))
        return _NOTHING


_KINDS: Final = {
    "text": _Reader.text,
    "code": _Reader.code,
    "codes": _Reader.codes,
    "yes_no": _Reader.code,
    "consent": _Reader.code,
    "number": _Reader.number,
    "date": _Reader.date,
    "list": _Reader.entries,
    "object": _Reader.parts,
}


def _put(answers: dict[str, Any], field_id: str, value: Any) -> None:
    """Set an answer at its path; a dotted id is one key of an object that several fields fill."""
    if value is _NOTHING:
        return
    *above, last = field_id.split(".")
    for name in above:
        answers = answers.setdefault(name, {})
    answers[last] = value


def _at(answers: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the object at a path, empty if nothing in it was answered."""
    for name in path.split(".") if path else ():
        answers = answers.get(name, {})
    return answers


def _stands(answers: dict[str, Any], field_id: str) -> bool:
    for name in field_id.split("."):
        if name not in answers:
            return False
        answers = answers[name]
    return True
