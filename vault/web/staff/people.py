"""Members, for administrators: who there is, who waits, who is invited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault import clock
from vault.custody import rosters
from vault.errors import InputError, RefusedError
from vault.members import people, sessions
from vault.roster.roles import MEMBERS
from vault.web.inside import who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import status_of
from vault.web.staff.access import for_those_who

pages = Blueprint("people", __name__)

_STATES = ("waiting", "active", "invited", "ended")


@pages.get("/members")
@for_those_who(MEMBERS)
def members() -> str:
    """Show everybody by state; those who wait first, with what confirms them."""
    vault = who.vault()
    lines = people.look(vault, who.actor().id)
    by_state = {state: [line for line in lines if line.state == state] for state in _STATES}
    return render_template(
        "staff/members.html",
        proposed={one.member.id: one for one in rosters.list_proposals(vault)},
        two_sign=rosters.two_sign(vault),
        roles_declared=tuple(vault.roles),
        **by_state,
    )


@pages.post("/members/<string(length=32):member_id>/end-sessions")
@for_those_who(MEMBERS)
def end_sessions(member_id: str) -> ResponseReturnValue:
    """End every session of a member, in both interfaces."""
    sessions.end_all(who.vault(), who.actor(), member_id)
    flash("members.sessions_ended")
    return redirect(url_for("people.members"), 303)


@pages.get("/invite")
@for_those_who(MEMBERS)
def invite() -> str:
    """Ask whom to invite, and as what."""
    return _form("", [])


@pages.post("/invite")
@for_those_who(MEMBERS)
def invite_sent() -> ResponseReturnValue:
    """Make an invitation; its code stands in this answer and nowhere else."""
    form: Form = read_form(request)
    form.check()
    name, roles = form.text("name"), form.getlist("roles")
    try:
        code = people.invite(who.vault(), who.actor(), name, roles)
    except InputError as error:
        return _form(name, roles, name_fault=text("invite.fault_name")), status_of(error)
    except RefusedError as error:
        return _form(name, roles, roles_fault=_roles_fault(roles)), status_of(error)
    return _invited(code, name)


@pages.post("/members/<string(length=32):member_id>/keys")
@for_those_who(MEMBERS)
def new_keys(member_id: str) -> ResponseReturnValue:
    """Invite a member to make new keys in place of theirs; the code stands in this answer only."""
    read_form(request).check()
    code = people.invite_again(who.vault(), who.actor(), member_id)
    return _invited(code, people.names(who.vault())[member_id], again=True)


def _invited(code: str, name: str, *, again: bool = False) -> str:
    return render_template(
        "staff/invited.html",
        code=code,
        name=name,
        again=again,
        days=max(1, who.vault().settings.staff.invitation_valid // clock.DAY),
        address=url_for("enrol.form", _external=True),
    )


@pages.post("/invitations/<string(length=32):invitation_id>/withdraw")
@for_those_who(MEMBERS)
def withdraw(invitation_id: str) -> ResponseReturnValue:
    """Withdraw an open invitation."""
    people.withdraw(who.vault(), who.actor(), invitation_id)
    flash("members.withdrawn")
    return redirect(url_for("people.members"), 303)


def _form(
    name: str, chosen: list[str], name_fault: str | None = None, roles_fault: str | None = None
) -> str:
    return render_template(
        "staff/invite.html",
        roles=who.vault().roles.values(),
        name=name,
        chosen=chosen,
        name_fault=name_fault,
        roles_fault=roles_fault,
    )


def _roles_fault(chosen: list[str]) -> str:
    declared = who.vault().roles
    known = sorted(declared.keys() & set(chosen))
    clash = next(
        ((one, other) for one in known for other in known if other in declared[one].excludes), None
    )
    if clash is None:
        return text("invite.fault_none")
    one, other = (text(f"role.{role}") for role in clash)
    return text("invite.fault_together", one=one, other=other)
