"""Roles as declared in `config/roles.toml`: what each may open, see and do, what excludes what.

Their names, and the names of what they do, are said here and nowhere else. Pure: the parsed TOML is
passed in.
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

# As what somebody handles a case, and the role that this needs.
DEPUTY = "deputy"
CAPACITIES = {LAWYER: LAWYER, DEPUTY: LAWYER, DOCTOR: DOCTOR, INTERPRETER: INTERPRETER}

COMPARTMENTS = frozenset({"account", "medical", "identity", "work"})

TRIAGE = "triage"
CASES = "cases"
MESSAGES = "messages"
NOTES = "notes"
IDENTITY = "identity"
LOG = "log"
MEMBERS = "members"
MACHINE = "machine"
DOES = frozenset({TRIAGE, CASES, MESSAGES, NOTES, IDENTITY, LOG, MEMBERS, MACHINE})

_LISTS = ("opens", "reads", "does", "excludes")


@dataclass(frozen=True)
class Role:
    """One role.

    Args:
        name: of ROLES.
        opens: compartments that a grant may hold for it.
        reads: those of them that are decrypted and shown when it opens a case.
        does: words of DOES.
        excludes: roles that the same person may not have.
        ends: it is held until a stated moment, always.
    """

    name: str
    opens: frozenset[str]
    reads: frozenset[str]
    does: frozenset[str]
    excludes: frozenset[str]
    ends: bool


def parse_roles(declared: Mapping[str, Any]) -> dict[str, Role]:
    """Return all roles by name.

    Raises:
        SettingError: a role is missing, unknown, or declared with unknown words; one excludes
            another that does not exclude it; or an auditor could open testimony.
    """
    if declared.keys() != ROLES:
        odd = sorted(declared.keys() ^ ROLES)
        raise SettingError(f"roles.toml: unknown or missing role {odd[0]}")
    roles = {name: _role(name, value) for name, value in declared.items()}
    for name, role in roles.items():
        if any(name not in roles[other].excludes for other in role.excludes):
            raise SettingError(f"roles.toml: {name} excludes a role that does not exclude it")
    if any(role.opens and name not in roles[AUDITOR].excludes for name, role in roles.items()):
        raise SettingError("roles.toml: whoever opens testimony does not audit")
    return roles


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


def may(held: Iterable[str], does: str, roles: Mapping[str, Role]) -> bool:
    """Say whether somebody who holds these roles may do something; see `config/roles.toml`."""
    return any(does in roles[name].does for name in held)


def _role(name: str, value: Any) -> Role:
    if not isinstance(value, dict) or value.keys() != {*_LISTS, "ends"}:
        raise SettingError(f"roles.toml: {name} needs {', '.join(_LISTS)} and ends")
    if not all(isinstance(value[key], list) for key in _LISTS) or type(value["ends"]) is not bool:
        raise SettingError(f"roles.toml: {name} needs lists, and yes or no")
    lists = {key: frozenset(value[key]) for key in _LISTS}
    role = Role(name=name, ends=value["ends"], **lists)
    known = role.opens <= COMPARTMENTS and role.excludes <= ROLES and role.does <= DOES
    if not known or not role.reads <= role.opens:
        raise SettingError(f"roles.toml: {name} names an unknown word, or reads more than it opens")
    return role
