"""When a session ended while somebody was writing: sign in, look at the text again, send it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, RefusedError, SignInError
from vault.members.actor import Actor
from vault.web.inside import entrance, guard, who
from vault.web.inside import pages as common
from vault.web.shared.application import words
from vault.web.shared.decoding import read_form
from vault.web.shared.errors import status_of
from vault.web.staff import kept
from vault.web.staff.kept import Kept

pages = Blueprint("unlock", __name__)


def ended() -> ResponseReturnValue:
    """Answer what was sent without a live session: 401, and the page that holds it all."""
    held = kept.of_request()
    if held is None:
        return redirect(url_for("entrance.sign_in"), 303)
    return _page(held), 401


def stale() -> ResponseReturnValue:
    """Answer what was sent with another session's CSRF token, or none: 403, nothing done."""
    held = kept.of_request()
    if held is None:
        return common.error_page("signin.stale", None, back=request.path), 403
    if request.endpoint == kept.UNLOCK:
        return _page(held, common.text("signin.stale")), 403
    return kept.page(held, common.text("kept.stale")), 403


@pages.post("/unlock")
@guard.public
def sent() -> ResponseReturnValue:
    """Sign in again and show what was typed, ready to be sent."""
    held, form = kept.of_request(), read_form(request)
    if held is None:
        return redirect(url_for("entrance.sign_in"), 303)
    try:
        member = entrance.enter(form, _everybody)
    except (SignInError, RefusedError, BusyError) as error:
        said = words().sentence(error)
        return _page(held, said, form.text("login")), status_of(error)
    assert member is not None
    return kept.page(held, common.text("kept.ready", name=who.actor().name))


def _everybody(_: Actor) -> bool:
    return True


def _page(held: Kept, fault: str | None = None, login: str = "") -> str:
    return render_template("staff/unlock.html", kept=held, fault=fault, login=login)
