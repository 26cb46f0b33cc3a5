"""The cookie by which a browser is known: it lasts, and says nothing to anybody but the vault."""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request

from vault.journal.vault import Vault
from vault.members import browsers
from vault.members.actor import Actor


def token() -> str:
    """Return what the browser brought, or nothing."""
    return request.cookies.get(_name(), "")


def remember(vault: Vault, member: Actor) -> None:
    """Let this browser be known from now on as one in which `member` has signed in."""
    staff, value = vault.settings.staff, browsers.remember(vault, member)
    if not staff.browser_known:
        return

    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(
            _name(),
            value,
            max_age=staff.browser_known,
            path=f"/{current_app.config['INTERFACE']}",
            secure=staff.cookie_secure,
            httponly=True,
            samesite="Strict",
        )
        return response


def _name() -> str:
    return f"wv_{current_app.config['INTERFACE']}_known"
