"""What a check of the vault found, in words: for the page and for the terminal alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from vault.errors import AgentError, WitnessVaultError
from vault.web.shared.wording import Wording


class Found(Protocol):
    """A finding, as `custody.doctor` gives it."""

    @property
    def name(self) -> str:
        """Of the check."""

    @property
    def group(self) -> str:
        """What the check is about."""

    @property
    def well(self) -> bool:
        """Whether all is well."""

    @property
    def said(self) -> str:
        """Which sentence says what was found."""

    @property
    def values(self) -> Mapping[str, str | int]:
        """What stands in that sentence."""

    @property
    def commands(self) -> tuple[str, ...]:
        """That help."""

    @property
    def error(self) -> WitnessVaultError | None:
        """Why the check could not be made."""


@dataclass(frozen=True)
class Line:
    """One finding in words; `advice` is empty when all is well."""

    name: str
    group: str
    title: str
    well: bool
    text: str
    advice: str
    commands: tuple[str, ...]


def line(words: Wording, found: Found, date: Callable[[str], str] = str) -> Line:
    """Return a finding in the language of `words`; `date` writes days and moments."""
    title = words.text(f"doctor.{found.name}")
    if isinstance(found.error, AgentError):
        # Said once, by the check of the agent itself.
        return Line(found.name, found.group, title, found.well, words.text("doctor.later"), "", ())
    if found.error is not None:
        # The class of the error has a sentence; its detail is for terminals and not translated.
        reason = words.sentence(found.error)
        text = words.text("doctor.unknown", reason=reason)
        return Line(
            found.name,
            found.group,
            title,
            found.well,
            text,
            words.text("doctor.unknown.advice"),
            (),
        )
    values = {
        key: date(str(value)) if key in {"day", "moment"} else value
        for key, value in found.values.items()
    }
    text = words.text(f"doctor.{found.name}.{found.said}", **values)
    advice = "" if found.well else words.text(f"doctor.{found.name}.advice")
    return Line(found.name, found.group, title, found.well, text, advice, found.commands)
