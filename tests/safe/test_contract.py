"""The import contracts that keep what parses files apart name every room of the house."""

from __future__ import annotations

import configparser
import pkgutil
from pathlib import Path

import vault

ROOMS = {f"vault.{one.name}" for one in pkgutil.iter_modules(vault.__path__)}
# No code of theirs reaches anybody, or everybody may use them.
ON_THE_GROUND = {"vault.errors", "vault.clock", "vault.resources", "vault.safe"}


def named(contract: str, key: str) -> set[str]:
    rules = configparser.ConfigParser()
    rules.read(Path(vault.__path__[0]).parent / ".importlinter", "utf-8")
    return set(rules[f"importlinter:contract:{contract}"][key].split())


def test_no_room_loads_what_parses_files():
    assert ROOMS - named("parsers", "source_modules") <= ON_THE_GROUND
    assert {"PIL", "pypdfium2"} <= named("parsers", "forbidden_modules")


def test_what_parses_files_reaches_no_room():
    assert ROOMS - named("safe", "forbidden_modules") == {"vault.errors", "vault.safe"}
