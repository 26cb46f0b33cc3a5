"""How long a case is kept: its end, and a hold; each is asked once more before it is done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.cases.ending import retaining
from vault.cases.model import code_of
from vault.web.inside import who
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("retention", __name__)

_CASE = "/cases/<string(length=32):case_id>"


@pages.post(f"{_CASE}/end")
def end(case_id: str) -> ResponseReturnValue:
    """Set from which day on the case is erased by itself."""
    form = _form()
    place, day = (who.vault(), who.actor(), case_id), form.text("until")
    if form.text("sure") != "yes":
        retaining.checked_end(*place, day)
        return _sure("end", case_id, form)
    retaining.set_end(*place, day)
    return _done("retention.end_done", case_id)


@pages.post(f"{_CASE}/hold")
def hold(case_id: str) -> ResponseReturnValue:
    """Hold the case until a day, whatever its end."""
    form = _form()
    place = who.vault(), who.actor(), case_id
    asked = form.text("until"), form.text("reason")
    if form.text("sure") != "yes":
        retaining.checked_hold(*place, *asked)
        return _sure("hold", case_id, form)
    retaining.set_hold(*place, *asked)
    return _done("retention.hold_done", case_id)


@pages.post(f"{_CASE}/free")
def free(case_id: str) -> ResponseReturnValue:
    """Take the hold away."""
    form = _form()
    place = who.vault(), who.actor(), case_id
    if form.text("sure") != "yes":
        retaining.checked_free(*place)
        return _sure("free", case_id, form)
    retaining.free(*place)
    return _done("retention.free_done", case_id)


def _sure(action: str, case_id: str, form: Form) -> ResponseReturnValue:
    """Return the page that asks once more."""
    return render_template(
        "staff/sure.html",
        action=action,
        address=request.path,
        back=url_for("cases.one", case_id=case_id, _anchor="kept"),
        fields=[(name, form.text(name)) for name in ("until", "reason") if form.text(name)],
        day=form.text("until"),
        code=code_of(case_id),
    )


def _done(said: str, case_id: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("cases.one", case_id=case_id, _anchor="kept"), 303)


def _form() -> Form:
    form = read_form(request)
    form.check()
    return form
