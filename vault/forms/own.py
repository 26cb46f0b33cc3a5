"""All that this program asks: the forms, the code lists, the drawings and the words of each.

Reading and checking takes a tenth of a second, so a process reads its own only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vault.forms.body import View, load_body
from vault.forms.codes import CodeLists, load_codes
from vault.forms.load import load_forms
from vault.forms.model import Forms
from vault.forms.wording import Wording, load_wordings


@dataclass(frozen=True)
class Questions:
    """What one folder of forms holds.

    Attributes:
        wordings: by language.
        directory: the folder; None for that of this program.
    """

    forms: Forms
    codes: CodeLists
    wordings: Mapping[str, Wording]
    body: tuple[View, ...]
    directory: Path | None


def questions(directory: Path | None = None) -> Questions:
    """Return what a folder holds, by default the `intake_forms/` of this program.

    Raises:
        SettingError: names the file and what is wrong with it.
    """
    return _own() if directory is None else _read(directory)


@cache
def _own() -> Questions:
    return _read(None)


def _read(directory: Path | None) -> Questions:
    forms, codes = load_forms(directory), load_codes(directory)
    wordings, body = load_wordings(forms, directory), load_body(codes, directory)
    return Questions(forms, codes, wordings, body, directory)
