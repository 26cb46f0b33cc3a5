"""Counts whatever is refused to a member: what is not there, not theirs, or not theirs to do now.

Services count what they refuse themselves; here it is what they did not. Nothing is counted twice.
"""

from __future__ import annotations

from flask import Flask, Response, g

from vault.errors import WitnessVaultError
from vault.web.inside import who

KIND = "refused"
_REFUSED = frozenset({403, 404, 405})
_BEFORE = "refusals_before"


def install(app: Flask) -> None:
    """Count the refusals of every page of `app`, and every address that it does not have."""

    @app.before_request
    def _begin() -> None:
        setattr(g, _BEFORE, who.vault().journal.refusals_here())

    @app.after_request
    def _end(response: Response) -> Response:
        if response.status_code in _REFUSED and _uncounted():
            who.vault().journal.count_refusal(KIND, who.actor().id)
        return response


def _uncounted() -> bool:
    """Say whether somebody is signed in of whom nothing was counted in this request."""
    before = getattr(g, _BEFORE, None)
    try:
        return before == who.vault().journal.refusals_here() and who.is_signed_in()
    except WitnessVaultError:  # the keys are gone; the answer says so, or needs none of them
        return False
