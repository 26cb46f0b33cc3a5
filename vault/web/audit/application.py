"""The audit application, put together."""

from __future__ import annotations

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from vault import settings
from vault.errors import NotFoundError, WitnessVaultError
from vault.journal.vault import Vault, connect
from vault.members.actor import Actor
from vault.roster.roles import LOG
from vault.web.audit import checkpoints, download, entries, flags, overview, reckoned
from vault.web.inside import application, entrance, guard
from vault.web.inside import pages as common
from vault.web.inside.pages import Section
from vault.web.shared import errors

SECTIONS = (
    Section("overview.overview", "nav.overview"),
    Section("flags.all_flags", "nav.flags"),
    Section("entries.all_entries", "nav.entries"),
    Section("checkpoints.all_checkpoints", "nav.checkpoints"),
    Section("download.steps", "nav.download"),
)

_NOT_FOUND = 404


def build(vault: Vault | None) -> Flask:
    """Return the application; see `vault.web.audit.create_app`."""
    served = vault or connect(settings.from_environment())
    app = application.make(
        "audit", served, home="overview.overview", sections=SECTIONS, admits=_admits
    )
    reckoned.install(app, served)
    guard.install(app, sign_in="entrance.sign_in", ended=_ended, stale=_stale)
    errors.install(app, _error_page)
    entry = entrance.blueprint(home="overview.overview", admits=_admits)
    for pages in (
        entry,
        overview.pages,
        flags.pages,
        entries.pages,
        checkpoints.pages,
        download.pages,
    ):
        app.register_blueprint(pages, url_prefix="/audit")
    return app


def _admits(member: Actor) -> bool:
    return member.may(LOG)


def _ended() -> ResponseReturnValue:
    return redirect(url_for("entrance.sign_in"), 303)


def _stale() -> ResponseReturnValue:
    return common.error_page("signin.stale", None, back=request.path), 403


def _error_page(status: int, key: str, error: WitnessVaultError | None) -> str:
    if status == _NOT_FOUND:
        error = error or NotFoundError()
    return common.error_page(key, error)
