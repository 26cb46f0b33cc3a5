"""The witness's return session: the receipt's entropy inside a sealed cookie, and nothing else."""

from __future__ import annotations

import contextlib
import hmac
from dataclasses import dataclass, field

from flask import Request, Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from vault import canonical
from vault.crypto.receipt import ENTROPY_SIZE, Receipt
from vault.errors import AgentError, SessionEndedError
from vault.web.intake.services import Services, services
from vault.web.shared import cookies
from vault.web.shared.cookies import CookieRules, SealedCookie
from vault.web.shared.decoding import Form

COOKIE = "wv_return"
PATH = "/return"


@dataclass(frozen=True)
class Visit:
    """One visit to a box.

    Attributes:
        receipt: what opens the box.
        session: what the cookie holds.
        token: stands in every form of the visit.
    """

    receipt: Receipt = field(repr=False)
    session: cookies.Opened = field(repr=False)
    token: str = field(repr=False)

    def allows(self, token: str) -> bool:
        """Tell whether a form was made for this visit."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "replace"))


class ReturnSession:
    """Begins, reads, keeps and ends visits."""

    def __init__(self, services: Services) -> None:
        intake = services.settings.intake
        self._agent = services.agent
        self._cookie = SealedCookie(
            services.agent,
            CookieRules(
                name=COOKIE,
                path=PATH,
                purpose="return",
                idle=intake.session_idle,
                absolute=intake.session_absolute,
                secure=intake.cookie_secure,
            ),
        )

    def begin(self, receipt: Receipt) -> Visit:
        """Return a new visit; it exists once it is kept."""
        return self._visit(receipt, cookies.fresh({"entropy": canonical.b64(receipt.entropy)}))

    def read(self, request: Request) -> Visit:
        """Return the visit of a request.

        Raises:
            SessionEndedError: there is none, or it is over.
            AgentError: the agent does not answer.
        """
        session = self._cookie.read(request)
        if session is None:
            raise SessionEndedError
        entropy = canonical.unb64(session.data["entropy"], ENTROPY_SIZE)
        return self._visit(Receipt(entropy), session)

    def keep(self, response: Response, visit: Visit) -> None:
        """Let the visit go on from now."""
        self._cookie.write(response, visit.session)

    def end(self, visit: Visit) -> None:
        """End the visit wherever a copy of its cookie is."""
        self._cookie.end(visit.session.session_id)

    def _visit(self, receipt: Receipt, session: cookies.Opened) -> Visit:
        token = self._agent.derive("return-form", session.session_id)
        return Visit(receipt, session, canonical.b64(token))


def begin(receipt: Receipt) -> Visit:
    """Return a new visit of the application that answers now, and say that somebody came."""
    services().back.visited(receipt)
    return ReturnSession(services()).begin(receipt)


def current() -> Visit:
    """Return the visit of the request being answered; raises as `ReturnSession.read`."""
    return ReturnSession(services()).read(request)


def current_or_none() -> Visit | None:
    """Return the visit of the request being answered, if it can be read."""
    try:
        return current()
    except (SessionEndedError, AgentError):
        return None


def of(typed: Form) -> Visit:
    """Return the visit a form belongs to; words typed into the form itself begin a new one.

    Raises:
        SessionEndedError: the visit is over, or the form was made for another.
        ReceiptError: the typed words cannot be read.
    """
    if "receipt" in typed:
        return begin(Receipt.from_text(typed.text("receipt")))
    visit = current()
    if not visit.allows(typed.text("token")):
        raise SessionEndedError
    return visit


def kept(page: str | BaseResponse, visit: Visit) -> Response:
    """Return an answer that lets the visit go on; raises as `SealedCookie.write`."""
    response = make_response(page)
    ReturnSession(services()).keep(response, visit)
    return response


def kept_if_possible(page: str | BaseResponse, visit: Visit | None) -> Response:
    """Return an answer that must not be lost; let the visit go on if there is one and it can."""
    response = make_response(page)
    if visit is not None:
        with contextlib.suppress(SessionEndedError, AgentError):
            ReturnSession(services()).keep(response, visit)
    return response


def end() -> None:
    """End the visit of the request being answered, if there is one that can be read."""
    visit = current_or_none()
    if visit is not None:
        # Without the agent it ends by itself, and the browser is told to forget it in any case.
        with contextlib.suppress(AgentError):
            ReturnSession(services()).end(visit)
