"""Read the forms once, strictly: a slip in a file stops the start and is named.

The files are edited by people who do not program, so every message says which file, which line,
which field and what was expected. Nothing is guessed: an unknown key is a misspelt known one and is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from vault.forms import lines
from vault.forms.codes import load_codes
from vault.forms.lines import Place
from vault.forms.model import (
    ACCOUNT,
    AUDIENCES,
    CHILD,
    FIRST_PAGE,
    GROUPS,
    Field,
    Form,
    Forms,
    Module,
)
from vault.forms.modules import check_keys, condition, load_modules, twice
from vault.resources import resource

FORM_KEYS = {
    "id": str,
    "version": int,
    "order": int,
    "group": str,
    "offered_to": list,
    "modules": list,
}
FORM_OPTIONAL = {"without": list, "words": str, "ready": bool, "only_if": dict}


def load_forms(directory: Path | None = None) -> Forms:
    """Return all forms.

    Args:
        directory: holds `forms/`, `modules/` and `code_lists.json`; default: the `intake_forms/` of
            this program.

    Raises:
        FormsError: names the file, the line and the key at fault.
    """
    directory = directory or resource("intake_forms")
    modules = load_modules(directory / "modules", load_codes(directory))
    tables = [_table(path) for path in sorted((directory / "forms").glob("*.toml"))]
    forms = [(table["order"], _form(place, table, modules)) for table, place in tables]
    if double := twice(order for order, _ in forms):
        place = next(place for table, place in reversed(tables) if table["order"] == double)
        raise place.fault(f"two forms have the same order {double}", "order")
    return Forms(tuple(form for _, form in sorted(forms, key=lambda pair: pair[0])))


def _table(path: Path) -> tuple[dict[str, Any], Place]:
    table, place = lines.read(path)
    check_keys(place, table, FORM_KEYS, FORM_OPTIONAL)
    for key in ("offered_to", "modules", "without"):
        if not all(isinstance(entry, str) for entry in table.get(key, [])):
            raise place.fault(f"{key} is a list of names", key)
    if table["id"] != path.stem:
        raise place.fault(f"id must be {path.stem}", "id")
    if table["version"] < 1:
        raise place.fault("version starts at 1", "version")
    if table["group"] not in GROUPS:
        raise place.fault(f"group must be one of {', '.join(GROUPS)}", "group")
    for audience in table["offered_to"]:
        if audience not in AUDIENCES:
            raise place.fault(f"offered_to knows {', '.join(AUDIENCES)}", "offered_to")
    return table, place


def _form(place: Place, table: dict[str, Any], modules: dict[str, Module]) -> Form:
    kept = _chosen(place, table, modules)
    form = Form(
        id=table["id"],
        version=table["version"],
        offered_to=tuple(table["offered_to"]),
        modules=kept,
        fields=gather(field for module in kept for field in module.fields),
        group=table["group"],
        words=table.get("words", ""),
        ready=table.get("ready", False),
        only_if={
            module_id: condition(place, stated)
            for module_id, stated in table.get("only_if", {}).items()
        },
    )
    for field_id in FIRST_PAGE:
        if field_id not in form.by_id:
            raise place.fault(f"the field {field_id} is missing", "modules")
    if CHILD in form.offered_to and any(field.drawn for field in form.by_id.values()):
        raise place.fault("offered to a child, it may have no body map", "offered_to")
    _check_pages(place, form)
    return form


def _check_pages(place: Place, form: Form) -> None:
    """Refuse a page that is to follow answers which the page before it does not ask for."""
    before = dict(zip([page.id for page in form.pages[1:]], form.pages, strict=False))
    for module_id, stated in form.only_if.items():
        if module_id not in before:
            raise place.fault(f"only_if: no page comes before {module_id}", "only_if")
        asked = {one.id: one for top in before[module_id].asked for one in top.walk()}
        codes = asked[stated.field_id].codes if stated.field_id in asked else None
        if codes is None:
            message = f"only_if: the page before {module_id} does not ask {stated.field_id}"
            raise place.fault(message, "only_if")
        if unknown := set(stated.codes) - codes:
            raise place.fault(f"only_if: {stated.field_id} has no answer {min(unknown)}", "only_if")


def _chosen(place: Place, table: dict[str, Any], modules: dict[str, Module]) -> tuple[Module, ...]:
    """Return the modules of a form without the fields that it leaves out."""
    for module_id in table["modules"]:
        if module_id not in modules:
            raise place.fault(f"there is no module {module_id}", "modules")
    if double := twice(table["modules"]):
        raise place.fault(f"the module {double} stands twice", "modules")
    chosen = [modules[module_id] for module_id in table["modules"]]
    without = frozenset(table.get("without", []))
    known = {field.id for module in chosen for top in module.fields for field in top.walk()}
    if unknown := without - known:
        raise place.fault(f"without names the unknown field {min(unknown)}", "without")
    return tuple(replace(module, fields=_thin(module.fields, without)) for module in chosen)


def _thin(fields: tuple[Field, ...], without: frozenset[str]) -> tuple[Field, ...]:
    return tuple(
        field.holding(_thin(field.fields, without)) for field in fields if field.id not in without
    )


def gather(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Put dotted fields under an object of their first part, at the place of the first of them."""
    gathered: dict[str, Field] = {}
    for field in fields:
        root, dot, _ = field.id.partition(".")
        if not dot:
            gathered[root] = field
            continue
        group = gathered.get(root) or Field(id=root, type="object", compartment=ACCOUNT)
        gathered[root] = replace(group, fields=(*group.fields, field))
    return tuple(gathered.values())
