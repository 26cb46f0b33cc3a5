"""Puts the intake application together."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request, url_for

from vault.web.intake import come_back, deletion, files, identity, leave, more, showing, sizes, tell
from vault.web.intake.services import Services, services
from vault.web.shared import headers, origin
from vault.web.shared.application import Skeleton, new_app

# Neither a file nor leaving has a language.
_WITHOUT_LANGUAGE = frozenset(
    {
        "shared.style",
        "shared.script",
        "shared.looking",
        "shared.icon",
        "shared.healthz",
        "leave.leave",
        "back.leave",
    }
)
# Where going over to the onion address loses nothing: nothing is typed yet, no box is open.
_ENTRANCES = frozenset({"tell.before", "tell.choose", "tell.form", "back.words"})


def create_app(services: Services | None = None) -> Flask:
    """Return the intake application.

    Args:
        services: by default those of the vault that the environment names.

    Raises:
        SettingError: a setting, a form or a text is missing; names it.
    """
    services = services or Services.from_environment()
    app = new_app(
        Skeleton(
            import_name="vault.web.intake",
            area="intake",
            stylesheet="intake.css",
            scripts={"script": "page.js", "looking": "files.js"},
            icon="icon.png",
            request_limit=services.settings.intake.request_limit,
        )
    )
    services.install(app)
    app.before_request(lambda: headers.give(headers.WITH_SCRIPT))
    app.before_request(origin.refuse_foreign)
    app.after_request(sizes.even)  # after the one below, whose header it counts
    app.after_request(_name_onion)
    app.url_defaults(_carry_language)
    app.context_processor(lambda: _everywhere(services))
    showing.install(app)
    for pages in (
        tell.pages,
        come_back.pages,
        identity.pages,
        deletion.pages,
        more.pages,
        files.pages,
        leave.pages,
    ):
        app.register_blueprint(pages)
    return app


def _carry_language(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint not in _WITHOUT_LANGUAGE and "wording" in g:
        values.setdefault("lang", g.wording.language)


def _name_onion(response: Response) -> Response:
    """Offer Tor Browser the onion address of a page, if there is one and it is not there yet."""
    onion = services().onion
    elsewhere = bool(onion) and not onion.endswith(f"//{request.host}")
    shown = request.endpoint in _ENTRANCES and response.status_code == HTTPStatus.OK
    if elsewhere and shown and request.method == "GET":
        response.headers["Onion-Location"] = onion + request.full_path.rstrip("?")
    return response


def _everywhere(services: Services) -> dict[str, object]:
    return {
        "demonstration": services.settings.servers.demonstration,
        "helplines": services.settings.intake.helplines,
        "in_language": _in_language,
    }


def _in_language(code: str) -> str:
    """Return the address of this page in another language."""
    stated = request.args.get("form")
    form = stated if stated in services().forms.ids else None  # whose pages are looked through
    arguments = {**(request.view_args or {}), "form": form, "lang": code}
    return url_for(request.endpoint or "tell.before", **arguments)
