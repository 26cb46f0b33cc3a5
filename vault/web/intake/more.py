"""More, if one wishes: one page per module, each an addendum of its own.

Which pages there are never depends on the box: whoever forces words out of somebody must not learn
from them what was told. Everybody is offered the pages of the form for what happened since, and
below them the other forms; `form` in the address says whose pages are looked through.

No page shows or counts what was sent before. Sending goes on by redirection, so that Back shows an
empty page; whatever cannot be sent is shown again with all that was typed, also when the visit has
ended meanwhile: then the words are asked for on the same page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.consent.items import is_asked
from vault.errors import InputError, NotFoundError, SessionEndedError, WitnessVaultError
from vault.forms.model import Field, Module
from vault.forms.model import Form as Asked
from vault.forms.reading import Fault, Reading, read
from vault.forms.wording import Wording
from vault.testimony import FOLLOWUP, Outcome
from vault.web.intake import naming, visit
from vault.web.intake.fields import Controls, sentence
from vault.web.intake.leave import forgetting
from vault.web.intake.services import services
from vault.web.intake.showing import problem
from vault.web.intake.visit import Visit
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import note

pages = Blueprint("more", __name__, template_folder="templates", url_prefix="/return")

ON, STOP = "on", "stop"  # where sending goes on to
_CHILD = "child"  # whom nobody asks for pictures
_LEFT_OVER = "story"  # told on the first page: nobody is sent straight back to it


@dataclass(frozen=True)
class Sheet:
    """One page: of which form, which module, and what was typed into it."""

    form: Asked
    module: Module
    typed: Form


@pages.get("/more")
def choose() -> BaseResponse:
    """Offer every page of a form, by its title and one line, and the other forms."""
    visiting = visit.current()
    services().back.check(visiting.receipt)
    form = _stated(request.args.get("form", ""), services().forms.ready)
    wording = _wording(form)
    shown = render_template(
        "more.html",
        since=form.id == FOLLOWUP,
        files=form.id != _CHILD,
        name=wording.form_name(form.id),
        offered=[
            (_address(form, one), wording.module_title(one.id), wording.module_hint(one.id))
            for one in form.pages
        ],
        others=[
            (url_for("more.choose", form=one.id), wording.form_name(one.id))
            for one in services().forms.ready
            if one.id not in {FOLLOWUP, form.id}
        ],
        sent=_sent(),
    )
    return visit.kept(shown, visiting)


@pages.get("/more/<module>")
def page(module: str) -> BaseResponse:
    """Show a page, empty; of a form that has it, never that of another in its place."""
    _check_known(module)
    stated = [one for one in services().forms.ready if one.id == request.args.get("form")]
    if any(one not in _with(module) for one in stated):
        raise NotFoundError
    visiting = visit.current()
    services().back.check(visiting.receipt)
    sheet = _sheet(module, Form(), request.args.get("form", ""))
    return visit.kept(_show(sheet, visiting, services().back.new_send_id()), visiting)


@pages.post("/more/<module>/again")
def again(module: str) -> BaseResponse | tuple[BaseResponse, int]:
    """Show a page again, in the chosen language or with one more entry. Nothing is sent.

    A form of another visit gets no token of this one: it is one press away from being sent.
    """
    _check_known(module)
    typed = read_form(request)
    visiting = visit.current_or_none()
    if visiting is not None and not visiting.allows(typed.text("token")):
        error = SessionEndedError()
        return make_response(_refused(_sheet(module, typed), None, error)), note(error)
    sheet = _sheet(module, typed)
    return visit.kept_if_possible(_show(sheet, visiting, typed.text("send_id")), visiting)


@pages.post("/more/<module>")
def send(module: str) -> BaseResponse | tuple[BaseResponse, int]:
    """Send what was typed, and go on to the next page or end the visit."""
    _check_known(module)
    typed = read_form(request)
    sheet, visiting = _sheet(module, typed), None
    try:
        typed.check()
        visiting = visit.of(typed)
        reading = _read(sheet)
        hinted = not reading.faults and naming.is_new(sheet.form.by_id, typed)
        outcome = None
        if reading.answers and not reading.faults and not hinted:
            outcome = _add(visiting, reading, sheet)
        else:  # sending would look into the box by itself
            services().back.check(visiting.receipt)
    except WitnessVaultError as error:
        shown = _refused(sheet, visiting, error)
        return visit.kept_if_possible(shown, visiting), note(error)
    if hinted:
        shown = _show(sheet, visiting, typed.text("send_id"), naming_now=True)
        return visit.kept_if_possible(shown, visiting)
    if reading.faults:
        shown = _show(sheet, visiting, typed.text("send_id"), faults=reading.faults)
        return visit.kept_if_possible(shown, visiting), note(InputError())
    return _onward(sheet, visiting, outcome, reading.answers)


@pages.get("/done")
def done() -> BaseResponse:
    """Say what happens next, and that it is enough. Works with and without a visit."""
    visiting = visit.current_or_none()
    shown = render_template("done.html", visiting=visiting is not None, sent=_sent())
    return visit.kept_if_possible(shown, visiting)


def first(form_id: str) -> str:
    """Return the address of the page offered right after the story was told with a form."""
    form = _stated(form_id, services().forms.ready)
    return _address(form, next(one for one in form.pages if one.name != _LEFT_OVER))


# --- which pages there are -----------------------------------------------------------------------


def _check_known(name: str) -> None:
    """Raise NotFoundError for a page that no offered form has."""
    if not _with(name):
        raise NotFoundError


def _with(name: str) -> list[Asked]:
    """Return the offered forms that have a page."""
    return [form for form in services().forms.ready if any(m.name == name for m in form.pages)]


def _stated(form_id: str, forms: Sequence[Asked]) -> Asked:
    """Return the form of that id; if it is none of these, that for what happened since, or any."""
    by_id = {form.id: form for form in forms}
    return by_id.get(form_id) or by_id.get(FOLLOWUP) or forms[0]


def _sheet(name: str, typed: Form, form_id: str = "") -> Sheet:
    """Return a page of the form that its hidden field, or the address, states."""
    form = _stated(typed.text("form") or form_id, _with(name))
    return Sheet(form, next(one for one in form.pages if one.name == name), typed)


def _address(form: Asked, module: Module | None, sent: str | None = None) -> str:
    """Return the address of a page of a form; after the last one, of the end."""
    if module is None:
        return url_for("more.done", sent=sent)
    return url_for("more.page", module=module.name, form=_named(form), sent=sent)


def _named(form: Asked) -> str | None:
    """Return how an address names a form: not at all what everybody is offered."""
    return None if form.id == FOLLOWUP else form.id


# --- sending -------------------------------------------------------------------------------------


def _read(sheet: Sheet) -> Reading:
    posted = sheet.typed.to_dict(flat=False)
    return read(sheet.module.fields, posted, services().settings.intake.story_limit)


def _add(visiting: Visit, reading: Reading, sheet: Sheet) -> Outcome:
    send_id = sheet.typed.text("send_id")
    return services().back.add(
        visiting.receipt, words().language, reading.answers, send_id, sheet.form.id
    )


def _onward(
    sheet: Sheet, visiting: Visit, outcome: Outcome | None, answers: Mapping[str, Any]
) -> Response:
    sent = None if outcome is None else outcome.value
    if sheet.typed.text("then") == STOP:
        visit.end()
        return forgetting(url_for("more.done", sent=sent))
    address = _address(sheet.form, sheet.form.after(sheet.module, answers), sent)
    return visit.kept_if_possible(redirect(address, 303, Response), visiting)


# --- showing -------------------------------------------------------------------------------------


def _refused(sheet: Sheet, visiting: Visit | None, error: WitnessVaultError) -> str:
    ended = isinstance(error, SessionEndedError)
    trouble = words().text("more.closed") if ended else problem(error)
    return _show(sheet, visiting, sheet.typed.text("send_id"), trouble)


def _show(
    sheet: Sheet,
    visiting: Visit | None,
    send_id: str,
    trouble: str = "",
    faults: tuple[Fault, ...] = (),
    *,
    naming_now: bool = False,
) -> str:
    wording = _wording(sheet.form)
    module = sheet.module
    return render_template(
        "module.html",
        form_id=sheet.form.id,
        module=module,
        title=wording.module_title(module.id),
        hint=wording.module_hint(module.id),
        controls=Controls(wording, sheet.typed, faults).of(_asked(sheet)),
        named=_telling(sheet, now=naming_now),
        then=STOP if sheet.typed.text("then") == STOP else ON,
        faults=[
            (fault.name, wording.label(_question(sheet.form, fault.name)), sentence(fault))
            for fault in faults
        ],
        typed=sheet.typed,
        send_id=send_id,
        problem=trouble,
        sent=_sent(),
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None or "receipt" in sheet.typed,
        onward=_address(sheet.form, sheet.form.after(module, {})),
        again=url_for("more.again", module=module.name),
        every=url_for("more.choose", form=_named(sheet.form)),
    )


def _question(form: Asked, name: str) -> str:
    """Return the id of the question to which an input of a page belongs."""
    parts = [part for part in name.split(".") if not part.isdigit()]
    while parts[1:] and ".".join(parts) not in form.by_id:
        parts.pop()
    return ".".join(parts)


def _telling(sheet: Sheet, *, now: bool) -> tuple[str, ...]:
    shown = now or sheet.typed.text(naming.SEEN)
    return naming.of(sheet.form.by_id, sheet.typed) if shown else ()


def _wording(form: Asked) -> Wording:
    return services().questions[words().language].of(form)


def _asked(sheet: Sheet) -> list[Field]:
    return [one for one in sheet.module.asked if is_asked(sheet.form.id, one.id)]


def _sent() -> str:
    """Return what the page before says has become of what was sent; empty if nothing was."""
    outcome = request.args.get("sent", "")
    return outcome if outcome in {Outcome.NEW, Outcome.SAME} else ""
