"""Flask sessions inside a sealed cookie, for Flask-Login and Flask-WTF on the staff side.

The session is an ordinary dictionary. Nothing is written when it stays empty. What the agent
refuses while a session is opened is kept in `fault` and raised before the view runs: Flask opens
sessions where error pages cannot be made yet.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Request, Response, session
from flask.sessions import SessionInterface, SessionMixin

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.errors import AgentError, SessionEndedError
from vault.web.shared import cookies, origin
from vault.web.shared.cookies import CookieRules, SealedCookie

# A cookie that says nothing new is sealed again only after this part of the idle time.
_REFRESH = 10


class SealedSession(dict[str, Any], SessionMixin):
    """The data of one session.

    Attributes:
        ended: the request brought a cookie whose session is over; say so on the sign-in page.
        fault: why nothing is known about the session now.
    """

    def __init__(
        self, opened: cookies.Opened | None = None, fault: AgentError | None = None
    ) -> None:
        opened = opened or cookies.fresh()
        super().__init__(opened.data)
        self.session_id, self.created, self.seen = opened.session_id, opened.created, opened.seen
        self.had = canonical.dumps(opened.data)
        self.ended = False
        self.fault = fault
        self.retired: list[bytes] = []

    def is_stale(self, idle: int) -> bool:
        """Say whether the cookie should say anew when the session was seen."""
        return clock.now() - self.seen >= idle // _REFRESH

    def renew(self) -> None:
        """Go on under a new id and a new beginning, at sign-in: ends what the old cookie held."""
        self.retired.append(self.session_id)
        begun = cookies.fresh()
        self.session_id, self.created, self.seen = begun.session_id, begun.created, 0

    def finish(self) -> None:
        """Sign out: empty the session and end its id wherever a copy of the cookie is."""
        self.retired.append(self.session_id)
        self.clear()


class SealedSessionInterface(SessionInterface):
    """Keeps Flask's session in a sealed cookie."""

    def __init__(self, agent: SessionAgent, rules: CookieRules) -> None:
        self._cookie = SealedCookie(agent, rules)

    def open_session(self, app: Flask, request: Request) -> SealedSession:  # noqa: ARG002 - Flask's
        """Return the session of the request; empty with `ended` or `fault` set if there is none."""
        try:
            return SealedSession(self._cookie.read(request))
        except SessionEndedError:
            over = SealedSession()
            over.ended = True
            return over
        except AgentError as error:
            return SealedSession(fault=error)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002 - as above
        """Write, renew or clear the cookie.

        It stays as it is while the agent is away, and when the browser may have kept it back.
        """
        held = cast("SealedSession", session)
        if held.fault is not None or origin.is_without_cookies():
            return
        try:
            for session_id in held.retired:
                self._cookie.end(session_id)
            self._write(held, response)
        except SessionEndedError:
            self._cookie.clear(response)
        except AgentError:
            return

    def _write(self, held: SealedSession, response: Response) -> None:
        if held:
            data = dict(held)
            if held.is_stale(self._cookie.rules.idle) or canonical.dumps(data) != held.had:
                opened = cookies.Opened(held.session_id, held.created, held.seen, data)
                self._cookie.write(response, opened)
        elif held.retired or held.ended or held.had != canonical.dumps({}):
            self._cookie.clear(response)


def current() -> SealedSession:
    """Return the session of the request being answered."""
    return cast("SealedSession", session._get_current_object())  # type: ignore[attr-defined] # noqa: SLF001 - werkzeug's documented way to what a proxy stands for


def install(app: Flask, agent: SessionAgent, rules: CookieRules) -> None:
    """Give `app` sealed sessions, and the refusal of every page while the agent is away."""
    app.session_interface = SealedSessionInterface(agent, rules)

    @app.before_request
    def _refuse() -> None:
        if current().fault is not None:
            raise cast("AgentError", current().fault)
