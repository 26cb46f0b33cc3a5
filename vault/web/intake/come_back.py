"""Coming back with the twelve words: open the box, see it, allow reading, leave it.

What one may add has its own file: `more.py`.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.crypto.receipt import Receipt
from vault.errors import SessionEndedError, WitnessVaultError
from vault.web.intake import more, visit
from vault.web.intake.leave import leaving
from vault.web.intake.services import services
from vault.web.intake.showing import problem
from vault.web.shared.application import words as wording
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import note

pages = Blueprint("back", __name__, template_folder="templates", url_prefix="/return")


@pages.get("")
def words() -> str:
    """Ask for the words."""
    return render_template("return.html", typed=Form(), problem="")


@pages.post("")
def open() -> BaseResponse | tuple[str, int]:  # noqa: A001 - the page's name in addresses of templates
    """Open the box with typed words, or right after sending with the page's send_id."""
    typed = read_form(request)
    try:
        visiting = visit.begin(_receipt(typed))
        return visit.kept(redirect(_onward(typed), 303, Response), visiting)
    except WitnessVaultError as error:
        page = render_template("return.html", typed=typed, problem=problem(error))
        return page, note(error)


def _onward(typed: Form) -> str:
    """Return where the button that was pressed leads; without one, to the box."""
    match typed.text("to"):
        case "more":
            return more.first(typed.text("form"))
        case "files":
            return url_for("files.choose")
    return url_for("back.box")


@pages.get("/box")
def box() -> BaseResponse:
    """Show the box."""
    visiting = visit.current()
    shown = services().back.open(visiting.receipt)
    page = render_template(
        "box.html",
        box=shown,
        token=visiting.token,
        send_id=services().back.new_send_id(),
    )
    return visit.kept(page, visiting)


@pages.post("/allow")
def allow() -> BaseResponse:
    """Allow reading, and show the box again; allowing twice changes nothing."""
    visiting = visit.of(read_form(request))
    services().back.allow(visiting.receipt)
    return visit.kept(redirect(url_for("back.box"), 303, Response), visiting)


@pages.post("/pause")
def pause() -> BaseResponse:
    """Pause everything, and show the box again; pausing twice changes nothing."""
    typed = read_form(request)
    visiting = visit.of(typed)
    services().back.pause(visiting.receipt, wording().language, typed.text("send_id"))
    return visit.kept(redirect(url_for("back.box"), 303, Response), visiting)


@pages.get("/leave")
def leave() -> Response:
    """End the visit and leave at once, even if the agent does not answer."""
    visit.end()
    return leaving()


def _receipt(typed: Form) -> Receipt:
    typed.check()
    if "send_id" in typed and "receipt" not in typed:
        receipt = services().tell.receipt_of(typed.text("send_id"))
        if receipt is None:
            raise SessionEndedError
        return receipt
    return Receipt.from_text(typed.text("receipt"))
