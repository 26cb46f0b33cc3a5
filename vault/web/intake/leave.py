"""Leaving at once: the browser is told to forget this site and goes to a neutral page."""

from __future__ import annotations

from flask import Blueprint, Response, redirect

from vault.web.intake.services import services
from vault.web.intake.visit import COOKIE, PATH
from vault.web.shared import headers

pages = Blueprint("leave", __name__)


def leaving() -> Response:
    """Return the answer that forgets and goes on."""
    return forgetting(services().settings.intake.leave_to)


def forgetting(address: str) -> Response:
    """Return an answer that tells the browser to forget this site and to go on to an address."""
    response = redirect(address, 303, Response)
    response.headers.update(headers.LEAVING)
    # The only cookie. Not left to Clear-Site-Data, which needs a trusted connection.
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict")
    assert isinstance(response, Response)
    return response


@pages.get("/leave")
def leave() -> Response:
    """Leave from any page. The box's own pages leave through `/return/leave`, which ends it."""
    return leaving()
