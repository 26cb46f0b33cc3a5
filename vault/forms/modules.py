"""Read the modules: pages of questions, each question with its attributes, strictly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vault.forms import lines
from vault.forms.codes import STAFF, CodeLists
from vault.forms.lines import Place
from vault.forms.model import (
    COMPARTMENTS,
    FIELD_TYPES,
    IDENTIFIES,
    IDENTITY,
    Condition,
    Field,
    Module,
)

MODULE_KEYS = {"id": str, "fields": list}
MODULE_OPTIONAL = {"careful": bool}
FIELD_KEYS = {"id": str, "type": str}
FIELD_OPTIONAL = {
    "list": str,
    "compartment": str,
    "identifies": str,
    "statistics": bool,
    "limit": int,
    "required": bool,
    "kept": bool,
    "on_page": bool,
    "folded": str,
    "needs": str,
    "only_if": dict,
    "drawn": bool,
    "ordered": bool,
    "lasts": bool,
    "tells_of": str,
    "fields": list,
}

_KINDS: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number without quotes",
    bool: "true or false, without quotes",
    list: "a list in [ ]",
    dict: "a table in { }",
}
_DEFAULT_LISTS = {"yes_no": "yes_no", "consent": "consent", "date": "date_precision"}
_LISTED = ("code", "codes", "yes_no", "consent")
_NESTED = ("list", "object")
_GOES_WITH = {
    "list": _LISTED,
    "fields": _NESTED,
    "limit": ("text", "codes", "number", "list"),
    "required": ("consent",),
    "needs": ("text",),
    "drawn": ("object",),
    "ordered": ("list",),
    "lasts": ("date",),
    "tells_of": ("yes_no",),
    # What is counted is a closed answer, a day or a number: a text cannot be kept from naming.
    "statistics": (*_LISTED, "date", "number"),
}


def load_modules(directory: Path, codes: CodeLists) -> dict[str, Module]:
    """Return all modules by their id.

    Raises:
        FormsError: names the file, the line and the key at fault.
    """
    modules: dict[str, Module] = {}
    places: dict[str, Place] = {}
    for path in sorted(directory.glob("*.toml")):
        table, place = lines.read(path)
        check_keys(place, table, MODULE_KEYS, MODULE_OPTIONAL)
        if table["id"] in modules:
            raise place.fault(f"the module {table['id']} stands in two files", "id")
        fields = tuple(_fields(place, table["fields"], codes))
        _check_ids(place, fields, places)
        _check_beside(place, fields, top=True)
        modules[table["id"]] = Module(
            id=table["id"], name=path.stem, fields=fields, careful=table.get("careful", False)
        )
    return modules


def check_keys(
    place: Place, table: dict[str, Any], needed: Mapping[str, type], optional: Mapping[str, type]
) -> None:
    """Raise FormsError if a key is missing, unknown or of the wrong type."""
    for key in needed:
        if key not in table:
            raise place.fault(f"{key} is missing")
    for key, value in table.items():
        kind = needed.get(key) or optional.get(key)
        if kind is None:
            raise place.fault(f"unknown key {key}", key)
        if type(value) is not kind:
            raise place.fault(f"{key} must be {_KINDS[kind]}", key)


def twice(ids: Iterable[str]) -> str | None:
    """Return the first id that stands twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    return None


def _check_ids(file: Place, fields: Iterable[Field], places: dict[str, Place]) -> None:
    """Refuse one id in two places: wording and statistics know a field by its id alone.

    `places` are those of all fields so far, by id, and are added to.
    """
    for number, field in enumerate(fields):
        place = file.inside(number, field.id)
        if field.id in places:
            raise place.fault(f"the field {field.id} stands twice", "id")
        group = {one for one in places if _is_within(one, field.id) or _is_within(field.id, one)}
        if group:
            clash = min(*group, field.id, key=len)
            raise place.fault(f"{clash} is both a field and the start of dotted ids", "id")
        places[field.id] = place


def _is_within(field_id: str, group: str) -> bool:
    return field_id.startswith(f"{group}.")


def _fields(
    place: Place, entries: list[Any], codes: CodeLists, above: Field | None = None
) -> Iterator[Field]:
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise place.inside(number, "").fault("a field is a table")
        name = str(entry.get("id", "a field without an id"))
        yield _field(place.inside(number, name), entry, codes, above)


