"""The first page of each role, and what a member should know about themselves."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from vault.members import factors, people
from vault.roster.roles import ADMINISTRATOR, AUDITOR, INTAKE_OFFICER, LAWYER
from vault.web.inside import who

pages = Blueprint("home", __name__)

_FIRST = (
    (INTAKE_OFFICER, "lists.new"),
    (LAWYER, "lists.mine"),
    (ADMINISTRATOR, "well.well"),
    (AUDITOR, "home.audit"),
)


@pages.get("/")
def first() -> ResponseReturnValue:
    """Go to the section that belongs to the member's first role.

    Who has no authenticator is led to setting one up: their next sign-in would need it.
    """
    if not factors.status(who.vault(), who.actor().id).authenticator:
        return redirect(url_for("factor.authenticator"))
    roles = who.actor().roles
    endpoint = next((page for role, page in _FIRST if role in roles), "home.me")
    return redirect(url_for(endpoint))


@pages.get("/audit")
def audit() -> str:
    """Say where the access log is read: at an address, and with a session, of its own."""
    return render_template("staff/audit.html", url=current_app.config["AUDIT_URL"])


@pages.get("/me")
def me() -> str:
    """Show who is signed in, with which roles, keys and second factor."""
    actor, settings = who.actor(), who.vault().settings.staff
    line = next(line for line in people.list_members(who.vault()) if line.id == actor.id)
    return render_template(
        "staff/me.html",
        actor=actor,
        fingerprint=line.fingerprint,
        factor=factors.status(who.vault(), actor.id),
        idle=settings.session_idle // 60,
        absolute=settings.session_absolute // 3600,
    )
