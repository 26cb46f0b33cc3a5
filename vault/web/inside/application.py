"""The frame of both interfaces: the common skeleton, sealed sessions, who is signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from vault import canonical
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.web.inside import guard, language, pages, passkey, refused, who
from vault.web.inside.pages import Section
from vault.web.shared import origin, sessions
from vault.web.shared.application import Skeleton, new_app
from vault.web.shared.cookies import CookieRules

_AREA = "staff"  # staff and audit share their wording


def make(
    name: str,
    vault: Vault,
    *,
    home: str,
    sections: Sequence[Section],
    admits: Callable[[Actor], bool],
) -> Flask:
    """Return an application under the path `/name`, without pages yet.

    Args:
        name: `staff` or `audit`: path, cookie and purpose of the sessions come from it.
        vault: what it serves.
        home: endpoint of the first page.
        sections: the heading's links.
        admits: says of whom a session counts here, asked at every request.
    """
    skeleton = Skeleton(
        import_name=f"vault.web.{name}",
        area=_AREA,
        stylesheet="staff.css",
        scripts={"script": "passkey.js"},
        request_limit=vault.settings.staff.request_limit,
        prefix=f"/{name}",
        choose_language=language.choose,
        well=lambda: not vault.journal.closed,
    )
    app = new_app(skeleton)
    app.config["INTERFACE"] = name
    app.before_request(origin.refuse_foreign)
    # The token ends with its session; its key lives as long as the agent's memory does.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SECRET_KEY"] = canonical.b64(vault.agent.derive(f"{name}/csrf", b""))
    sessions.install(app, vault.agent, _rules(name, vault))
    who.install(app, vault, admits)
    refused.install(app)
    language.install(app)
    passkey.install(app)
    pages.install(app, area=f"site.{name}", home=home, sections=sections)
    app.register_blueprint(_root(home))
    return app


def _rules(name: str, vault: Vault) -> CookieRules:
    staff = vault.settings.staff
    return CookieRules(
        name=f"wv_{name}",
        path=f"/{name}",
        purpose=name,
        idle=staff.session_idle,
        absolute=staff.session_absolute,
        secure=staff.cookie_secure,
    )


def _root(home: str) -> Blueprint:
    """Return the bare address, which leads to the interface, and the common templates."""
    root = Blueprint("inside", __name__, template_folder="templates")

    @root.get("/")
    @guard.always
    def to_interface() -> ResponseReturnValue:
        return redirect(url_for(home))

    return root
