"""Code lists: the closed answers, each with a label per language.

`intake_forms/code_lists.json` holds them all. `esf` is the code of the HURIDOCS Events Standard
Formats, empty where they have none. Two lists stand beside the questions: `article` is for staff,
so no form may name it; `consent` holds the answers that every consent
item accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vault.errors import FormsError
from vault.forms import json_lines
from vault.forms.json_lines import JsonFile
from vault.resources import resource

LANGUAGES = ("kk", "ru", "en")
FILE = "code_lists.json"
STAFF = frozenset({"article"})
"""Lists that no form may name: nobody who tells is asked which article it was."""

_KEYS = frozenset({"code", "esf", "law", "use", "verified", *LANGUAGES})


@dataclass(frozen=True)
class Code:
    """One answer of a list.

    Attributes:
        code: what is stored; stable for ever, because old answers hold it.
        labels: text per language.
        esf: HURIDOCS code or empty.
        law: which act an article belongs to, or empty.
        use: what an article is used for, or empty.
        verified: how far an article's text was checked, or empty.
    """

    code: str
    labels: Mapping[str, str]
    esf: str = ""
    law: str = ""
    use: str = ""
    verified: str = ""


@dataclass(frozen=True)
class CodeLists:
    """All lists by name; the order of codes is the order on the page."""

    lists: Mapping[str, Mapping[str, Code]]

    def codes(self, name: str) -> tuple[Code, ...]:
        """Return the codes of a list in order.

        Raises:
            FormsError: no such list.
        """
        return tuple(self._list(name).values())

    def label(self, name: str, code: str, language: str) -> str:
        """Return the text of one code; the code itself where the list has none in that language.

        Raises:
            FormsError: no such list, or no such code in it.
        """
        found = self._list(name).get(code)
        if found is None:
            raise FormsError(f"no such code in the list {name}")
        return found.labels.get(language, code)

    def speaks_all_languages(self, name: str) -> bool:
        """Say whether every code of a list has a label in every language."""
        return all(code.labels.keys() == set(LANGUAGES) for code in self._list(name).values())

    def _list(self, name: str) -> Mapping[str, Code]:
        if name not in self.lists:
            raise FormsError(f"{FILE}: no list {name}")
        return self.lists[name]


def load_codes(directory: Path | None = None) -> CodeLists:
    """Return all code lists.

    Args:
        directory: where `code_lists.json` lies; default: the `intake_forms/` of this program.

    Raises:
        FormsError: names the line, the list and what is wrong with it.
    """
    data, file = json_lines.read((directory or resource("intake_forms")) / FILE)
    if not isinstance(data, dict) or data.keys() != {"note", "lists"}:
        raise file.fault("expected the keys note and lists")
    if not isinstance(data["lists"], dict):
        raise file.fault("lists is no table of lists", "lists")
    lists = data["lists"].items()
    return CodeLists({name: _codes(file, name, entries) for name, entries in lists})


def _codes(file: JsonFile, name: str, entries: Any) -> dict[str, Code]:
    if not isinstance(entries, list) or not entries:
        raise file.fault(f"{name} is not a list of codes", "lists", name)
    codes: dict[str, Code] = {}
    for place, entry in enumerate(entries):
        code = _code(file, ("lists", name, place), entry)
        if code.code in codes:
            message = f"{name} has the code {code.code} twice"
            raise file.fault(message, "lists", name, place, "code")
        codes[code.code] = code
    return codes


def _code(file: JsonFile, path: tuple[str | int, ...], entry: Any) -> Code:
    name = path[1]
    if not isinstance(entry, dict) or not entry.get("code"):
        raise file.fault(f"{name} has an entry without a code", *path, "code")
    code = f"{name}.{entry['code']}"
    if unknown := entry.keys() - _KEYS:
        raise file.fault(f"{code} has the unknown key {min(unknown)}", *path, min(unknown))
    if wrong := [key for key, value in entry.items() if not isinstance(value, str)]:
        raise file.fault(f"{code} has a value that is no text", *path, wrong[0])
    labels = {language: entry[language] for language in LANGUAGES if entry.get(language)}
    if "en" not in labels:
        raise file.fault(f"{code} has no English label", *path, "en")
    rest = {key: value for key, value in entry.items() if key not in LANGUAGES}
    return Code(labels=labels, **rest)
