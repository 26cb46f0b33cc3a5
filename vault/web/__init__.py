"""The three interfaces: intake, staff, audit. For tests and development, all under one roof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

Wsgi = Callable[..., Iterable[bytes]]


class Roof:
    """Passes each request to the interface whose prefix it has; the rest to intake.

    Paths are passed on whole: the interfaces know their own prefixes.
    """

    def __init__(self, intake: Wsgi, rooms: dict[str, Wsgi]) -> None:
        self._intake = intake
        self._rooms = rooms

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        first = environ.get("PATH_INFO", "").split("/")[1:2]
        room = self._rooms.get("".join(first), self._intake)
        return room(environ, start_response)


def create_app() -> Roof:
    """Return all three interfaces of the vault that the environment names."""
    # By name: a process that serves intake imports this package and must not load other rooms.
    rooms = {name: import_module(f"{__name__}.{name}") for name in ("intake", "staff", "audit")}
    apps = {name: room.create_app() for name, room in rooms.items()}
    return Roof(apps.pop("intake"), apps)
