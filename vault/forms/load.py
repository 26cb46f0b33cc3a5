"""Read the forms once, strictly: a slip in a file stops the start and is named.

The files are edited by people who do not program, so every message says which file, which field
and what was expected. Nothing is guessed: an unknown key is a misspelt known one and is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vault.errors import SettingError
from vault.forms.codes import CodeLists, load_codes
from vault.forms.model import (
    ACCOUNT,
    AUDIENCES,
    COMPARTMENTS,
    FIELD_TYPES,
    FIRST_PAGE,
    GROUPS,
    Field,
    Form,
    Forms,
    Module,
)
from vault.resources import resource

FORM_KEYS = {
    "id": str,
    "version": int,
    "order": int,
    "group": str,
    "offered_to": list,
    "modules": list,
}
FORM_OPTIONAL = {"without": list, "words": str, "ready": bool}
MODULE_KEYS = {"id": str, "fields": list}
MODULE_OPTIONAL = {"careful": bool}
FIELD_KEYS = {"id": str, "type": str}
FIELD_OPTIONAL = {
    "list": str,
    "compartment": str,
    "limit": int,
    "required": bool,
    "kept": bool,
    "on_page": bool,
    "folded": str,
    "needs": str,
    "tells_of": str,
    "fields": list,
}

_DEFAULT_LISTS = {"yes_no": "yes_no", "consent": "consent", "date": "date_precision"}
_LISTED = ("code", "codes", "yes_no", "consent")
_NESTED = ("list", "object")
_LIMITED = ("text", "codes", "number", "list")


def load_forms(directory: Path | None = None) -> Forms:
    """Return all forms.

    Args:
        directory: holds `forms/`, `modules/` and `code_lists.json`; default: the `intake_forms/` of
            this program.

    Raises:
        SettingError: names the file and the key at fault.
    """
    directory = directory or resource("intake_forms")
    modules = _modules(directory / "modules", load_codes(directory))
    tables = [(path, _table(path)) for path in sorted((directory / "forms").glob("*.toml"))]
    forms = [(table["order"], _form(path, table, modules)) for path, table in tables]
    orders = [order for order, _ in forms]
    if len(set(orders)) != len(orders):
        raise SettingError("forms: two forms have the same order")
    return Forms(tuple(form for _, form in sorted(forms, key=lambda pair: pair[0])))


# --- forms ---------------------------------------------------------------------------------------


def _table(path: Path) -> dict[str, Any]:
    table = _read(path)
    _keys(path.name, table, FORM_KEYS, FORM_OPTIONAL)
    for key in ("offered_to", "modules", "without"):
        if not all(isinstance(entry, str) for entry in table.get(key, [])):
            raise SettingError(f"{path.name}: {key} is a list of names")
    if table["id"] != path.stem:
        raise SettingError(f"{path.name}: id must be {path.stem}")
    if table["version"] < 1:
        raise SettingError(f"{path.name}: version starts at 1")
    if table["group"] not in GROUPS:
        raise SettingError(f"{path.name}: group must be one of {', '.join(GROUPS)}")
    for audience in table["offered_to"]:
        if audience not in AUDIENCES:
            raise SettingError(f"{path.name}: offered_to knows {', '.join(AUDIENCES)}")
    return table


def _form(path: Path, table: dict[str, Any], modules: dict[str, Module]) -> Form:
    chosen = []
    for module_id in table["modules"]:
        if module_id not in modules:
            raise SettingError(f"{path.name}: there is no module {module_id}")
        chosen.append(modules[module_id])
    _once(path.name, "module", (module.id for module in chosen))
    without = frozenset(table.get("without", []))
    known = {field.id for module in chosen for top in module.fields for field in top.walk()}
    if unknown := without - known:
        raise SettingError(f"{path.name}: without names the unknown field {min(unknown)}")
    kept = tuple(replace(module, fields=_thin(module.fields, without)) for module in chosen)
    form = Form(
        id=table["id"],
        version=table["version"],
        offered_to=tuple(table["offered_to"]),
        modules=kept,
        fields=_gather(field for module in kept for field in module.fields),
        group=table["group"],
        words=table.get("words", ""),
        ready=table.get("ready", False),
    )
    for field_id in FIRST_PAGE:
        if field_id not in form.by_id:
            raise SettingError(f"{path.name}: the field {field_id} is missing")
    return form


def _thin(fields: tuple[Field, ...], without: frozenset[str]) -> tuple[Field, ...]:
    return tuple(
        replace(field, fields=_thin(field.fields, without))
        for field in fields
        if field.id not in without
    )


def _gather(fields: Iterable[Field]) -> tuple[Field, ...]:
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


# --- modules -------------------------------------------------------------------------------------


def _modules(directory: Path, codes: CodeLists) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    for path in sorted(directory.glob("*.toml")):
        table = _read(path)
        _keys(path.name, table, MODULE_KEYS, MODULE_OPTIONAL)
        if table["id"] in modules:
            raise SettingError(f"{path.name}: the module {table['id']} stands in two files")
        fields = tuple(_field(path.name, entry, codes) for entry in table["fields"])
        _check_beside(path.name, fields, top=True)
        modules[table["id"]] = Module(
            id=table["id"], name=path.stem, fields=fields, careful=table.get("careful", False)
        )
    _check_ids(modules)
    return modules


def _check_ids(modules: dict[str, Module]) -> None:
    """Refuse one id in two places: wording and statistics know a field by its id alone."""
    every = [field.id for module in modules.values() for field in module.fields]
    _once("modules", "field", every)
    roots = {field_id.partition(".")[0] for field_id in every if "." in field_id}
    if clash := roots.intersection(every):
        raise SettingError(f"modules: {min(clash)} is both a field and the start of dotted ids")


# --- fields --------------------------------------------------------------------------------------


def _field(
    file: str, entry: Any, codes: CodeLists, parent: str = "", inherited: str | None = None
) -> Field:
    if not isinstance(entry, dict):
        raise SettingError(f"{file}: a field is a table")
    where = f"{file}: {entry.get('id', 'a field without an id')}"
    _keys(where, entry, FIELD_KEYS, FIELD_OPTIONAL)
    _check_id(where, entry["id"], dots=1 if not parent else 0)
    _check_type(where, entry)
    compartment = _compartment(where, entry.get("compartment", inherited))
    field_id = f"{parent}.{entry['id']}" if parent else entry["id"]
    inner = tuple(
        _field(file, sub, codes, field_id, compartment) for sub in entry.get("fields", [])
    )
    _once(where, "field", (field.id for field in inner))
    code_list = entry.get("list", _DEFAULT_LISTS.get(entry["type"]))
    return Field(
        id=field_id,
        type=entry["type"],
        compartment=compartment,
        code_list=code_list,
        codes=_codes(where, entry["type"], code_list, codes),
        limit=entry.get("limit"),
        required=entry.get("required", False),
        kept=entry.get("kept", True),
        on_page=entry.get("on_page", True),
        folded=entry.get("folded"),
        needs=entry.get("needs"),
        tells_of=entry.get("tells_of"),
        fields=inner,
    )


def _check_id(where: str, field_id: str, dots: int) -> None:
    parts = field_id.split(".")
    if len(parts) > dots + 1 or not all(part.isidentifier() and part.isascii() for part in parts):
        raise SettingError(f"{where}: an id is made of letters, digits and _")


def _check_type(where: str, entry: dict[str, Any]) -> None:
    kind = entry["type"]
    if kind not in FIELD_TYPES:
        raise SettingError(f"{where}: type {kind} is not one of {', '.join(FIELD_TYPES)}")
    rules = {
        "list": _LISTED,
        "fields": _NESTED,
        "limit": _LIMITED,
        "required": ("consent",),
        "needs": ("text",),
        "tells_of": ("yes_no",),
    }
    for key, kinds in rules.items():
        if key in entry and kind not in kinds:
            raise SettingError(f"{where}: {key} does not go with type {kind}")
    if kind in _NESTED and not entry.get("fields"):
        raise SettingError(f"{where}: type {kind} needs fields")
    if entry.get("limit", 1) < 1:
        raise SettingError(f"{where}: limit must be at least 1")


def _check_beside(file: str, fields: tuple[Field, ...], *, top: bool = False) -> None:
    """Refuse a field that refers to one which is not beside it in its list, object or module."""
    for field in fields:
        if field.needs and (top or field.needs not in {beside.name for beside in fields}):
            raise SettingError(f"{file}: {field.id} needs an unknown field {field.needs}")
        if field.tells_of and field.tells_of not in {beside.id for beside in fields}:
            raise SettingError(f"{file}: {field.id} tells of an unknown field {field.tells_of}")
        _check_beside(file, field.fields)


def _compartment(where: str, compartment: str | None) -> str:
    if compartment is None:
        raise SettingError(f"{where}: compartment is missing")
    if compartment not in COMPARTMENTS:
        raise SettingError(f"{where}: compartment must be one of {', '.join(COMPARTMENTS)}")
    return compartment


def _codes(where: str, kind: str, name: str | None, codes: CodeLists) -> frozenset[str] | None:
    if name is None:
        return None
    if name not in codes.lists:
        raise SettingError(f"{where}: there is no code list {name}")
    if not codes.speaks_all_languages(name):
        raise SettingError(f"{where}: the code list {name} lacks a label in some language")
    # A consent item may always be refused, put off or paused, whatever else it offers.
    shared = codes.codes("consent") if kind == "consent" else ()
    return frozenset(code.code for code in (*codes.codes(name), *shared))


# --- files ---------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingError(f"{path.name} cannot be read") from error


def _keys(
    where: str, table: dict[str, Any], needed: Mapping[str, type], optional: Mapping[str, type]
) -> None:
    for key in needed:
        if key not in table:
            raise SettingError(f"{where}: {key} is missing")
    for key, value in table.items():
        kind = needed.get(key) or optional.get(key)
        if kind is None:
            raise SettingError(f"{where}: unknown key {key}")
        if type(value) is not kind:
            raise SettingError(f"{where}: {key} has the wrong type")


def _once(where: str, what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise SettingError(f"{where}: the {what} {one} stands twice")
        seen.add(one)
