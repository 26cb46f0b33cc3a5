"""Asking for deletion, and stopping it; what will happen is said before it is asked.

What a form stands for may have changed meanwhile in another window: then nothing is done, and the
page shows what stands now.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.crypto.receipt import Receipt
from vault.web.intake import visit
from vault.web.intake.services import services
from vault.web.shared.decoding import read_form

pages = Blueprint("deletion", __name__, template_folder="templates", url_prefix="/return/delete")


@pages.get("")
def ask() -> BaseResponse:
    """Say what will happen, and ask."""
    visiting, settings = visit.current(), services().settings
    shown = render_template(
        "delete.html",
        box=services().back.open(visiting.receipt),
        token=visiting.token,
        delay=settings.erasure.delay_days,
        copies=settings.backup.short_lived_days,
        old="old" in request.args,
    )
    return visit.kept(shown, visiting)


@pages.post("")
def delete() -> BaseResponse:
    """Ask for it, and show the box; once is enough."""
    return _do(services().back.delete)


@pages.post("/stop")
def stop() -> BaseResponse:
    """Stop it, and show the box; once is enough."""
    return _do(services().back.keep)


def _do(act: Callable[[Receipt, str], bool]) -> BaseResponse:
    typed = read_form(request)
    visiting = visit.of(typed)
    done = act(visiting.receipt, typed.text("stand"))
    address = url_for("back.box") if done else url_for("deletion.ask", old="yes")
    return visit.kept(redirect(address, 303, Response), visiting)
