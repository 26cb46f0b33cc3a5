"""Which language a page is in: `?lang=`, else what the browser asks for, else Russian.

It travels in links and forms, never in a cookie.
"""

from __future__ import annotations

from flask import Request

from vault.forms.codes import LANGUAGES

DEFAULT = "ru"

# Each language's own name for itself; the same whatever the page's language is.
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}

# Codes of languages written from right to left, for whichever of them comes; their pages say so.
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "he", "ps", "ug", "ur"})


def choose(request: Request) -> str:
    """Return one of LANGUAGES; an unknown `?lang=` counts as none."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT
