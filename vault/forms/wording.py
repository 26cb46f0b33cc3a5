"""Wording: what witnesses read about forms, pages and questions, per language.

One TOML file per language under `intake_forms/wording/`. All must have exactly the same keys, and
cover every form, every module, the first page and every field of a form that is ready to be
offered: a page half in another language frightens people, so a missing key stops the start instead
of falling back.

A folder beside them is a variant: words for forms that name it, where theirs must be other words,
also for the answers of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vault.errors import FormsError
from vault.forms import lines
from vault.forms.codes import LANGUAGES, Code
from vault.forms.lines import Tables
from vault.forms.model import FIRST_PAGE, Field, Form, Forms
from vault.resources import resource

_SHAPE = {
    "forms": ("name", "description"),
    "modules": ("title", "hint"),
    "fields": ("label", "hint"),
}
_OPTIONAL = {"fields": frozenset({"why"})}
_ANSWERS, _PROMPTS = "answers", "prompts"


@dataclass(frozen=True)
class Wording:
    """The texts of one language, by dotted key: `forms.victim.name`, `prompts.story`.

    `variants` are whole wordings too: what a variant does not say stands in the common words.
    """

    language: str
    texts: Mapping[str, str]
    variants: Mapping[str, Wording]

    def of(self, form: Form) -> Wording:
        """Return the wording in which a form asks."""
        return self.variants[form.words] if form.words else self

    def label(self, field_id: str) -> str:
        """Return the question itself."""
        return self._text(f"fields.{field_id}.label")

    def hint(self, field_id: str) -> str:
        """Return what stands under the question; may be empty."""
        return self._text(f"fields.{field_id}.hint")

    def why(self, field_id: str) -> str:
        """Return why it is asked; empty if the question says it itself."""
        return self.texts.get(f"fields.{field_id}.why", "")

    def answer(self, code_list: str, code: Code) -> str:
        """Return an answer of a list: in words of the variant, if it has some, else of the list."""
        own = self.texts.get(f"answers.{code_list}.{code.code}")
        return own or code.labels.get(self.language, code.code)

    def has_field(self, field_id: str) -> bool:
        """Say whether a field has wording yet."""
        return f"fields.{field_id}.label" in self.texts

    def form_name(self, form_id: str) -> str:
        """Return how a form is called where one is chosen."""
        return self._text(f"forms.{form_id}.name")

    def form_description(self, form_id: str) -> str:
        """Return the one line below the name of a form."""
        return self._text(f"forms.{form_id}.description")

    def module_title(self, module_id: str) -> str:
        """Return the heading of a module's page."""
        return self._text(f"modules.{module_id}.title")

    def module_hint(self, module_id: str) -> str:
        """Return what stands under the heading of a module's page."""
        return self._text(f"modules.{module_id}.hint")

    def prompt(self, name: str) -> str:
        """Return a sentence that several pages share."""
        return self._text(f"prompts.{name}")

    def _text(self, key: str) -> str:
        if key not in self.texts:
            raise FormsError(f"{self.language}.toml: {key} is missing")
        return self.texts[key]


def load_wordings(forms: Forms, directory: Path | None = None) -> Mapping[str, Wording]:
    """Return the wording of every language.

    Args:
        forms: what must be covered.
        directory: holds `wording/`; default: the `intake_forms/` of this program.

    Raises:
        FormsError: names the file, its line and the first key that is missing, unknown, empty
            or no text.
    """
    directory = (directory or resource("intake_forms")) / "wording"
    common = _in_all_languages(directory)
    asked, fields = _needed(forms), _fields_of(forms)
    needed = asked.union(*(said.texts for said in common.values()))
    for said in common.values():
        said.check(needed, {key for key in said.texts if _is_known(key, asked, fields)})
    variants = {
        name: _variant(directory / name, needed | _answers(forms, name))
        for name in _named(directory, forms)
    }
    return {
        language: Wording(
            language,
            said.texts,
            {
                name: Wording(language, {**said.texts, **variant[language].texts}, {})
                for name, variant in variants.items()
            },
        )
        for language, said in common.items()
    }


