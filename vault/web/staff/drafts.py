"""Drafts: a button beside the one that sends. No script, and nothing in the browser's storage."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from vault.cases.written import drafts
from vault.cases.written.staff_records import NOTE, REPLY
from vault.web.inside import who
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("drafts", __name__)

_CASE = "/cases/<string(length=32):case_id>/draft"


@pages.post(f"{_CASE}/reply")
def reply(case_id: str) -> ResponseReturnValue:
    """Keep a reply that is not sent."""
    form = _form()
    return _saved(case_id, (REPLY, form.text("text")), form)


@pages.post(f"{_CASE}/note")
def note(case_id: str) -> ResponseReturnValue:
    """Keep a note that is not finished."""
    form = _form()
    return _saved(case_id, (NOTE, form.text("html")), form)


@pages.post(f"{_CASE}/discard")
def discard(case_id: str) -> ResponseReturnValue:
    """Delete a draft."""
    drafts.discard(who.vault(), who.actor(), case_id, _form().text("draft"))
    flash("draft.discarded")
    return redirect(url_for("cases.one", case_id=case_id), 303)


def _saved(case_id: str, what: tuple[str, str], form: Form) -> ResponseReturnValue:
    drafts.save(who.vault(), who.actor(), case_id, what, form.text("draft"))
    flash("draft.saved")
    return redirect(url_for("cases.one", case_id=case_id, _anchor=f"{what[0]}-draft"), 303)


def _form() -> Form:
    form = read_form(request)
    form.check()
    return form
