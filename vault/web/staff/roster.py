"""Changing the list of members: an administrator proposes, a second member confirms.

What goes wrong here is always said on the page that one came from; nothing else was typed.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.custody import rosters
from vault.custody.rosters import changing, proposing
from vault.errors import NotFoundError, RefusedError
from vault.members import people
from vault.roster.model import GENDERS
from vault.roster.roles import MEMBERS
from vault.web.inside import who
from vault.web.inside.reading import log_list
from vault.web.shared.decoding import Form, read_form
from vault.web.staff.access import for_those_who

pages = Blueprint("roster", __name__)

# The service says in one sentence what it refuses: the key of the reader's.
_REFUSED = {
    proposing.NO_SECOND: "confirm.no_second",
    changing.NOBODY_LEFT: "confirm.nobody_left",
    proposing.CONCERNED: "confirm.concerned",
    proposing.PROPOSED_IT: "confirm.proposed_it",
    changing.NOT_BEGUN: "confirm.not_begun",
    proposing.NOT_AGREED: "confirm.not_agreed",
    proposing.NO_LONGER: "confirm.no_longer",
    changing.NOT_FOUNDED: "confirm.not_founded",
    changing.SAME_ROLES: "confirm.same_roles",
}


@pages.get("/confirm")
def waiting() -> str:
    """Show what waits for a second signature, to everybody; each may compare and confirm."""
    return _page()


@pages.post("/confirm/<string(length=32):proposal_id>")
def confirm(proposal_id: str) -> ResponseReturnValue:
    """Confirm, once the member says that they compared the fingerprint."""
    form = _form()
    if form.text("compared") != "yes":
        return _page(proposal_id), 400
    return _done(
        "confirm.done",
        lambda: rosters.confirm_proposal(who.vault(), who.actor(), proposal_id),
        "roster.waiting",
    )


@pages.post("/confirm/<string(length=32):proposal_id>/decline")
def decline(proposal_id: str) -> ResponseReturnValue:
    """Take a proposal away: declined, or withdrawn by who made it."""
    _form()
    return _done(
        "confirm.declined",
        lambda: rosters.decline(who.vault(), who.actor(), proposal_id),
        "roster.waiting",
    )


@pages.post("/confirm/<string(length=32):proposal_id>/again")
@for_those_who(MEMBERS)
def again(proposal_id: str) -> ResponseReturnValue:
    """Propose the same change on the present list."""
    _form()
    return _done(
        "confirm.proposed",
        lambda: rosters.propose_again(who.vault(), who.actor(), proposal_id),
        "roster.waiting",
    )


@pages.post("/announced/<string(length=32):member_id>/stop")
def stop(member_id: str) -> ResponseReturnValue:
    """Stop somebody who is announced, before they begin."""
    form = _form()
    if form.text("sure") != "yes":
        flash("announced.not_sure")
        return redirect(url_for("roster.waiting"), 303)
    return _done(
        "announced.stopped",
        lambda: rosters.stop(who.vault(), member_id, who.actor()),
        "roster.waiting",
    )


@pages.post("/members/<string(length=32):member_id>/propose")
@for_those_who(MEMBERS)
def propose(member_id: str) -> ResponseReturnValue:
    """Sign somebody who enrolled as the first of two."""
    form = _form()
    gender = form.text("gender")
    return _done(
        "confirm.proposed",
        lambda: rosters.propose_member(
            who.vault(),
            who.actor(),
            member_id,
            gender if gender in GENDERS else None,
            form.text("agreed"),
        ),
    )


@pages.post("/members/<string(length=32):member_id>/roles")
@for_those_who(MEMBERS)
def roles(member_id: str) -> ResponseReturnValue:
    """Change the roles of a member: taking away at once, giving as the first of two."""
    chosen = _form().getlist("roles")
    said = []

    def change() -> None:
        said.append(rosters.change_or_propose(who.vault(), who.actor(), member_id, chosen))

    return _done(lambda: "confirm.proposed" if said[0] else "members.roles_done", change)


@pages.post("/members/<string(length=32):member_id>/end")
@for_those_who(MEMBERS)
def end(member_id: str) -> ResponseReturnValue:
    """End a member at once."""
    if _form().text("sure") != "yes":
        flash("members.not_sure")
        return redirect(url_for("people.members"), 303)
    return _done("members.end_done", lambda: rosters.end_id(who.vault(), member_id, who.actor()))


def waiting_for_me() -> int:
    """Return how many proposals the member who asks can confirm."""
    vault, actor = who.vault(), who.actor()
    roster = vault.roster()
    return sum(one.keeps_out(actor, roster) is None for one in rosters.list_proposals(vault))


def _page(unchecked: str | None = None) -> str:
    log_list("proposals")
    vault, actor = who.vault(), who.actor()
    roster, called = vault.roster(), people.names(vault)
    found = [(one, one.keeps_out(actor, roster)) for one in rosters.list_proposals(vault)]
    shown = [
        (
            one,
            called.get(one.by, ""),
            called.get(one.member.replaces or ""),
            _REFUSED.get(why or ""),
        )
        for one, why in found
    ]
    return render_template("staff/confirm.html", proposals=shown, unchecked=unchecked, actor=actor)


def _form() -> Form:
    form = read_form(request)
    form.check()
    return form


def _done(
    said: str | Callable[[], str], act: Callable[[], object], back: str = "people.members"
) -> ResponseReturnValue:
    """Do something, say it or why not, and go back."""
    try:
        act()
        flash(said if isinstance(said, str) else said())
    except NotFoundError:
        flash("confirm.gone")
    except RefusedError as error:
        flash(_REFUSED.get(error.detail, "error.refused"))
    return redirect(url_for(back), 303)
