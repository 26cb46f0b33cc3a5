"""The language of a member's pages: `?lang=`, which is remembered, else what shared/language says.

Unlike a witness, a member has a session anyway, so remembering shows nothing to anybody.
"""

from __future__ import annotations

from flask import Flask, Request, request, session

from vault.forms.codes import LANGUAGES
from vault.web.shared import language as shared

_KEY = "lang"


def choose(asking: Request) -> str:
    """Return the language of the page being made."""
    if asking.args.get("lang") not in LANGUAGES and session.get(_KEY) in LANGUAGES:
        return str(session[_KEY])
    return shared.choose(asking)


def install(app: Flask) -> None:
    """Remember, for the session, a language that was asked for."""

    @app.before_request
    def _remember() -> None:
        asked = request.args.get("lang")
        if asked in LANGUAGES and request.endpoint not in {None, "shared.style"}:
            session[_KEY] = asked
