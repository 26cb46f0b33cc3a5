"""What every request passes before its view, in this order: locked? who? forged?

The session is looked at before the CSRF token, because an ended session takes its token with it:
"your session has ended, here is what you typed" is the truth then, "forged" would not be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from vault.errors import LockedError
from vault.web.inside import who
from vault.web.shared.decoding import read_form

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_ALWAYS, _PUBLIC = "always", "public"
_View = TypeVar("_View", bound=Callable[..., object])

Answer = Callable[[], ResponseReturnValue]


def always(view: _View) -> _View:
    """Mark a view that answers even while the vault is locked."""
    view.open_to = _ALWAYS  # type: ignore[attr-defined]
    return view


def public(view: _View) -> _View:
    """Mark a view that needs no session. CSRF is still checked."""
    view.open_to = _PUBLIC  # type: ignore[attr-defined]
    return view


def install(app: Flask, *, sign_in: str, ended: Answer, stale: Answer) -> None:
    """Guard every route of `app`.

    Args:
        app: the application; style sheet, health and what is marked `always` pass unasked.
        sign_in: endpoint that a visit without a session is sent to.
        ended: answers an unsafe request whose session has ended.
        stale: answers an unsafe request with a live session and a wrong CSRF token.
    """

    @app.before_request
    def _guard() -> ResponseReturnValue | None:
        level = _level()
        if level == _ALWAYS:
            return None
        if who.vault().agent.locked():
            raise LockedError
        if level != _PUBLIC and not who.is_signed_in():
            return ended() if _is_unsafe() else redirect(url_for(sign_in, next=_asked_for()))
        return stale() if _is_unsafe() and not has_token() else None


def has_token() -> bool:
    """Say whether the posted form carries this session's CSRF token."""
    try:
        validate_csrf(read_form(request).text("csrf_token"))
    except ValidationError:
        return False
    return True


def own_page(target: str) -> str | None:
    """Return `target` if it is a page of this application, with what was asked of it, else None."""
    path, _, query = target.partition("?")
    plain = query.isascii() and query.isprintable() and "//" not in query
    return target if plain and _match(path, "GET") else None


def endpoint_of(target: str) -> str | None:
    """Return the endpoint that a POST to `target` would reach in this application, else None."""
    return _match(target, "POST")


def _match(target: str, method: str) -> str | None:
    # Two slashes begin the name of another host.
    if not target.startswith("/") or "//" in target or "?" in target:
        return None
    try:
        endpoint, _ = current_app.url_map.bind("").match(target, method)
    except HTTPException:  # a redirection to an address of ours is one as well
        return None
    return str(endpoint)


def _level() -> str | None:
    if request.endpoint is None or request.blueprint == "shared":
        return _ALWAYS  # nothing there: the router answers 404 or 405
    view = current_app.view_functions[request.endpoint]
    return getattr(view, "open_to", None)


def _asked_for() -> str:
    """Return the address of the request, with the choices of a list that was filled in."""
    return request.full_path.removesuffix("?")


def _is_unsafe() -> bool:
    return request.method in UNSAFE
