"""Enrolling with an invitation, on one page. The code is typed, and never stands in an address."""

from __future__ import annotations

import hmac

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, InputError
from vault.members import enrol, offer
from vault.web.inside import guard, who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form
from vault.web.staff.offers import Shown

pages = Blueprint("enrol", __name__)

# The service says in one word which field it refuses.
_FAULTS = {
    "code": "enrol.fault_code",
    "this is no invitation code": "enrol.fault_code",
    "login": "enrol.fault_login",
    "login taken": "enrol.fault_taken",
    "passphrase": "enrol.fault_passphrase",
    "totp": "factor.fault_digits",
}


@pages.get("/enrol")
@guard.public
def form() -> str:
    """Ask for the code, a login, a passphrase and the authenticator's digits."""
    return _page(Form(), Shown(offer.ENROL))


@pages.post("/enrol")
@guard.public
def sent() -> ResponseReturnValue:
    """Make the member's keys; show the fingerprint to read aloud, and the recovery codes."""
    typed, shown = read_form(request), Shown(offer.ENROL)
    passphrase = typed.text("passphrase")
    if shown.is_over:
        return _page(typed, shown, text("factor.fault_over")), 400
    if not hmac.compare_digest(passphrase.encode(), typed.text("again").encode()):
        return _page(typed, shown, text("enrol.mismatch")), 400
    try:
        typed.check()
        enrolled = enrol.enrol(
            who.vault(), typed.text("code"), typed.text("login"), passphrase, shown.pairing()
        )
    except InputError as error:
        return _page(typed, shown, _sentence(error)), 400
    except BusyError:
        return _page(typed, shown, text("error.busy")), 503
    shown.end()
    return render_template("staff/enrolled.html", line=enrolled.line, codes=enrolled.recovery_codes)


def _page(typed: Form, shown: Shown, fault: str | None = None) -> str:
    # A page shown again offers the same passphrase and picture: they may be on paper, in the app.
    return render_template(
        "staff/enrol.html",
        typed=typed,
        shown=shown,
        fault=fault,
        suggestion=typed.text("suggestion") or enrol.suggest_passphrase(),
    )


def _sentence(error: InputError) -> str:
    length = who.vault().settings.passphrase.min_length
    return text(_FAULTS.get(error.detail, "error.input"), length=length)
