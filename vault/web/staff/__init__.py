"""The staff interface: those who assign, those who read and answer, those who invite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from vault.journal.vault import Vault


def create_app(vault: Vault | None = None) -> Flask:
    """Return the staff application.

    Args:
        vault: what it serves; None: the vault that the environment names, through its agents.
    """
    from vault.web.staff.application import build  # noqa: PLC0415 - only what is served is imported

    return build(vault)