@dataclass(frozen=True)
class _Said:
    """One file: its texts by key, and where they stand."""

    tables: Tables
    texts: Mapping[str, str]

    def check(self, needed: AbstractSet[str], known: AbstractSet[str]) -> None:
        """Raise FormsError for the first key that is missing, or that nothing asks for."""
        if missing := needed - self.texts.keys():
            more = f", and {len(missing) - 1} more are missing" if len(missing) > 1 else ""
            raise self.tables.fault(min(missing), f"{min(missing)} is missing{more}")
        if unknown := self.texts.keys() - known:
            raise self.tables.fault(min(unknown), f"{min(unknown)} belongs to nothing")


def _in_all_languages(directory: Path, above: str = "") -> dict[str, _Said]:
    return {
        language: _read(directory / f"{language}.toml", f"{above}{language}.toml")
        for language in LANGUAGES
    }


def _named(directory: Path, forms: Forms) -> list[str]:
    """Return the names of all variants: each is a folder, and each folder is some form's."""
    named = {form.words for form in forms.forms if form.words}
    if astray := named ^ {path.name for path in directory.iterdir() if path.is_dir()}:
        raise FormsError(f"wording/{min(astray)}: not both a folder and named by a form")
    return sorted(named)


def _variant(directory: Path, known: set[str]) -> dict[str, _Said]:
    """Return the texts of a variant: of any of the common keys, and the same in all languages."""
    variant = _in_all_languages(directory, f"{directory.name}/")
    every = {key for said in variant.values() for key in said.texts}
    for said in variant.values():
        said.check(every, known)
    return variant


def _answers(forms: Forms, variant: str) -> set[str]:
    """Return the keys of every answer that the forms of a variant offer."""
    fields = (one for form in forms.forms if form.words == variant for one in form.by_id.values())
    return {f"answers.{one.code_list}.{code}" for one in fields for code in one.codes or ()}


def _needed(forms: Forms) -> set[str]:
    modules = {module.id for form in forms.forms for module in form.modules}
    asked = [field for form in forms.ready for field in _worded(form)]
    subjects = {
        "forms": set(forms.ids),
        "modules": modules,
        "fields": {*FIRST_PAGE, *(field.id for field in asked)},
    }
    prompts = {f"prompts.{field.folded}" for field in asked if field.folded}
    return prompts | {
        f"{section}.{subject}.{key}"
        for section, keys in _SHAPE.items()
        for subject in subjects[section]
        for key in keys
    }


def _worded(form: Form) -> Iterator[Field]:
    """Yield every field of a form; not the objects that only gather dotted ids."""
    for module in form.modules:
        for top in module.fields:
            yield from top.walk()


def _fields_of(forms: Forms) -> set[str]:
    return {field_id for form in forms.forms for field_id in form.by_id}


def _is_known(key: str, asked: set[str], fields: set[str]) -> bool:
    section, _, rest = key.partition(".")
    if section == "prompts":
        return True
    subject, _, _ = rest.rpartition(".")
    return subject in fields if section == "fields" else key in asked


def _read(path: Path, name: str) -> _Said:
    table, text = lines.read_table(path, name)
    tables = Tables.of(name, text)
    if unknown := table.keys() - {*_SHAPE, _ANSWERS, _PROMPTS}:
        raise tables.fault(min(unknown), f"unknown section {min(unknown)}")
    texts: dict[str, str] = {}
    for section, entries in table.items():
        texts.update(_section(tables, section, entries))
    return _Said(tables, texts)


def _section(tables: Tables, section: str, entries: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of a section by their keys, each of its shape."""
    if not isinstance(entries, dict):
        raise tables.fault(section, f"{section} is no section")
    if section == _PROMPTS:
        yield from _filled(tables, section, entries)
        return
    for subject, table in entries.items():
        name = f"{section}.{subject}"
        if not isinstance(table, dict) or not _has_shape(section, table):
            needed = " and ".join(_SHAPE.get(section, ("a table of answers",)))
            raise tables.fault(name, f"{name} needs {needed}")
        yield from _filled(tables, name, table)


def _has_shape(section: str, table: Mapping[str, Any]) -> bool:
    optional = _OPTIONAL.get(section, frozenset())
    return section == _ANSWERS or table.keys() - optional == set(_SHAPE[section])


def _filled(tables: Tables, above: str, texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield texts by their keys; only a hint may be empty."""
    for name, text in texts.items():
        key = f"{above}.{name}"
        if not isinstance(text, str) or not (text.strip() or name == "hint"):
            raise tables.fault(key, f"{key} is empty or no text")
        yield key, text
