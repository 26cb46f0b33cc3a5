"""Turns what a box and an error hold into words of the page's language."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from vault.errors import (
    EncodingError,
    InputError,
    ReceiptLengthError,
    StorageError,
    TooLongError,
    UnknownWordError,
    WitnessVaultError,
)
from vault.testimony import Opening, Sent
from vault.web.shared.application import words

# A form field on the wire: nine bytes for one UTF-16 unit of a text, at worst (`%E2%82%AC`).
_WORST_BYTES = 9
_OTHER_FIELDS = 4096


def most_characters(request_limit: int) -> int:
    """Return how long a text a browser may hold so that it always fits into one request.

    The bound of the text itself is lower and is checked here, where the text can be shown again.
    """
    return (request_limit - _OTHER_FIELDS) // _WORST_BYTES


def problem(error: WitnessVaultError, typed: str = "", limit: int = 0) -> str:
    """Return what to say about an error beside the field it is about."""
    wording = words()
    if isinstance(error, UnknownWordError):
        key = "return.other_word" if error.other else "return.unknown_word"
        return wording.text(key, n=error.position)
    if isinstance(error, ReceiptLengthError) and error.found:
        return f"{wording.sentence(error)} {wording.text('return.counted', n=error.found)}"
    if isinstance(error, TooLongError) and len(typed) > limit:
        return wording.text("tell.too_long", length=len(typed), limit=limit)
    if isinstance(error, (EncodingError, StorageError)) or not isinstance(error, InputError):
        return wording.sentence(error)
    return wording.text("tell.not_taken")


def install(app: Flask) -> None:
    """Give the templates of `app` the filters for what a box holds."""
    app.add_template_filter(_role, "role")
    app.add_template_filter(_compartment, "compartment")
    app.add_template_filter(_kind, "kind")
    app.add_template_filter(_purpose, "purpose")
    app.add_template_filter(_hold, "hold")
    app.add_template_filter(_date, "date")
    app.add_template_filter(_counted, "counted")
    app.add_template_filter(_by_day, "by_day")
    app.add_template_filter(_sentence, "sentence")


def _role(role: str) -> str:
    return _known("role", role)


def _compartment(compartment: str) -> str:
    return _known("compartment", compartment)


def _kind(kind: str) -> str:
    return _known("kind", kind)


def _purpose(purpose: str) -> str:
    return _known("purpose", purpose)


def _hold(reason: str) -> str:
    return _known("hold", reason)


def _known(group: str, name: str) -> str:
    key = f"{group}.{name}"
    return words().text(key if words().has(key) else f"{group}.other")


def _date(day: str) -> str:
    """Return an ISO day as dd.mm.yyyy, the order in which it is read here."""
    return ".".join(reversed(day.split("-")))


def _counted(items: Iterable[Sent]) -> list[tuple[str, str, int]]:
    """Return what was sent as day, kind and how often, in the order of the last of each."""
    counted: dict[tuple[str, str], int] = {}
    for item in items:
        counted[item.day, item.kind] = counted.pop((item.day, item.kind), 0) + 1
    return [(day, kind, times) for (day, kind), times in counted.items()]


def _by_day(openings: Iterable[Opening]) -> list[tuple[str, str, list[Opening]]]:
    """Return openings as day, role and what was opened, in the order of the first of each."""
    found: dict[tuple[str, str], list[Opening]] = {}
    for opening in openings:
        found.setdefault((opening.day, opening.role), []).append(opening)
    return [(day, role, parts) for (day, role), parts in found.items()]


def _sentence(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:]
