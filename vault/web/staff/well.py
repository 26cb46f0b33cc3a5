"""For administrators: is everything well, which settings count, which backups there are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template

from vault.custody import doctor
from vault.custody.backup.header import KINDS
from vault.roster.roles import MACHINE
from vault.settings import Described, Value, described
from vault.web.inside import who
from vault.web.inside.pages import date, text
from vault.web.inside.reading import log_list, log_reading
from vault.web.shared import findings
from vault.web.shared.application import words
from vault.web.staff.access import for_those_who

pages = Blueprint("well", __name__)

_SHOWN = 30
# Large numbers once more in a unit that people think in: how many of one make the other.
_LARGER = {
    "seconds": (("days", 86_400), ("hours", 3_600), ("minutes", 60)),
    "bytes": (("mib", 1_048_576),),
}


@dataclass(frozen=True)
class Shown:
    """One setting for people: value, unit and default in words, and what it comes to."""

    name: str
    value: str
    unit: str
    comes_to: str
    default: str | None
    differs: bool
    why: str


@pages.get("/well")
@for_those_who(MACHINE)
def well() -> str:
    """Make every check now; what needs somebody stands first."""
    found = doctor.examine(who.vault(), by=who.actor().id)
    lines = [findings.line(words(), one, date) for one in found]
    return render_template(
        "staff/well.html",
        odd=[line for line in lines if not line.well],
        well=groupby((line for line in lines if line.well), key=lambda line: line.group),
    )


@pages.get("/settings")
@for_those_who(MACHINE)
def settings() -> str:
    """Show every setting in effect, by section."""
    log_list("settings")
    sections: dict[str, list[Shown]] = {}
    for setting in described(who.vault().settings):
        sections.setdefault(setting.section, []).append(_shown(setting))
    return render_template("staff/settings.html", settings_by_section=sections)


@pages.get("/backups")
@for_those_who(MACHINE)
def backups() -> str:
    """Show when which kind was made, what is in it, and how to make, keep and try one."""
    log_reading("backups")
    lines = [
        findings.line(words(), found, date)
        for found in doctor.examine(who.vault(), only=("backup_main", "backup_short"))
    ]
    return render_template(
        "staff/backups.html",
        lines=dict(zip(KINDS, lines, strict=True)),
        made=doctor.backups(who.vault())[:_SHOWN],
        days=who.vault().settings.backup.short_lived_days,
    )


def _shown(setting: Described) -> Shown:
    return Shown(
        name=setting.name,
        value=_value(setting.value),
        unit="" if isinstance(setting.value, bool) else _unit(setting.unit),
        comes_to=_comes_to(setting),
        default=None if setting.default is None else _value(setting.default),
        differs=setting.differs,
        why=setting.why,
    )


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return text("answer.yes" if value else "answer.no")
    if isinstance(value, tuple):
        return ", ".join(value) or text("settings.none")
    return str(value)


def _unit(unit: str) -> str:
    key = f"unit.{unit.lower()}"
    return text(key) if words().has(key) else unit


def _comes_to(setting: Described) -> str:
    for unit, size in _LARGER.get(setting.unit, ()):
        value = setting.value
        if isinstance(value, int) and value >= size and value % size == 0:
            return f"= {value // size} {_unit(unit)}"
    return ""