def _field(place: Place, entry: dict[str, Any], codes: CodeLists, above: Field | None) -> Field:
    check_keys(place, entry, FIELD_KEYS, FIELD_OPTIONAL)
    _check_id(place, entry["id"], dots=0 if above else 1)
    _check_type(place, entry)
    inherited = above.compartment if above else None
    code_list = entry.get("list", _DEFAULT_LISTS.get(entry["type"]))
    only_if = condition(place, entry["only_if"]) if "only_if" in entry else None
    field = Field(
        id=f"{above.id}.{entry['id']}" if above else entry["id"],
        type=entry["type"],
        compartment=_compartment(place, entry.get("compartment", inherited)),
        identifies=entry.get("identifies", IDENTIFIES[0]),
        statistics=entry.get("statistics", False),
        code_list=code_list,
        codes=_codes(place, entry["type"], code_list, codes),
        limit=entry.get("limit"),
        required=entry.get("required", False),
        kept=entry.get("kept", True),
        on_page=entry.get("on_page", True),
        folded=entry.get("folded"),
        needs=entry.get("needs"),
        only_if=only_if.field_id if only_if else None,
        only_codes=only_if.codes if only_if else (),
        drawn=entry.get("drawn", False),
        ordered=entry.get("ordered", False),
        lasts=entry.get("lasts", False),
        tells_of=entry.get("tells_of"),
    )
    _check_counted(place, field)
    inside = [one.get("id") for one in entry.get("fields", []) if isinstance(one, dict)]
    if field.drawn and inside[:2] != ["then", "now"]:
        raise place.fault("drawn needs the fields then and now first", "drawn")
    inner = tuple(_fields(place, entry.get("fields", []), codes, field))
    if double := twice(one.id for one in inner):
        raise place.fault(f"the field {double} stands twice")
    return field.holding(inner)


def _check_id(place: Place, field_id: str, dots: int) -> None:
    parts = field_id.split(".")
    if len(parts) > dots + 1 or not all(part.isidentifier() and part.isascii() for part in parts):
        raise place.fault("an id is made of letters, digits and _", "id")


def _check_type(place: Place, entry: dict[str, Any]) -> None:
    kind = entry["type"]
    if kind not in FIELD_TYPES:
        raise place.fault(f"type {kind} is not one of {', '.join(FIELD_TYPES)}", "type")
    for key, kinds in _GOES_WITH.items():
        if key in entry and kind not in kinds:
            raise place.fault(f"{key} does not go with type {kind}", key)
    if kind in _NESTED and not entry.get("fields"):
        raise place.fault(f"type {kind} needs fields", "type")
    if entry.get("limit", 1) < 1:
        raise place.fault("limit must be at least 1", "limit")
    if entry.get("identifies", IDENTIFIES[0]) not in IDENTIFIES:
        raise place.fault(f"identifies must be one of {', '.join(IDENTIFIES)}", "identifies")


def _check_counted(place: Place, field: Field) -> None:
    """Refuse statistics over what names somebody."""
    if field.statistics and (field.identifies == IDENTIFIES[-1] or field.compartment == IDENTITY):
        raise place.fault("statistics may not use what says who somebody is", "statistics")


def condition(place: Place, stated: Any) -> Condition:
    """Return the question and the answers with which a field or a page goes.

    Raises:
        FormsError: it is not one question with a list of answers.
    """
    table = stated if isinstance(stated, dict) and len(stated) == 1 else {"": None}
    ((other, codes),) = table.items()
    if not (isinstance(codes, list) and codes and all(isinstance(code, str) for code in codes)):
        raise place.fault("only_if names one field with a list of its answers", "only_if")
    return Condition(other, tuple(codes))


def _compartment(place: Place, compartment: str | None) -> str:
    if compartment is None:
        raise place.fault("compartment is missing")
    if compartment not in COMPARTMENTS:
        known = ", ".join(COMPARTMENTS)
        raise place.fault(f"compartment must be one of {known}", "compartment")
    return compartment


def _codes(place: Place, kind: str, name: str | None, codes: CodeLists) -> frozenset[str] | None:
    if name is None:
        return None
    if name not in codes.lists:
        raise place.fault(f"there is no code list {name}", "list")
    if name in STAFF:
        raise place.fault(f"the code list {name} is for staff", "list")
    if not codes.speaks_all_languages(name):
        raise place.fault(f"the code list {name} lacks a label in some language", "list")
    # A consent item may always be refused, put off or paused, whatever else it offers.
    shared = codes.codes("consent") if kind == "consent" else ()
    return frozenset(code.code for code in (*codes.codes(name), *shared))


def _check_beside(around: Place, fields: tuple[Field, ...], *, top: bool = False) -> None:
    """Refuse a field that refers to one which is not beside it in its list, object or module."""
    for number, field in enumerate(fields):
        place = around.inside(number, field.id)
        beside = {one.name: one for one in fields if one.above == field.above}
        if field.needs and (top or field.needs not in beside):
            raise place.fault(f"needs an unknown field {field.needs}", "needs")
        if field.tells_of and field.tells_of not in {one.id for one in fields}:
            raise place.fault(f"tells of an unknown field {field.tells_of}", "tells_of")
        if field.only_if:
            _check_condition(place, field, beside.get(field.only_if))
        _check_beside(place, field.fields)


def _check_condition(place: Place, field: Field, other: Field | None) -> None:
    if other is None or not other.codes or other is field:
        raise place.fault(f"only_if names an unknown question {field.only_if}", "only_if")
    if unknown := set(field.only_codes) - other.codes:
        raise place.fault(f"{other.name} has no answer {min(unknown)}", "only_if")
