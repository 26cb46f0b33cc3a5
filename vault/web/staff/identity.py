"""Who a witness is: whether it was released, and opening it for a purpose.

Opening is a POST: it is never done by following a link, by going back or by a page that loads
again. The answer shows it and nothing keeps it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vault.cases.reveal.identity import PURPOSES, open_identity, released
from vault.errors import InputError
from vault.roster.roles import IDENTITY
from vault.web.inside import who
from vault.web.inside.reading import log_list
from vault.web.shared.decoding import read_form
from vault.web.staff.access import for_those_who
from vault.web.staff.account import sections
from vault.web.staff.view import FROM_WITNESS

pages = Blueprint("identity", __name__)

_ADDRESS = "/cases/<string(length=32):case_id>/identity"


@pages.get(_ADDRESS)
@for_those_who(IDENTITY)
def ask(case_id: str) -> str:
    """Say whether it was released, and ask what it is needed for."""
    return _asked(case_id)


@pages.post(_ADDRESS)
@for_those_who(IDENTITY)
def open(case_id: str) -> ResponseReturnValue:  # noqa: A001 - the page's name in addresses of templates
    """Open it for a purpose; the entry is committed first."""
    form = read_form(request)
    form.check()
    purpose = form.text("purpose")
    try:
        opened = open_identity(who.vault(), who.actor(), case_id, purpose)
    except InputError:
        return _asked(case_id, missing=True), 400
    told = [record for record in opened.records if record.origin in FROM_WITNESS]
    return _page(
        case_id,
        opened=opened,
        purpose=purpose,
        found=sections(told, opened.form),
        hidden=[record for record in opened.records if record.origin not in FROM_WITNESS],
    )


def _asked(case_id: str, *, missing: bool = False) -> str:
    since = released(who.vault(), who.actor(), case_id)
    log_list("identity", case_id)
    return _page(case_id, since=since, purposes=PURPOSES, missing=missing)


def _page(case_id: str, **shown: Any) -> str:
    nothing = {"opened": None, "since": None, "missing": False}
    return render_template("staff/identity.html", case_id=case_id, **nothing | shown)
