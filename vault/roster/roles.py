"""Roles as declared in `config/roles.toml`: what each may open and do, and what excludes what.

The names of the roles are said here and nowhere else. Pure: the parsed TOML is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vault.errors import RefusedError, SettingError

INTAKE_OFFICER = "intake_officer"
LAWYER = "lawyer"
DOCTOR = "doctor"
INTERPRETER = "interpreter"
ANALYST = "analyst"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"
TRUSTEE = "trustee"
ROLES = frozenset(
    {INTAKE_OFFICER, LAWYER, DOCTOR, INTERPRETER, ANALYST, AUDITOR, ADMINISTRATOR, TRUSTEE}
)
# Whose replies and notes count, on both sides.
WRITER = LAWYER

COMPARTMENTS = frozenset({"account", "medical", "identity", "work"})


@dataclass(frozen=True)
class Role:
    """One role: compartments a grant may hold for it, abilities, and roles it excludes."""

    name: str
    opens: frozenset[str]
    does: frozenset[str]
    excludes: frozenset[str]


def parse_roles(declared: Mapping[str, Any]) -> dict[str, Role]:
    """Return all roles by name.

    Raises:
        SettingError: a role is missing, unknown, or declared with unknown words.
    """
    if declared.keys() != ROLES:
        odd = sorted(declared.keys() ^ ROLES)
        raise SettingError(f"roles.toml: unknown or missing role {odd[0]}")
    return {name: _role(name, value) for name, value in declared.items()}


def check_together(names: Iterable[str], roles: Mapping[str, Role]) -> frozenset[str]:
    """Return the set of names if one person may hold them all.

    Raises:
        RefusedError: none, an unknown one, or two that exclude each other.
    """
    chosen = frozenset(names)
    if not chosen or not chosen <= roles.keys():
        raise RefusedError("no such role")
    for name in sorted(chosen):
        clash = sorted(roles[name].excludes & chosen)
        if clash:
            raise RefusedError(f"{name} and {clash[0]} exclude each other")
    return chosen


def _role(name: str, value: Any) -> Role:
    if not isinstance(value, dict) or value.keys() != {"opens", "does", "excludes"}:
        raise SettingError(f"roles.toml: {name} needs opens, does and excludes")
    role = Role(name, *(frozenset(value[key]) for key in ("opens", "does", "excludes")))
    if not role.opens <= COMPARTMENTS or not role.excludes <= ROLES:
        raise SettingError(f"roles.toml: {name} names an unknown compartment or role")
    return role
