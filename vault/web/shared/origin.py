"""What another site makes a visitor's browser do here is not done, and changes no cookie.

Signing a witness into somebody else's box is the attack: what they add would go to that somebody.
On the staff side it is a page of ours that shows an attacker's text as if the member had typed it,
or an anonymous cookie written over the live one, which SameSite=Strict kept back from the request.
Browsers say with `Sec-Fetch-Site` where a request comes from (Fetch Metadata). Where they do not,
`Origin` is compared; it is `null` from our own pages too, since these send no referrer, so an old
browser without Fetch Metadata is not protected by this: a form token still is.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from vault.errors import RefusedError

_OUR_OWN = frozenset({"same-origin", "none"})
# Other ports and names of one site: our own interfaces link to each other. Strict cookies come.
_SAME_SITE = _OUR_OWN | {"same-site"}


def refuse_foreign() -> None:
    """Refuse a POST from elsewhere.

    Raises:
        RefusedError: the browser says that the request comes from another site.
    """
    if request.method == "POST" and is_foreign():
        raise RefusedError("another site")


def is_foreign() -> bool:
    """Say whether the browser says that a page of another origin made this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _OUR_OWN
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.host


def is_without_cookies() -> bool:
    """Say whether the browser kept Strict cookies back, so that none may be written over them."""
    return request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE
