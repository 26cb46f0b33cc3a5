"""The headers of every answer, as data, and the one place that writes them out.

Sources: Content Security Policy Level 3; Permissions Policy; Fetch (CORP, COOP, COEP); Clear Site
Data. There is no JavaScript anywhere, so the policy allows none at all, nor anything unsafe.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response

Policy = Mapping[str, tuple[str, ...]]

CONTENT_SECURITY_POLICY: Policy = {
    "default-src": ("'none'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
}

_DENIED_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
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
    "X-Frame-Options": "DENY",
}

# On leaving. Not "executionContexts": it would reload the page that was left.
LEAVING: Mapping[str, str] = {"Clear-Site-Data": '"cache", "cookies", "storage"'}


def install(app: Flask) -> None:
    """Put EVERY_ANSWER on every answer of `app`, error pages included."""

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.update(EVERY_ANSWER)
        return response
