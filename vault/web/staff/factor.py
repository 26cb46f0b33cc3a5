"""A member's own second factor and sessions: new recovery codes, a new app, ending the others."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, InputError, NotFoundError, SignInError
from vault.members import factors, offer, open_sessions, renewing, sessions
from vault.web.inside import passkey, who
from vault.web.inside.pages import text
from vault.web.shared.decoding import read_form
from vault.web.staff.offers import Shown

pages = Blueprint("factor", __name__)


@pages.get("/me/recovery-codes")
def codes() -> str:
    """Ask for passphrase and code before making new recovery codes."""
    return _codes_page()


@pages.post("/me/recovery-codes")
def codes_sent() -> ResponseReturnValue:
    """Make new recovery codes; they stand in this answer and nowhere else."""
    form = read_form(request)
    try:
        made = renewing.renew_codes(
            who.vault(), who.actor(), form.text("passphrase"), passkey.code_of(form)
        )
    except SignInError:
        return _codes_page(text("factor.fault_me")), 403
    except BusyError:
        return _codes_page(text("error.busy")), 503
    return render_template("staff/new_codes.html", codes=made)


@pages.get("/me/authenticator")
def authenticator() -> str:
    """Show a new secret, and ask for everything that proves who is there."""
    return _authenticator_page(Shown(offer.RENEW))


@pages.post("/me/authenticator")
def authenticator_sent() -> ResponseReturnValue:
    """Put the new authenticator in place of the old one."""
    form, shown = read_form(request), Shown(offer.RENEW)
    if shown.is_over:
        return _authenticator_page(shown, text("factor.fault_over")), 400
    try:
        renewing.renew_authenticator(
            who.vault(),
            who.actor(),
            form.text("passphrase"),
            passkey.code_of(form),
            shown.pairing(),
        )
    except SignInError:
        return _authenticator_page(shown, text("factor.fault_me")), 403
    except InputError:
        fault = text("factor.fault_digits")
        return _authenticator_page(shown, fault, fault_in_digits=True), 400
    except BusyError:
        return _authenticator_page(shown, text("error.busy")), 503
    shown.end()
    flash("authenticator.done")
    return redirect(url_for("home.me"), 303)


@pages.post("/me/end-sessions")
def end_sessions() -> ResponseReturnValue:
    """End the member's other sessions; this one goes on."""
    who.go_on(sessions.end_others(who.vault(), who.actor()))
    flash("me.sessions_ended")
    return redirect(url_for("home.me"), 303)


@pages.post("/me/end-session")
def end_session() -> ResponseReturnValue:
    """End one of the member's sessions, in whichever interface it is."""
    try:
        open_sessions.end(who.vault(), who.actor(), read_form(request).text("session"))
    except NotFoundError:
        flash("me.session_gone")
    else:
        flash("me.session_ended")
    return redirect(url_for("home.me"), 303)


def _codes_page(fault: str | None = None) -> str:
    return render_template("staff/codes.html", fault=fault)


def _authenticator_page(
    shown: Shown, fault: str | None = None, *, fault_in_digits: bool = False
) -> str:
    has_one = factors.status(who.vault(), who.actor().id).authenticator
    return render_template(
        "staff/authenticator.html",
        shown=shown,
        fault=fault,
        fault_in_digits=fault_in_digits,
        asks_code=has_one,
    )
