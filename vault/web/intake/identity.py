"""Releasing who one is to the lawyer in charge, and taking it back; both are asked first.

The page that asks says what will happen. What its form stands for may have changed meanwhile in
another window: then nothing is done, and the page shows what stands now.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.crypto.receipt import Receipt
from vault.web.intake import visit
from vault.web.intake.services import services
from vault.web.shared.decoding import read_form

pages = Blueprint("identity", __name__, template_folder="templates", url_prefix="/return/identity")


@pages.get("")
def ask() -> BaseResponse:
    """Say what will happen, and ask."""
    visiting = visit.current()
    shown = render_template(
        "identity.html",
        box=services().back.open(visiting.receipt),
        token=visiting.token,
        minutes=math.ceil(services().settings.letterbox.slot / 60),
        old="old" in request.args,
    )
    return visit.kept(shown, visiting)


@pages.post("/release")
def release() -> BaseResponse:
    """Release it to the lawyer in charge, and show the box; once is enough."""
    return _do(services().back.release)


@pages.post("/withdraw")
def withdraw() -> BaseResponse:
    """Take it back, and show the box; once is enough."""
    return _do(services().back.withdraw)


def _do(act: Callable[[Receipt, str], bool]) -> BaseResponse:
    typed = read_form(request)
    visiting = visit.of(typed)
    done = act(visiting.receipt, typed.text("stand"))
    address = url_for("back.box") if done else url_for("identity.ask", old="yes")
    return visit.kept(redirect(address, 303, Response), visiting)
