"""The two lists: new accounts for those who assign, own cases for lawyers."""

from __future__ import annotations

from flask import Blueprint, render_template

from vault.cases import inbox
from vault.web.inside import who
from vault.web.staff.access import for_role

pages = Blueprint("lists", __name__)


@pages.get("/new")
@for_role("intake_officer")
def new() -> str:
    """Show new accounts, and below them what was set aside."""
    lines = inbox.new_cases(who.vault(), who.actor())
    return render_template(
        "staff/new.html",
        waiting=[line for line in lines if line.status != "set_aside"],
        set_aside=[line for line in lines if line.status == "set_aside"],
    )


@pages.get("/cases")
@for_role("lawyer")
def mine() -> str:
    """Show the cases that were given to this lawyer."""
    return render_template("staff/cases.html", cases=inbox.my_cases(who.vault(), who.actor()))
