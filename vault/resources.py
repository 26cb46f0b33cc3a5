"""Where the files that are no code lie: beside the checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """Return the path of a file or folder under `config/`, `intake_forms/` or `auditing/`."""
    inside_wheel = _PACKAGE / "_data"
    return (inside_wheel if inside_wheel.is_dir() else _PACKAGE.parent) / name
