"""A sealed cookie: what it holds can be read by nobody but the agent, and only in its time.

The value is base64url of an AEAD by the agent's memory-only key over canonical JSON
{created, data, seen}. It is a session cookie (no Expires), HttpOnly and SameSite=Strict. A restart
or lock of the agent ends all; the agent remembers ended ids.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Request, Response

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.errors import FormatError, SessionEndedError

ID_SIZE = 16
# Browsers drop a cookie over 4096 bytes without a word (RFC 6265, section 6.1).
MAX_VALUE = 3800


@dataclass(frozen=True)
class CookieRules:
    """Where a sealed cookie lives and how long. Times in seconds.

    Attributes:
        purpose: separates kinds of sessions under one key.
        idle: ends it when nothing is asked for so long.
        absolute: ends it in any case.
    """

    name: str
    path: str
    purpose: str
    idle: int
    absolute: int
    secure: bool


@dataclass(frozen=True)
class Opened:
    """What a cookie held. `created` and `seen` in seconds since the epoch."""

    session_id: bytes = field(repr=False)
    created: int
    seen: int
    data: dict[str, Any] = field(repr=False)


def fresh(data: dict[str, Any] | None = None) -> Opened:
    """Return a new session that begins now."""
    now = clock.now()
    return Opened(secrets.token_bytes(ID_SIZE), now, now, data or {})


class SealedCookie:
    """Reads and writes the sealed cookie of one kind of session."""

    def __init__(self, agent: SessionAgent, rules: CookieRules) -> None:
        self._agent = agent
        self.rules = rules

    def read(self, request: Request) -> Opened | None:
        """Return what the request's cookie holds, or None without one.

        Raises:
            SessionEndedError: it does not open, was ended, or its time is over.
            AgentError: the agent does not answer or is locked.
        """
        value = request.cookies.get(self.rules.name)
        if value is None:
            return None
        try:
            session_id, plain = self._agent.open(self.rules.purpose, canonical.unb64(value))
            held = canonical.loads_object(plain, frozenset({"created", "data", "seen"}))
        except FormatError:
            raise SessionEndedError from None
        opened = Opened(session_id, **held)
        self._check_time(opened)
        return opened

    def write(self, response: Response, session: Opened) -> None:
        """Seal `session`, seen now, into the response's cookie.

        Raises:
            SessionEndedError: the session was ended meanwhile.
            AgentError: as `read`.
            FormatError: it holds more than a cookie can.
        """
        held = {"created": session.created, "data": session.data, "seen": clock.now()}
        sealed = self._agent.seal(self.rules.purpose, session.session_id, canonical.dumps(held))
        value = canonical.b64(sealed)
        if len(value) > MAX_VALUE:
            raise FormatError("too much for a cookie")
        response.set_cookie(
            self.rules.name,
            value,
            path=self.rules.path,
            secure=self.rules.secure,
            httponly=True,
            samesite="Strict",
        )

    def end(self, session_id: bytes) -> None:
        """End a session for good, wherever a copy of its cookie is."""
        self._agent.end(session_id, self.rules.absolute)

    def clear(self, response: Response) -> None:
        """Tell the browser to forget the cookie."""
        response.delete_cookie(
            self.rules.name,
            path=self.rules.path,
            secure=self.rules.secure,
            httponly=True,
            samesite="Strict",
        )

    def _check_time(self, opened: Opened) -> None:
        now = clock.now()
        if now - opened.seen > self.rules.idle or now - opened.created > self.rules.absolute:
            raise SessionEndedError
