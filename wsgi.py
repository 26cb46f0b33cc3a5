"""The applications a WSGI server can serve: intake_app, staff_app, audit_app, and app.

Each is made when it is first asked for, so a process that serves intake never imports the vault
side. `app`, all under one roof, is for tests and development only.
"""

from __future__ import annotations

from typing import Any

_FACTORIES = {
    "intake_app": "vault.web.intake",
    "staff_app": "vault.web.staff",
    "audit_app": "vault.web.audit",
    "app": "vault.web",
}


def __getattr__(name: str) -> Any:
    if name not in _FACTORIES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - only what is served gets imported

    return import_module(_FACTORIES[name]).create_app()
