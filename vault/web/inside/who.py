"""Who is signed in: Flask-Login over the sealed session cookie.

The cookie holds Flask-Login's `_user_id` and the member's unwrapped secret, both inside the seal.
Of a session the agent remembers, in memory, that it is open or was ended; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app, g
from flask_login import LoginManager, current_user, login_user, logout_user

from vault import canonical
from vault.errors import FormatError, SessionEndedError
from vault.journal.vault import Vault
from vault.members import open_sessions
from vault.members.actor import Actor
from vault.web.inside import known
from vault.web.shared import sessions

_KEY = "actor"
_VAULT = "witness-vault"


class SignedIn:
    """What Flask-Login calls a user: a thin coat over an Actor."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """Return the member's id."""
        return self.actor.id


def install(app: Flask, opened: Vault, admits: Callable[[Actor], bool]) -> None:
    """Tell `app` its vault and how sessions become members again.

    Args:
        app: the application.
        opened: what it serves.
        admits: says who may use it; a session of anybody else is none, whenever it began.
    """
    app.extensions[_VAULT] = opened
    manager = LoginManager()
    # The seal is the protection; addresses and browser names are not identities, least of all
    # behind an onion service.
    manager.session_protection = None
    manager.user_loader(lambda user_id: _load(user_id, admits))
    manager.init_app(app, add_context_processor=False)


def vault() -> Vault:
    """Return the vault that the current application serves."""
    return cast("Vault", current_app.extensions[_VAULT])


def is_signed_in() -> bool:
    """Say whether the request comes from a live session."""
    return bool(current_user.is_authenticated)


def actor() -> Actor:
    """Return the member who asks. Only pages behind the guard call this.

    Raises:
        SessionEndedError: nobody is signed in.
    """
    if not is_signed_in():
        raise SessionEndedError
    return cast("SignedIn", current_user).actor


def begin(member: Actor) -> None:
    """Sign `member` in under a new session id and a new CSRF secret."""
    held = sessions.current()
    held.renew()
    held.pop("csrf_token", None)
    g.pop("csrf_token", None)
    held[_KEY] = canonical.b64(member.to_secret())
    login_user(SignedIn(member))
    _note(member)
    known.remember(vault(), member)


def go_on(member: Actor) -> None:
    """Go on with the same session for `member` as they are now; its beginning stays."""
    sessions.current()[_KEY] = canonical.b64(member.to_secret())
    _note(member)
    known.remember(vault(), member)


def end() -> None:
    """Sign out: every copy of the cookie is worth nothing from now on."""
    logout_user()
    sessions.current().finish()


def _note(member: Actor) -> None:
    held = sessions.current()
    interface = current_app.config["INTERFACE"]
    open_sessions.note(vault(), member, held.session_id, interface, held.created)


def _load(user_id: str, admits: Callable[[Actor], bool]) -> SignedIn | None:
    held = sessions.current()
    try:
        member = Actor.from_secret(vault(), canonical.unb64(held.get(_KEY)))
        if member.id != user_id or not admits(member):
            return None
        if held.is_stale(vault().settings.staff.session_idle):
            _note(member)
    except (SessionEndedError, FormatError):
        return None
    return SignedIn(member)
