"""Changing one's own passphrase; and what any page says about a chosen one.

What is typed here is secret throughout, so no field is ever filled in again; only the passphrase
that the page itself offered stays the same, because it may be on paper already.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.errors import (
    BusyError,
    EncodingError,
    SignInError,
    TooLongError,
    WeakPassphraseError,
)
from vault.members import changing, enrol
from vault.web.inside import passkey, who
from vault.web.inside.pages import text
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("passphrase", __name__)

CHOSEN, AGAIN, SUGGESTION = "chosen", "again", "suggestion"
Unfit = WeakPassphraseError | TooLongError | EncodingError


def suggestion(form: Form) -> str:
    """Return the passphrase that the page offers: the one it offered before, if it did."""
    return form.text(SUGGESTION) or enrol.suggest_passphrase()


def differs(form: Form) -> bool:
    """Say whether the chosen passphrase was typed otherwise the second time."""
    one, other = form.text(CHOSEN).encode(), form.text(AGAIN).encode()
    return not hmac.compare_digest(one, other)


def sentence(error: Unfit) -> str:
    """Return what is wrong with a chosen passphrase."""
    if isinstance(error, WeakPassphraseError):
        return text(f"weak.{error.reason}", length=who.vault().settings.passphrase.min_length)
    return words().sentence(error)


@pages.get("/me/passphrase")
def form() -> str:
    """Ask for the present passphrase, a code, and the new one twice."""
    return _page(Form())


@pages.post("/me/passphrase")
def sent() -> ResponseReturnValue:
    """Change it; every other session of the member ends, this one goes on."""
    typed = read_form(request)
    if differs(typed):
        return _page(typed, chosen=text("enrol.mismatch")), 400
    try:
        typed.check()
        member = changing.change_passphrase(
            who.vault(),
            who.actor(),
            typed.text("passphrase"),
            passkey.code_of(typed),
            typed.text(CHOSEN),
        )
    except (WeakPassphraseError, TooLongError, EncodingError) as error:
        return _page(typed, chosen=sentence(error)), 400
    except SignInError:
        return _page(typed, text("factor.fault_me")), 403
    except BusyError:
        return _page(typed, text("error.busy")), 503
    who.go_on(member)
    flash("passphrase.done")
    return redirect(url_for("home.me"), 303)


def _page(typed: Form, fault: str | None = None, chosen: str | None = None) -> str:
    return render_template(
        "staff/passphrase.html", fault=fault, chosen=chosen, suggestion=suggestion(typed)
    )
