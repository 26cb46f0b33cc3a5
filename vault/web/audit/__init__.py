"""The audit interface: reads and verifies the access log, never a word of testimony."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from vault.journal.vault import Vault


def create_app(vault: Vault | None = None) -> Flask:
    """Return the audit application.

    Args:
        vault: what it serves; None: the vault that the environment names, through its agents.
    """
    from vault.web.audit.application import build  # noqa: PLC0415 - only what is served is imported

    return build(vault)
