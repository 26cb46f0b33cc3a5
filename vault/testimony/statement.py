"""From answers as given to the statement that gets sealed: the same for every packet maker here."""

from __future__ import annotations

from typing import Any

from vault import clock
from vault.consent import items
from vault.errors import InputError
from vault.forms import answers as checking
from vault.forms.model import Form
from vault.keyring.compartments import Compartment
from vault.packet.build import Statement
from vault.settings import Settings

WISH = "reader_gender"


def limits(settings: Settings) -> checking.Limits:
    """Return the bounds of what one page or file may hold."""
    return checking.Limits(text=settings.intake.story_limit, total=settings.intake.request_limit)


def parts_of(form: Form, checked: dict[str, Any]) -> dict[Compartment, dict[str, Any]]:
    """Return checked answers cut along the compartments."""
    return {Compartment(name): part for name, part in checking.split(form, checked).items()}


def statement_of(
    form: Form, language: str, answers: dict[str, Any], settings: Settings
) -> Statement:
    """Return the statement of a complete send, dated today.

    Raises:
        InputError: an answer cannot be taken, or keeping (C01) is not agreed to.
    """
    checked = checking.check(form, answers, limits(settings))
    if not items.keeping(checked):
        raise InputError(items.KEEP)
    return Statement(
        form={"id": form.id, "version": form.version},
        language=language,
        day=clock.day(),
        parts=parts_of(form, checked),
        reading_allowed=items.reading(checked),
        identity_now=items.known(checked),
        readers=str(checked.get(WISH) or ""),
    )
