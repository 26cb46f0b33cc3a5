"""Wording of pages: one flat TOML per area and language, read once, strictly.

All languages must have exactly the same keys with the same `{placeholders}`; a page half in another
language frightens people, so a missing key stops the start. Decision: 0005-wording.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vault.errors import SettingError, WitnessVaultError
from vault.forms.codes import LANGUAGES

DIRECTORY = Path(__file__).parent.parent / "translations"


@dataclass(frozen=True)
class Wording:
    """The texts of one area in one language."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return the text of `key` with its placeholders filled in.

        Raises:
            KeyError: no such key, or a placeholder without a value: a defect of the page.
        """
        return self.texts[key].format_map(values)

    def has(self, key: str) -> bool:
        """Say whether there is a text of this key."""
        return key in self.texts

    def sentence(self, error: WitnessVaultError) -> str:
        """Return what an error says to a person: its own sentence, or that of its kind.

        Every area has a sentence for the root of all errors.
        """
        codes = [kind.code for kind in type(error).__mro__ if issubclass(kind, WitnessVaultError)]
        return next(self.texts[code] for code in codes if code in self.texts)


def load(area: str, directory: Path | None = None) -> Mapping[str, Wording]:
    """Return the wording of `area` by language; a process reads this program's own once.

    Raises:
        SettingError: a file is missing or no flat TOML of texts, or languages differ in keys or
            placeholders; names the file and the key.
    """
    return _own(area) if directory is None else _load(area, directory)


@cache
def _own(area: str) -> Mapping[str, Wording]:
    return _load(area, DIRECTORY)


def _load(area: str, directory: Path) -> Mapping[str, Wording]:
    texts = {language: _read(directory / f"{area}.{language}.toml") for language in LANGUAGES}
    every = set[str]().union(*texts.values())
    for language, own in texts.items():
        if missing := every - own.keys():
            raise SettingError(f"{area}.{language}.toml: {min(missing)} is missing")
    for key in sorted(every):
        if len({_placeholders(texts[language][key]) for language in LANGUAGES}) > 1:
            raise SettingError(f"{area}: {key} has other placeholders in another language")
    return {language: Wording(language, own) for language, own in texts.items()}


def _read(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{path.name} cannot be read") from error
    for key, text in table.items():
        if not isinstance(text, str) or not text.strip():
            raise SettingError(f"{path.name}: {key} is empty or no text")
        try:
            _placeholders(text)
        except ValueError as error:
            raise SettingError(f"{path.name}: {key} has a broken placeholder") from error
    return table


def _placeholders(text: str) -> frozenset[str]:
    """Return the names in `{}`; only plain names, no attributes, formats or conversions."""
    found = [part for part in string.Formatter().parse(text) if part[1] is not None]
    if any(not str(name).isidentifier() or spec or conv for _, name, spec, conv in found):
        raise ValueError
    return frozenset(str(name) for _, name, _, _ in found)
