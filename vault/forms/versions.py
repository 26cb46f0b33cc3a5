"""Versions: what each version of a form asks, in the very words, kept for ever.

The files of the forms are edited freely; `version` is raised with every change, and what was asked
before stays under `intake_forms/versions/`: a list of pages for each version, and each page once,
by the digest of its content. So an old answer is shown with the question that was asked, whatever
has become of it since, and a question that was changed under an old number is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from vault import canonical
from vault.errors import FormsError, StorageError
from vault.forms.codes import CodeLists
from vault.forms.load import gather
from vault.forms.model import Field, Form, Forms, Module
from vault.forms.wording import Wording
from vault.resources import resource

_KEPT = (
    *("id", "type", "compartment", "identifies", "statistics", "code_list", "limit", "required"),
    *("kept", "on_page", "folded", "needs", "only_if", "drawn", "ordered", "lasts", "tells_of"),
)


@dataclass(frozen=True)
class Told:
    """A question as it stood: its words, what stood under it, and the digest of its page."""

    label: str
    hint: str
    why: str
    page: str


@dataclass(frozen=True)
class Asked:
    """Everything that one version of a form asked.

    Attributes:
        fields: by their path, in the order of the pages.
        labels: the words of each question, by language and path.
        codes: the labels of each answer by language, by list and code.
        modules: its pages, in order.
        titles: of the pages, by language and id of the module.
    """

    fields: Mapping[str, Field]
    labels: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, Mapping[str, Mapping[str, str]]]
    modules: tuple[Module, ...]
    titles: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Sources:
    """What the pages of today are made of."""

    forms: Forms
    wordings: Mapping[str, Wording]
    codes: CodeLists


def check(sources: Sources, directory: Path | None = None) -> None:
    """Return if every offered form asks exactly what is kept of its version.

    Raises:
        FormsError: names the forms, and the page that differs.
    """
    folder, differing = _folder(directory), dict[str, list[str]]()
    for form in sources.forms.ready:
        kept = _versions(folder, form.id).get(str(form.version))
        if kept is None:
            raise FormsError(f"{form.id}: version {form.version} is not kept yet: run form keep")
        now = {module.id: _digest(page(form, module, sources)) for module in form.pages}
        for module_id in sorted({*now, *kept}):
            if now.get(module_id) != kept.get(module_id):
                differing.setdefault(module_id, []).append(form.id)
        for digest in kept.values():
            _page(folder, digest)
    if differing:
        module_id, forms = min(differing.items())
        raise FormsError(
            f"{', '.join(forms)}: {module_id} asks something else than the version did:"
            " raise the version of each of these forms"
        )


def keep(sources: Sources, directory: Path | None = None) -> list[str]:
    """Keep the versions that are not kept yet; returns their names. What is kept never changes.

    Raises:
        FormsError: a form asks something else than what is kept of its version.
        StorageError: it cannot be written.
    """
    folder, added = _folder(directory), []
    for form in sources.forms.ready:
        versions = _versions(folder, form.id)
        if str(form.version) in versions:
            continue
        versions[str(form.version)] = dict(_kept_pages(folder, form, sources))
        _write(folder / f"{form.id}.json", versions)
        added.append(f"{form.id} {form.version}")
    check(sources, directory)
    return added


def told(
    form_id: str, version: int, field_id: str, language: str, directory: Path | None = None
) -> Told | None:
    """Return a question as a version of a form asked it; None if nothing is kept of it.

    Args:
        form_id: of the form; anything that a packet maker wrote is looked up, never opened.
        version: of the form.
        field_id: of the question.
        language: of the page.
        directory: default: the `intake_forms/` of this program.

    Raises:
        FormsError: what is kept was changed.
    """
    folder = _folder(directory)
    for digest in _versions(folder, form_id).get(str(version), {}).values():
        words = _page(folder, digest)["words"].get(language, {})
        if field_id in words.get("fields", {}):
            label, hint, why = words["fields"][field_id]
            return Told(label, hint, why, digest)
    return None


def asked(form_id: str, version: int, directory: Path | None = None) -> Asked | None:
    """Return everything that a version of a form asked; None if nothing is kept of it.

    Args:
        form_id: of the form; anything that a packet maker wrote is looked up, never opened.
        version: of the form.
        directory: default: the `intake_forms/` of this program.

    Raises:
        FormsError: what is kept was changed.
    """
    folder = _folder(directory)
    pages = [_page(folder, digest) for digest in _in_order(folder, form_id, version)]
    if not pages:
        return None
    labels: dict[str, dict[str, str]] = {}
    codes: dict[str, Mapping[str, Mapping[str, str]]] = {}
    titles: dict[str, dict[str, str]] = {}
    for content in pages:
        codes.update(content["codes"])
        for language, words in content["words"].items():
            told_of = {field_id: said[0] for field_id, said in words["fields"].items()}
            labels.setdefault(language, {}).update(told_of)
            titles.setdefault(language, {})[content["id"]] = words["title"]
    modules = tuple(
        Module(content["id"], content["name"], tuple(map(_as_field, content["fields"])))
        for content in pages
    )
    tops = gather(field for module in modules for field in module.fields)
    fields = {field.id: field for top in tops for field in top.walk()}
    return Asked(fields, labels, codes, modules, titles)


def _in_order(folder: Path, form_id: str, version: int) -> list[str]:
    return list(_versions(folder, form_id).get(str(version), {}).values())


def _as_field(kept: Mapping[str, Any]) -> Field:
    inner = tuple(_as_field(one) for one in kept["fields"])
    only = tuple(kept["only_codes"])
    return Field(**{name: kept[name] for name in _KEPT}, only_codes=only, fields=inner)


def page(form: Form, module: Module, sources: Sources) -> dict[str, Any]:
    """Return everything that a page asks: its fields, its words in each language, its answers."""
    fields = [field for top in module.fields for field in top.walk()]
    lists = sorted({field.code_list for field in fields if field.code_list})
    return {
        "id": module.id,
        "name": module.name,
        "careful": module.careful,
        "fields": [_field(field) for field in module.fields],
        "words": {
            language: _words(wording.of(form), module, fields)
            for language, wording in sorted(sources.wordings.items())
        },
        "codes": {
            name: {
                code.code: {
                    language: wording.of(form).answer(name, code)
                    for language, wording in sources.wordings.items()
                }
                for code in sources.codes.codes(name)
            }
            for name in lists
        },
    }


def _kept_pages(folder: Path, form: Form, sources: Sources) -> Iterator[tuple[str, str]]:
    for module in form.pages:
        content = page(form, module, sources)
        digest = _digest(content)
        path = folder / "pages" / f"{digest}.json"
        if not path.exists():
            _write(path, content)
        yield module.id, digest


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(field, name) for name in _KEPT}
    inner = [_field(one) for one in field.fields]
    return found | {"only_codes": [*field.only_codes], "fields": inner}


def _words(wording: Wording, module: Module, fields: list[Field]) -> dict[str, Any]:
    folds = sorted({field.folded for field in fields if field.folded})
    return {
        "title": wording.module_title(module.id),
        "hint": wording.module_hint(module.id),
        "fields": {
            field.id: [wording.label(field.id), wording.hint(field.id), wording.why(field.id)]
            for field in fields
        },
        "prompts": {name: wording.prompt(name) for name in folds},
    }


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical.dumps(content)).hexdigest()


def _folder(directory: Path | None) -> Path:
    return (directory or resource("intake_forms")) / "versions"


def _versions(folder: Path, form_id: str) -> dict[str, dict[str, str]]:
    """Return the pages of each version; nothing for an id that is none, whatever stands in it."""
    found = next((path for path in folder.glob("*.json") if path.stem == form_id), None)
    return {} if found is None else _read(found)


@lru_cache(maxsize=256)
def _page(folder: Path, digest: str) -> dict[str, Any]:
    content = _read(folder / "pages" / f"{digest}.json")
    if _digest(content) != digest:
        raise FormsError(f"versions/pages/{digest}.json was changed")
    return content


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FormsError(f"versions: {path.name} cannot be read") from error
    if not isinstance(value, dict):
        raise FormsError(f"versions: {path.name} holds no object")
    return value


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise StorageError(f"versions/{path.name} cannot be written") from error
