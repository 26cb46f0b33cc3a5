"""The daily notice by e-mail: what it says, what it tells others, and a member's own choice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import InputError
from vault.members import notices
from vault.web.inside import who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("notices", __name__)


@pages.get("/me/notices")
def form() -> str:
    """Say what a notice is, and ask for an address."""
    return _page()


@pages.post("/me/notices")
def sent() -> ResponseReturnValue:
    """Let the member get notices, at the address they typed."""
    typed = read_form(request)
    try:
        typed.check()
        notices.choose(who.vault(), who.actor(), typed.text("address"))
    except InputError:
        return _page(typed, text("notices.fault")), 400
    flash("notices.chosen")
    return redirect(url_for("notices.form"), 303)


@pages.post("/me/notices/stop")
def stopped() -> ResponseReturnValue:
    """Let the member get none, and forget their address."""
    read_form(request).check()
    notices.stop(who.vault(), who.actor())
    flash("notices.stopped")
    return redirect(url_for("notices.form"), 303)


def _page(typed: Form | None = None, fault: str | None = None) -> str:
    kept = notices.address_of(who.vault(), who.actor())
    return render_template(
        "staff/notices.html",
        settings=who.vault().settings.notices,
        kept=kept,
        typed=kept or "" if typed is None else typed.text("address"),
        most=notices.MAX_ADDRESS,
        fault=fault,
    )
