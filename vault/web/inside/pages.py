"""Making pages: the texts, the sections in the heading, the error page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, render_template, request
from flask_wtf.csrf import generate_csrf

from vault.errors import LockedError, WitnessVaultError
from vault.members import people
from vault.members.actor import Actor
from vault.web.inside import who
from vault.web.shared import language
from vault.web.shared.application import words

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d):\d\dZ)?", re.ASCII)
_NO_DATE = "—"


@dataclass(frozen=True)
class Section:
    """One link in the heading: the endpoint, the key of its text, for those who do what."""

    endpoint: str
    key: str
    does: str | None = None

    def is_for(self, member: Actor) -> bool:
        """Say whether a member sees it; nothing stated: everybody does."""
        return self.does is None or member.may(self.does)


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
    app.jinja_env.globals["announced"] = lambda: people.announced(who.vault())

    @app.context_processor
    def _context() -> dict[str, Any]:
        member = _signed_in()
        return {
            # An answer to POST has no address to come back to: another language would lose it.
            "languages": tuple(language.NAMES.items()) if request.method == "GET" else (),
            "area": area,
            "home": home,
            "here": request.path,
            "demonstration": who.vault().settings.servers.demonstration,
            "signed_in": member and member.name,
            "sections": [section for section in sections if member and section.is_for(member)],
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


def _signed_in() -> Actor | None:
    """Return who asks; nobody while the vault is locked, so that an error page can be made."""
    try:
        return who.actor()
    except WitnessVaultError:
        return None
