"""The staff application, put together."""

from __future__ import annotations

from flask import Flask
from flask_login import user_logged_in

from vault import settings
from vault.cases.epochs import due
from vault.journal.vault import Vault, connect
from vault.members.actor import Actor
from vault.roster.roles import CASES, LOG, MACHINE, MEMBERS, TRIAGE
from vault.web.inside import application, entrance, guard, who
from vault.web.inside.pages import Section
from vault.web.shared import errors
from vault.web.staff import (
    cases,
    dating,
    drafts,
    enrol,
    factor,
    files,
    handling,
    home,
    identity,
    kept,
    labels,
    lists,
    notices,
    passkeys,
    passphrase,
    people,
    record,
    retention,
    roster,
    unlock,
    well,
)

SECTIONS = (
    Section("lists.new", "nav.new", TRIAGE),
    Section("lists.mine", "nav.cases", CASES),
    Section("handling.cases", "nav.given", TRIAGE),
    Section("well.well", "nav.well", MACHINE),
    Section("people.members", "nav.members", MEMBERS),
    Section("people.invite", "nav.invite", MEMBERS),
    Section("well.settings", "nav.settings", MACHINE),
    Section("well.backups", "nav.backups", MACHINE),
    Section("home.audit", "nav.audit", LOG),
    Section("roster.waiting", "nav.confirm"),
    Section("home.me", "nav.me"),
)

_PAGES = (
    cases,
    dating,
    drafts,
    enrol,
    factor,
    files,
    handling,
    home,
    identity,
    lists,
    notices,
    passkeys,
    passphrase,
    people,
    record,
    retention,
    roster,
    unlock,
    well,
)


def build(vault: Vault | None) -> Flask:
    """Return the application; see `vault.web.staff.create_app`."""
    served = vault or connect(settings.from_environment())
    app = application.make("staff", served, home="home.first", sections=SECTIONS, admits=_admits)
    app.config["SECTIONS"] = SECTIONS
    app.config["AUDIT_URL"] = served.settings.servers.audit_url
    labels.install(app)
    app.add_template_filter(labels.language_name, "language")
    app.jinja_env.globals["waiting_for_me"] = roster.waiting_for_me
    guard.install(app, sign_in="entrance.sign_in", ended=unlock.ended, stale=unlock.stale)
    errors.install(app, kept.error_page)
    entry = entrance.blueprint(home="home.first", admits=_admits, enrol="enrol.form")
    app.register_blueprint(entry, url_prefix="/staff")
    for rooms in _PAGES:
        app.register_blueprint(rooms.pages, url_prefix="/staff")
    user_logged_in.connect(_entered, app)
    return app


def _entered(_: Flask, user: who.SignedIn) -> None:
    """Begin the epochs that are due, now that somebody is here who holds the keys."""
    due.begin_due(who.vault(), user.actor)


def _admits(_: Actor) -> bool:
    """Everybody whom the roster knows; what they find depends on their roles."""
    return True
