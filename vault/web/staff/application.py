"""The staff application, put together."""

from __future__ import annotations

from flask import Flask

from vault import settings
from vault.journal.vault import Vault, connect
from vault.members.actor import Actor
from vault.roster.roles import ADMINISTRATOR, AUDITOR, INTAKE_OFFICER, LAWYER
from vault.web.inside import application, entrance, guard
from vault.web.inside.pages import Section
from vault.web.shared import errors
from vault.web.staff import (
    cases,
    enrol,
    factor,
    home,
    kept,
    labels,
    lists,
    passphrase,
    people,
    unlock,
    well,
)

SECTIONS = (
    Section("lists.new", "nav.new", frozenset({INTAKE_OFFICER})),
    Section("lists.mine", "nav.cases", frozenset({LAWYER})),
    Section("well.well", "nav.well", frozenset({ADMINISTRATOR})),
    Section("people.members", "nav.members", frozenset({ADMINISTRATOR})),
    Section("people.invite", "nav.invite", frozenset({ADMINISTRATOR})),
    Section("well.settings", "nav.settings", frozenset({ADMINISTRATOR})),
    Section("well.backups", "nav.backups", frozenset({ADMINISTRATOR})),
    Section("home.audit", "nav.audit", frozenset({AUDITOR})),
    Section("home.me", "nav.me"),
)


def build(vault: Vault | None) -> Flask:
    """Return the application; see `vault.web.staff.create_app`."""
    served = vault or connect(settings.from_environment())
    app = application.make("staff", served, home="home.first", sections=SECTIONS, admits=_admits)
    app.config["AUDIT_URL"] = served.settings.servers.audit_url
    labels.install(app)
    guard.install(app, sign_in="entrance.sign_in", ended=unlock.ended, stale=unlock.stale)
    errors.install(app, kept.error_page)
    entry = entrance.blueprint(home="home.first", admits=_admits, enrol="enrol.form")
    for pages in (entry, enrol.pages, unlock.pages, home.pages, lists.pages, cases.pages):
        app.register_blueprint(pages, url_prefix="/staff")
    for pages in (well.pages, people.pages, factor.pages, passphrase.pages):
        app.register_blueprint(pages, url_prefix="/staff")
    return app


def _admits(_: Actor) -> bool:
    """Everybody whom the roster knows; what they find depends on their roles."""
    return True
