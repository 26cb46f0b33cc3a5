"""Members, for administrators: who there is, who waits, who is invited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.members import people, sessions
from vault.web.inside import who
from vault.web.shared.decoding import Form, read_form
from vault.web.staff.access import for_role

pages = Blueprint("people", __name__)

_DAY = 86_400


@pages.get("/members")
@for_role("administrator")
def members() -> str:
    """Show everybody; those who wait with the command that confirms them."""
    lines = people.list_members(who.vault())
    waiting = [line for line in lines if line.state == "waiting"]
    return render_template("staff/members.html", lines=lines, waiting=waiting)


@pages.post("/members/<string(length=32):member_id>/end-sessions")
@for_role("administrator")
def end_sessions(member_id: str) -> ResponseReturnValue:
    """End every session of a member, in both interfaces."""
    sessions.end_all(who.vault(), who.actor(), member_id)
    flash("members.sessions_ended")
    return redirect(url_for("people.members"), 303)


@pages.get("/invite")
@for_role("administrator")
def invite() -> str:
    """Ask whom to invite, and as what."""
    return render_template("staff/invite.html", roles=list(who.vault().roles))


@pages.post("/invite")
@for_role("administrator")
def invite_sent() -> ResponseReturnValue:
    """Make an invitation; its code stands in this answer and nowhere else."""
    form: Form = read_form(request)
    form.check()
    name = form.text("name")
    code = people.invite(who.vault(), who.actor(), name, form.getlist("roles"))
    return render_template(
        "staff/invited.html",
        code=code,
        name=name,
        days=max(1, who.vault().settings.staff.invitation_valid // _DAY),
        address=url_for("enrol.form", _external=True),
    )
