"""Making pages: the texts, the sections in the heading, the error page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, render_template, request
from flask_wtf.csrf import generate_csrf

from vault.errors import LockedError, WitnessVaultError
from vault.web.inside import who
from vault.web.shared import language
from vault.web.shared.application import words

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d):\d\dZ)?", re.ASCII)
_NO_DATE = "—"


@dataclass(frozen=True)
class Section:
    """One link in the heading: the endpoint, the key of its text, for which of the roles."""

    endpoint: str
    key: str
    roles: frozenset[str] = frozenset()

    def is_for(self, roles: frozenset[str]) -> bool:
        """Say whether somebody with `roles` sees it; no roles stated: everybody does."""
        return not self.roles or bool(self.roles & roles)


def text(key: str, **values: object) -> str:
    """Return a text in the language of the page."""
    return words().text(key, **values)


def date(value: str) -> str:
    """Return 22.11.2026 for a day and 22.11.2026 10:15 for a moment, both as stored in UTC.

    What is neither shows as a dash: it can stand in a record that somebody planted.
    """
    found = _MOMENT.fullmatch(value)
    if found is None:
        return _NO_DATE
    year, month, day, minute = found.groups(default="")
    return f"{day}.{month}.{year} {minute}".rstrip()


def install(app: Flask, *, area: str, home: str, sections: Sequence[Section]) -> None:
    """Give the templates of `app` what all of them need.

    Args:
        app: the application.
        area: key of the interface's name, shown beside the product's.
        home: endpoint of the first page.
        sections: what stands in the heading once somebody is signed in.
    """
    app.add_template_filter(date)
    app.jinja_env.globals["csrf_token"] = generate_csrf

    @app.context_processor
    def _context() -> dict[str, Any]:
        signed_in = _name_and_roles()
        return {
            # An answer to POST has no address to come back to: another language would lose it.
            "languages": tuple(language.NAMES.items()) if request.method == "GET" else (),
            "area": area,
            "home": home,
            "here": request.path,
            "demonstration": who.vault().settings.servers.demonstration,
            "signed_in": signed_in[0] if signed_in else None,
            "sections": [s for s in sections if signed_in and s.is_for(signed_in[1])],
        }


def error_page(
    key: str,
    error: WitnessVaultError | None,
    template: str = "inside/error.html",
    **values: object,
) -> str:
    """Return the page of an error: what happened, what to do. The caller sets the status.

    Args:
        key: of the sentence, if there is no `error` of ours.
        error: says its own sentence.
        template: for an interface that has more to show.
        values: what it needs for that.
    """
    return render_template(
        template,
        title=text("locked.title" if isinstance(error, LockedError) else "error.title"),
        sentence=words().sentence(error) if error else text(key),
        **{"back": None} | values,
    )


def _name_and_roles() -> tuple[str, frozenset[str]] | None:
    """Return who asks; nobody while the vault is locked, so that an error page can be made."""
    try:
        member = who.actor()
    except WitnessVaultError:
        return None
    return member.name, member.roles
