"""A member's own passkeys: which there are, making one, removing one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, InputError, NotFoundError, SignInError
from vault.members import offer, passkeys, renewing
from vault.web.inside import passkey, who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("passkeys", __name__)

# The service says in one word what it refuses: the key of the sentence.
_FAULTS = {
    "name": "passkeys.fault_name",
    "passkey": "passkeys.fault_made",
    "too many": "passkeys.fault_many",
    "twice": "passkeys.fault_twice",
}


@pages.get("/me/passkeys")
def form() -> str:
    """List the member's passkeys, and ask for what a new one takes."""
    return _page(Form())


@pages.post("/me/passkeys")
def sent() -> ResponseReturnValue:
    """Keep a new passkey."""
    typed = read_form(request)
    try:
        typed.check()
        renewing.add_passkey(
            who.vault(),
            who.actor(),
            typed.text("passphrase"),
            typed.text("code"),
            typed.text("name"),
            passkey.answer_of(typed, offer.ADD),
        )
    except SignInError:
        return _page(typed, text("factor.fault_me")), 403
    except InputError as error:
        return _page(typed, text(_FAULTS.get(error.detail, "error.input"), most=passkeys.MAX)), 400
    except BusyError:
        return _page(typed, text("error.busy")), 503
    flash("passkeys.made")
    return redirect(url_for("passkeys.form"), 303)


@pages.post("/me/passkeys/remove")
def removed() -> ResponseReturnValue:
    """Remove one of the member's passkeys."""
    try:
        renewing.remove_passkey(who.vault(), who.actor(), read_form(request).text("removed"))
    except NotFoundError:
        flash("passkeys.gone")
    else:
        flash("passkeys.removed")
    return redirect(url_for("passkeys.form"), 303)


def _page(typed: Form, fault: str | None = None) -> str:
    held = passkeys.of_member(who.vault(), who.actor().id)
    return render_template(
        "staff/passkeys.html",
        held=held,
        has_room=len(held) < passkeys.MAX,
        most=passkeys.MAX,
        max_name=passkeys.MAX_NAME,
        name=typed.text("name"),
        fault=fault,
    )
