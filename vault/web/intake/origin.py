"""Refuses what another site posts here in a witness's browser.

Signing a witness into somebody else's box is the attack: what they add would go to that somebody.
Browsers say with `Sec-Fetch-Site` where a request comes from (Fetch Metadata). Where they do not,
`Origin` is compared; it is `null` from our own pages too, since these send no referrer, so an old
browser without Fetch Metadata is not protected by this: a form token in the box still is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from vault.errors import RefusedError

_OUR_OWN = frozenset({"same-origin", "none"})


def refuse_foreign() -> None:
    """Refuse a POST from elsewhere.

    Raises:
        RefusedError: the browser says that the request comes from another site.
    """
    if request.method != "POST":
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in _OUR_OWN:
            raise RefusedError("another site")
        return
    origin = request.headers.get("Origin", "null")
    if origin != "null" and urlsplit(origin).netloc != request.host:
        raise RefusedError("another site")
