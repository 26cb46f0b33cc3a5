"""Enrolling with an invitation. The code is typed, and never stands in an address."""

from __future__ import annotations

import hmac

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vault.errors import BusyError, InputError
from vault.members import enrol
from vault.web.inside import guard, who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("enrol", __name__)

# The service says in one word which field it refuses.
_FAULTS = {
    "code": "enrol.fault_code",
    "this is no invitation code": "enrol.fault_code",
    "login": "enrol.fault_login",
    "login taken": "enrol.fault_taken",
    "passphrase": "enrol.fault_passphrase",
}


@pages.get("/enrol")
@guard.public
def form() -> str:
    """Ask for the code, a login and a passphrase; offer a generated one."""
    return _page(Form())


@pages.post("/enrol")
@guard.public
def sent() -> ResponseReturnValue:
    """Make the member's keys and show the fingerprint to read aloud."""
    typed = read_form(request)
    passphrase = typed.text("passphrase")
    if not hmac.compare_digest(passphrase.encode(), typed.text("again").encode()):
        return _page(typed, text("enrol.mismatch")), 400
    try:
        typed.check()
        line = enrol.enrol(who.vault(), typed.text("code"), typed.text("login"), passphrase)
    except InputError as error:
        return _page(typed, _sentence(error)), 400
    except BusyError:
        return _page(typed, text("error.busy")), 503
    return render_template("staff/enrolled.html", line=line)


def _page(typed: Form, fault: str | None = None) -> str:
    # A page shown again offers the same passphrase: it may already stand on paper.
    return render_template(
        "staff/enrol.html",
        typed=typed,
        fault=fault,
        suggestion=typed.text("suggestion") or enrol.suggest_passphrase(),
    )


def _sentence(error: InputError) -> str:
    length = who.vault().settings.passphrase.min_length
    return text(_FAULTS.get(error.detail, "error.input"), length=length)
