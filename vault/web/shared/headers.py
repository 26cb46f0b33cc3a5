"""The headers of every answer, as data, and the one place that writes them out.

Sources: Content Security Policy Level 3; Trusted Types; Permissions Policy; Fetch (CORP, COOP,
COEP); Clear Site Data; Web Authentication. There are three scripts: one for passkeys and, with
witnesses, one that leaves by a key (decision 0034) and one that looks into files (0044). What holds
one says so while it is made (`give`), and no other answer allows any. Trusted Types refuse text as
markup even if some came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g, request

Policy = Mapping[str, tuple[str, ...]]

CONTENT_SECURITY_POLICY: Policy = {
    "default-src": ("'none'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
    "require-trusted-types-for": ("'script'",),
    "trusted-types": ("'none'",),
}

# What is given to be saved is not a page: it may load nothing and stands in no origin.
DOWNLOAD_POLICY: Policy = {
    "default-src": ("'none'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
    "sandbox": (),
}

# Every feature that the browsers of today know by name; an unknown one would warn on the console.
_DENIED_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "xr-spatial-tracking",
)

PERMISSIONS_POLICY: Policy = dict.fromkeys(_DENIED_FEATURES, ())


def content_security_policy(policy: Policy) -> str:
    """Return a policy as the value of its header, in the order given."""
    return "; ".join(" ".join((name, *sources)) for name, sources in policy.items())


def permissions_policy(policy: Policy) -> str:
    """Return which origins may use which feature, as the value of its header."""
    return ", ".join(f"{name}=({' '.join(origins)})" for name, origins in policy.items())


# Every answer, style sheets too, is kept out of caches: a cached style sheet shows a visit.
EVERY_ANSWER: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": content_security_policy(CONTENT_SECURITY_POLICY),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": permissions_policy(PERMISSIONS_POLICY),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Else a page over plain http, as an onion is, asks the resolver about every link it shows.
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
}

DOWNLOAD: Mapping[str, str] = {
    "Content-Security-Policy": content_security_policy(DOWNLOAD_POLICY),
}


# A page that holds a script of ours.
WITH_SCRIPT: Mapping[str, str] = {
    "Content-Security-Policy": content_security_policy(
        {**CONTENT_SECURITY_POLICY, "script-src": ("'self'",)}
    )
}


# A page with a picture that we made and put into it: no second request, no second entry.
WITH_PICTURE: Mapping[str, str] = {
    "Content-Security-Policy": content_security_policy(
        {**CONTENT_SECURITY_POLICY, "img-src": ("'self'", "data:")}
    )
}


def _with_script(feature: str) -> Mapping[str, str]:
    return {
        **WITH_SCRIPT,
        "Permissions-Policy": permissions_policy({**PERMISSIONS_POLICY, feature: ("self",)}),
    }


# A page that holds the script for passkeys: one proves who is there, the other makes a new one.
PROVE_BY_PASSKEY = _with_script("publickey-credentials-get")
MAKE_PASSKEY = _with_script("publickey-credentials-create")

# What differs from EVERY_ANSWER where an endpoint gives what it is for; a refusal is a page.
BY_ENDPOINT: Mapping[str, Mapping[str, str]] = {
    "download.checkpoint": DOWNLOAD,
    "download.export": DOWNLOAD,
    "checkpoints.one": DOWNLOAD,
    "entries.leaf": DOWNLOAD,
    "entries.proof": DOWNLOAD,
}

# On leaving. Not "executionContexts": it would reload the page that was left. Not "cookies": where
# Chromium does not trust the connection, at an onion, it follows this no more than the rest, but
# takes no Set-Cookie from that answer either, and the one that removes ours was lost (tried).
LEAVING: Mapping[str, str] = {"Clear-Site-Data": '"cache", "storage"'}


def of(endpoint: str | None, status: int) -> dict[str, str]:
    """Return the headers that an answer of `endpoint` carries; None: nothing stands there."""
    own = BY_ENDPOINT.get(endpoint or "", {}) if status == HTTPStatus.OK else {}
    return {**EVERY_ANSWER, **own}


def give(own: Mapping[str, str]) -> None:
    """Let the answer being made carry these headers in place of what every page carries."""
    g.headers = own


def install(app: Flask) -> None:
    """Put its headers on every answer of `app`, error pages included."""

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.update(of(request.endpoint, response.status_code))
        response.headers.update(g.get("headers", {}))
        return response
