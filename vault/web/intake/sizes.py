"""Answers of few sizes, so that whoever counts bytes on the wire learns little of what they say."""

from __future__ import annotations

from typing import Final

from flask import Response

PAGE: Final = 13 * 1024
"""Every page has this size, or two or three times it. One fits, with its headers, into what a
server sends before it waits for an answer (ten segments, RFC 6928)."""

MOVED: Final = 512
"""An answer that only leads on holds next to nothing."""

_TELLING: Final = ("Location", "Onion-Location")  # headers as long as the address that they name


def even(response: Response) -> Response:
    """Fill a page with spaces behind its end.

    Without them its size tells which form somebody takes and which of its pages, that second words
    were looked at, or that a box holds a reply.
    """
    if response.mimetype == "text/html":
        page = response.get_data()
        named = sum(len(response.headers.get(name, "")) for name in _TELLING)
        step = MOVED if "Location" in response.headers else PAGE
        response.set_data(page + b" " * (-(len(page) + named) % step))
    return response
