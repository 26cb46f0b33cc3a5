"""Signing in and out, for both interfaces; each says whom it lets in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, RefusedError, SignInError
from vault.members import signin
from vault.members.actor import Actor
from vault.web.inside import guard, known, passkey, who
from vault.web.inside.pages import text
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import status_of

Admits = Callable[[Actor], bool]


def blueprint(*, home: str, admits: Admits, enrol: str | None = None) -> Blueprint:
    """Return the pages `/sign-in` and `/sign-out`, to be registered under the interface's prefix.

    Args:
        home: endpoint of the first page after signing in.
        admits: says who may use this interface.
        enrol: endpoint for those who come with an invitation, if there is one.
    """
    pages = Blueprint("entrance", __name__)

    @pages.get("/sign-in")
    @guard.public
    def sign_in() -> str:
        return _page(Form(), None, enrol)

    @pages.post("/sign-in")
    @guard.public
    def sign_in_sent() -> ResponseReturnValue:
        form = read_form(request)
        try:
            member = enter(form, admits)
        except (SignInError, BusyError) as error:
            return _page(form, words().sentence(error), enrol), status_of(error)
        except RefusedError:
            return _page(form, text("signin.waiting"), enrol), 403
        if member is None:
            return _page(form, text("signin.auditors_only"), enrol), 403
        return redirect(guard.own_page(form.text("next")) or url_for(home), 303)

    @pages.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        signin.sign_out(who.vault(), who.actor())
        who.end()
        return redirect(url_for("entrance.sign_in"), 303)

    return pages


def enter(form: Form, admits: Admits) -> Actor | None:
    """Sign in with what was typed and begin a session; None if this is the wrong interface.

    Raises:
        SignInError: login, passphrase or code is wrong.
        RefusedError: all are right, but the roster does not know this member yet.
        BusyError: too many sign in at once.
    """
    login, passphrase, code = form.text("login"), form.text("passphrase"), passkey.code_of(form)
    member = signin.sign_in(who.vault(), login, passphrase, code, known.token())
    if not admits(member):
        signin.sign_out(who.vault(), member)
        return None
    who.begin(member)
    return member


def _page(form: Form, fault: str | None, enrol: str | None) -> str:
    target = form.text("next") or request.args.get("next", "")
    return render_template(
        "inside/sign_in.html",
        fault=fault,
        login=form.text("login"),
        next=guard.own_page(target) or "",
        enrol=enrol,
    )
