"""The first page of each role, and what a member should know about themselves."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from vault import clock
from vault.members import factors, open_sessions, people
from vault.roster.model import RosterMember
from vault.web.inside import who
from vault.web.inside.pages import Section
from vault.web.shared import sessions

pages = Blueprint("home", __name__)


@dataclass(frozen=True)
class Duty:
    """One role of a member, and its time; `since` and `until` only where they matter."""

    role: str
    since: str | None
    until: str | None


@pages.get("/")
def first() -> ResponseReturnValue:
    """Go to the first section of what the member does; of who does nothing here, to what they are.

    Who has no authenticator is led to setting one up: their next sign-in would need it.
    """
    if not factors.status(who.vault(), who.actor().id).authenticator:
        return redirect(url_for("factor.authenticator"))
    actor = who.actor()
    own: tuple[Section, ...] = current_app.config["SECTIONS"]
    found = (one.endpoint for one in own if one.does is not None and one.is_for(actor))
    return redirect(url_for(next(found, "home.duties")))


@pages.get("/duties")
def duties() -> str:
    """Say what each role of the member is for, what it sees, and when it begins and ends."""
    member = who.vault().roster().member(who.actor().id)
    return render_template("staff/duties.html", duties=_duties(member) if member else ())


def _duties(member: RosterMember) -> tuple[Duty, ...]:
    now = clock.moment()
    return tuple(
        Duty(role, begin if begin > now else None, last.valid_to)
        for role in sorted(member.roles)
        for last in member.times(role)[-1:]
        for begin in (max(last.valid_from, member.valid_from),)
    )


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
        sessions=open_sessions.of(who.vault(), actor, sessions.current().session_id),
        moment=clock.moment,
        known_days=settings.browser_known // clock.DAY,
        idle=settings.session_idle // 60,
        absolute=settings.session_absolute // 3600,
    )
