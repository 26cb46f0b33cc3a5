"""One case: what it says, who can open it, what the reader may do with it.

Opening is a plain GET, although it writes to the access log: docs/decisions/0006-reveal-on-get.md.
Whatever a service refuses, the error page keeps what was typed (`kept`).
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault import clock
from vault.cases import reveal
from vault.cases.ending import deleting, retaining, stopping
from vault.cases.ending.retention import REASONS
from vault.cases.epochs import due
from vault.cases.holders import assign, handlers, handling
from vault.cases.lists import summaries, triage
from vault.cases.reveal import attached
from vault.cases.written import consent, messages, notes
from vault.cases.written.drafts import Page
from vault.consent.items import ITEMS
from vault.crypto import suite
from vault.roster.roles import LAWYER
from vault.web.inside import who
from vault.web.shared.decoding import Form, read_form
from vault.web.staff.view import of_case

pages = Blueprint("cases", __name__)


@pages.get("/cases/<string(length=32):case_id>")
def one(case_id: str) -> str:
    """Open a case: the entry in the access log is committed first."""
    vault = who.vault()
    due.begin(vault, who.actor(), case_id)
    view = reveal.open_case(vault, who.actor(), case_id)
    if view.ended:  # by this opening, and whoever opens it may hold what a new epoch needs
        due.begin(vault, who.actor(), case_id)
    lawyers = handlers.offered(vault, LAWYER, case_id, view.wish) if view.may_assign else []
    return render_template(
        "staff/case.html",
        case=of_case(view, attached.states(vault, view.testimony)),
        lawyers=lawyers,
        handling=handling.look(vault, who.actor(), case_id, view.wish, view.agreed),
        deletion=deleting.look(vault, view.line, view.testimony),
        left=stopping.left(vault, case_id),
        kept=retaining.look(vault, view.line),
        reasons=REASONS,
        consent_items=ITEMS,
        own_id=who.actor().id,
        today=clock.day(),
        once=suite.random(16).hex(),
        begun=request.args.get("draft", ""),
        text_limit=vault.settings.staff.text_limit,
    )


@pages.post("/cases/<string(length=32):case_id>/give")
def give(case_id: str) -> ResponseReturnValue:
    """Give the case to a lawyer and, if one is named, a deputy."""
    form = _form()
    deputy = form.text("deputy") or None
    assign.give(who.vault(), who.actor(), case_id, form.text("lawyer"), deputy)
    return _done("give.done", url_for("lists.new"))


@pages.post("/cases/<string(length=32):case_id>/set-aside")
def set_aside(case_id: str) -> ResponseReturnValue:
    """Put a new account aside."""
    triage.set_aside(who.vault(), who.actor(), case_id)
    return _done("set_aside.done", url_for("lists.new"))


@pages.post("/cases/<string(length=32):case_id>/bring-back")
def bring_back(case_id: str) -> ResponseReturnValue:
    """Bring an account back among the new ones."""
    triage.bring_back(who.vault(), who.actor(), case_id)
    return _done("bring_back.done", url_for("lists.new"))


@pages.post("/cases/<string(length=32):case_id>/reply")
def reply(case_id: str) -> ResponseReturnValue:
    """Write into the witness's box."""
    form = _form()
    messages.reply(who.vault(), who.actor(), case_id, form.text("text"), _page(form))
    return _done("reply.done", url_for("cases.one", case_id=case_id))


@pages.post("/cases/<string(length=32):case_id>/keep")
def keep(case_id: str) -> ResponseReturnValue:
    """Stop a deletion that may have been forced."""
    _form()
    stopping.stop(who.vault(), who.actor(), case_id)
    return _done("deletion.done", url_for("cases.one", case_id=case_id))


@pages.post("/cases/<string(length=32):case_id>/note")
def note(case_id: str) -> ResponseReturnValue:
    """Write a note for those who handle the case."""
    form = _form()
    notes.write(who.vault(), who.actor(), case_id, form.text("html"), _page(form))
    return _done("note.done", url_for("cases.one", case_id=case_id))


@pages.post("/cases/<string(length=32):case_id>/consent/stop")
def stop(case_id: str) -> ResponseReturnValue:
    """Stop what the witness allowed and what does not count yet."""
    form = _form()
    said = form.getlist("record")
    consent.stop(who.vault(), who.actor(), case_id, form.text("item"), said)
    return _done("consent.stop_done", url_for("cases.one", case_id=case_id, _anchor="allowed"))


@pages.post("/cases/<string(length=32):case_id>/consent/note-read")
def note_read(case_id: str) -> ResponseReturnValue:
    """State that the legal note was read with the witness."""
    _form()
    consent.note_read(who.vault(), who.actor(), case_id)
    return _done("consent.note_done", url_for("cases.one", case_id=case_id, _anchor="allowed"))


@pages.post("/cases/<string(length=32):case_id>/label")
def mark(case_id: str) -> ResponseReturnValue:
    """Change the member's own label of the case, and whether it waits for them."""
    form = _form()
    waiting = form.text("waiting") == "yes"
    summaries.mark(who.vault(), who.actor(), case_id, form.text("label"), waiting=waiting)
    return _done("mark.done", url_for("cases.one", case_id=case_id))


def _page(form: Form) -> Page:
    return Page(form.text("once"), form.text("draft"))


def _form() -> Form:
    form = read_form(request)
    form.check()
    return form


def _done(said: str, address: str) -> ResponseReturnValue:
    flash(said)
    return redirect(address, 303)
