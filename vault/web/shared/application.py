"""The skeleton of every interface: strict requests, headers, wording, errors, style sheet, health.

Nothing is logged about requests; of unexpected exceptions only the class. What differs between the
interfaces is in `Skeleton`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
from flask import Blueprint, Flask, Request, Response, g, render_template, request

from vault.errors import WitnessVaultError
from vault.forms.codes import LANGUAGES
from vault.web.shared import errors, headers, language, rendering, wording
from vault.web.shared.decoding import StrictRequest

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Skeleton:
    """What an interface chooses.

    Attributes:
        import_name: the package; its `templates/` holds the pages, among them `error.html`.
        area: which wording.
        stylesheet: a file under `shared/static/`.
        request_limit: bytes of one posted body.
        scripts: files beside the stylesheet, by endpoint; served under their own names.
        icon: the same, a picture for the browser's tab.
        prefix: before `/healthz` and `/style.css`; empty at the root.
        choose_language: from a request to one of the languages.
        well: whether `/healthz` says so; it never waits for anything.
    """

    import_name: str
    area: str
    stylesheet: str
    request_limit: int
    prefix: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    icon: str | None = None
    choose_language: Callable[[Request], str] = language.choose
    well: Callable[[], bool] = lambda: True


class QuietFlask(Flask):
    """Flask with the strict decoder, which logs nothing of what a request held."""

    request_class = StrictRequest
    jinja_options = {  # noqa: RUF012 - a class attribute of Flask, typed there
        "autoescape": True,
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }

    def log_exception(self, exc_info: object) -> None:
        """Log nothing here: the handler of errors has logged the class."""


def new_app(skeleton: Skeleton) -> QuietFlask:
    """Return an application with everything that the interfaces share.

    Raises:
        SettingError: the wording is not complete in every language.
    """
    app = QuietFlask(skeleton.import_name, static_folder=None)
    # A page for every error, in tests too; no trace ever reaches a browser.
    app.config.update(
        MAX_CONTENT_LENGTH=skeleton.request_limit,
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    _install_wording(app, skeleton)
    app.add_template_filter(rendering.visible)
    app.add_template_filter(rendering.editable)
    headers.install(app)
    errors.install(app, _error_page)
    app.register_blueprint(_common(skeleton))
    return app


def words() -> wording.Wording:
    """Return the wording in the language of the request being answered."""
    found: wording.Wording = g.wording
    return found


def _install_wording(app: Flask, skeleton: Skeleton) -> None:
    catalogue = wording.load(skeleton.area)

    # First of all, so that every page after it, error pages included, has a language.
    @app.before_request
    def _choose() -> None:
        g.wording = catalogue[skeleton.choose_language(request)]

    @app.context_processor
    def _texts() -> dict[str, object]:
        return {
            "t": words().text,
            "lang": words().language,
            "mirrored": words().language in language.RIGHT_TO_LEFT,
            "languages": [(code, language.NAMES[code]) for code in LANGUAGES],
        }


def _error_page(status: int, key: str, error: WitnessVaultError | None) -> str:
    bare = f"{key}.bare"  # for a sentence that speaks of what was typed: none of it is here
    if words().has(bare):
        sentence = words().text(bare)
    else:
        sentence = words().sentence(error) if error is not None else words().text(key)
    return render_template("error.html", status=status, sentence=sentence)


def _common(skeleton: Skeleton) -> Blueprint:
    common = Blueprint(
        "shared", __name__, template_folder="templates", url_prefix=skeleton.prefix or None
    )
    _serve(common, "style", skeleton.stylesheet, "text/css", path="style.css")
    for endpoint, name in skeleton.scripts.items():
        _serve(common, endpoint, name, "text/javascript")
    if skeleton.icon is not None:
        _serve(common, "icon", skeleton.icon, "image/png")

    @common.get("/healthz")
    def healthz() -> Response:
        if skeleton.well():
            return Response("ok\n", mimetype="text/plain")
        return Response("closed\n", 503, mimetype="text/plain")

    return common


def _serve(pages: Blueprint, endpoint: str, name: str, mimetype: str, path: str = "") -> None:
    """Give a file under `static/`, read once, at its own name or another."""
    content = (_HERE / "static" / name).read_bytes()
    pages.add_url_rule(
        f"/{path or name}", endpoint, lambda: Response(content, mimetype=mimetype), methods=["GET"]
    )
