"""Enrolling with an invitation, on one page. The code is typed, and never stands in an address."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vault.errors import (
    BusyError,
    EncodingError,
    InputError,
    TooLongError,
    WeakPassphraseError,
)
from vault.members import enrol, offer
from vault.web.inside import guard, who
from vault.web.inside.pages import text
from vault.web.shared.decoding import Form, read_form
from vault.web.staff import passphrase
from vault.web.staff.offers import Shown

pages = Blueprint("enrol", __name__)

# The service says in one word what it refuses: the field, and the key of the sentence there.
_FAULTS = {
    "code": ("code", "enrol.fault_code"),
    "this is no invitation code": ("code", "enrol.fault_code"),
    "login": ("login", "enrol.fault_login"),
    "login taken": ("login", "enrol.fault_taken"),
    "login kept": ("login", "enrol.fault_kept"),
    "totp": ("digits", "enrol.fault_digits"),
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
    if shown.is_over:
        return _page(typed, shown, text("factor.fault_over")), 400
    if passphrase.differs(typed):
        return _page(typed, shown, text("enrol.mismatch"), passphrase.CHOSEN), 400
    try:
        typed.check()
        enrolled = enrol.enrol(
            who.vault(),
            typed.text("code"),
            typed.text("login"),
            typed.text(passphrase.CHOSEN),
            shown.pairing(),
        )
    except (WeakPassphraseError, TooLongError, EncodingError) as error:
        return _page(typed, shown, passphrase.sentence(error), passphrase.CHOSEN), 400
    except InputError as error:
        return _page(typed, shown, *_sentence(error)), 400
    except BusyError:
        return _page(typed, shown, text("error.busy")), 503
    shown.end()
    return render_template("staff/enrolled.html", line=enrolled.line, codes=enrolled.recovery_codes)


def _page(typed: Form, shown: Shown, fault: str | None = None, at: str | None = None) -> str:
    # A page shown again offers the same passphrase and picture: they may be on paper, in the app.
    return render_template(
        "staff/enrol.html",
        typed=typed,
        shown=shown,
        fault=fault,
        at=at,
        suggestion=passphrase.suggestion(typed),
    )


def _sentence(error: InputError) -> tuple[str, str | None]:
    at, key = _FAULTS.get(error.detail, (None, "error.input"))
    return text(key), at
