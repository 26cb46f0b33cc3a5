"""More, if one wishes: one page per module, each an addendum of its own.

No page shows or counts what was sent before. Sending goes on by redirection, so that Back shows an
empty page; whatever cannot be sent is shown again with all that was typed, also when the visit has
ended meanwhile: then the words are asked for on the same page.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.consent.items import is_asked
from vault.errors import InputError, NotFoundError, SessionEndedError, WitnessVaultError
from vault.forms.model import Field, Module
from vault.forms.model import Form as Asked
from vault.forms.reading import Fault, Reading, read
from vault.testimony import Outcome
from vault.web.intake import visit
from vault.web.intake.fields import Controls, sentence
from vault.web.intake.leave import forgetting
from vault.web.intake.services import services
from vault.web.intake.showing import problem
from vault.web.intake.visit import Visit
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import note

pages = Blueprint("more", __name__, template_folder="templates", url_prefix="/return")

_LEFT_OVER = "story"  # told on the first page: nobody is sent straight back to it


@dataclass(frozen=True)
class Sheet:
    """One page: of which form, which module, and what was typed into it."""

    form: Asked
    module: Module
    typed: Form


@pages.get("/more")
def choose() -> BaseResponse:
    """Offer every page, by its title and one line."""
    visiting = visit.current()
    wording = services().questions[words().language]
    offered = [
        (module.name, wording.module_title(module.id), wording.module_hint(module.id))
        for module in _offered(services().back.form(visiting.receipt))
    ]
    return visit.kept(render_template("more.html", offered=offered, sent=_sent()), visiting)


@pages.get("/more/<module>")
def page(module: str) -> BaseResponse:
    """Show a page, empty."""
    _check_known(module)
    visiting = visit.current()
    form = services().back.form(visiting.receipt)
    sheet = Sheet(form, _found(form, module), Form())
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
        return make_response(_refused(_sheet(module, typed, None), None, error)), note(error)
    sheet = _sheet(module, typed, visiting)
    return visit.kept_if_possible(_show(sheet, visiting, typed.text("send_id")), visiting)


@pages.post("/more/<module>")
def send(module: str) -> BaseResponse | tuple[BaseResponse, int]:
    """Send what was typed, and go on to the next page or end the visit."""
    _check_known(module)
    typed = read_form(request)
    visiting = None
    try:
        typed.check()
        visiting = visit.of(typed)
        form = services().back.form(visiting.receipt)
        sheet = Sheet(form, _found(form, module), typed)
        reading = _read(sheet)
        outcome = None if reading.faults else _add(visiting, reading, typed)
    except WitnessVaultError as error:
        shown = _refused(_sheet(module, typed, visiting), visiting, error)
        return visit.kept_if_possible(shown, visiting), note(error)
    if reading.faults:
        shown = _show(sheet, visiting, typed.text("send_id"), faults=reading.faults)
        return visit.kept_if_possible(shown, visiting), note(InputError())
    return _onward(sheet, visiting, outcome)


@pages.get("/done")
def done() -> BaseResponse:
    """Say what happens next, and that it is enough. Works with and without a visit."""
    visiting = visit.current_or_none()
    shown = render_template("done.html", visiting=visiting is not None, sent=_sent())
    return visit.kept_if_possible(shown, visiting)


def first(visiting: Visit) -> str:
    """Return the address of the page offered right after the story was told."""
    offered = _offered(services().back.form(visiting.receipt))
    name = next(module.name for module in offered if module.name != _LEFT_OVER)
    return url_for("more.page", module=name)


# --- which pages there are -----------------------------------------------------------------------


def _offered(form: Asked) -> list[Module]:
    """Return the pages of a form; of one that is not ready, those whose words are there."""
    wording = services().questions[words().language]
    return [
        module
        for module in form.pages
        if form.ready or all(wording.has_field(f.id) for top in module.asked for f in top.walk())
    ]


def _found(form: Asked, name: str) -> Module:
    found = next((module for module in _offered(form) if module.name == name), None)
    if found is None:
        raise NotFoundError("a page of another form")
    return found


def _check_known(name: str) -> None:
    """Raise NotFoundError for a page that no offered form has."""
    if not any(module.name == name for form in services().forms.ready for module in form.pages):
        raise NotFoundError


def _sheet(name: str, typed: Form, visiting: Visit | None) -> Sheet:
    """Return the page that was typed into, also when the box can no longer say its form.

    The hidden field only chooses which questions are shown again; what is sent is read with the
    form of the box.
    """
    forms = [form for form in services().forms.ready if any(m.name == name for m in form.pages)]
    stated = [form for form in forms if form.id == typed.text("form")]
    if visiting is not None:
        try:
            own = services().back.form(visiting.receipt)
            stated = [own] if any(module.name == name for module in _offered(own)) else stated
        except WitnessVaultError:
            pass  # a damaged box must not take the page with it
    form = (stated or forms)[0]
    return Sheet(form, next(m for m in form.pages if m.name == name), typed)


# --- sending -------------------------------------------------------------------------------------


def _read(sheet: Sheet) -> Reading:
    posted = sheet.typed.to_dict(flat=False)
    return read(sheet.module.fields, posted, services().settings.intake.story_limit)


def _add(visiting: Visit, reading: Reading, typed: Form) -> Outcome | None:
    if not reading.answers:
        return None
    return services().back.add(
        visiting.receipt, words().language, reading.answers, typed.text("send_id")
    )


def _onward(sheet: Sheet, visiting: Visit, outcome: Outcome | None) -> Response:
    sent = None if outcome is None else outcome.value
    if sheet.typed.text("then") == "stop":
        visit.end()
        return forgetting(url_for("more.done", sent=sent))
    following = _after(sheet)
    address = (
        url_for("more.done", sent=sent)
        if following is None
        else url_for("more.page", module=following.name, sent=sent)
    )
    return visit.kept_if_possible(redirect(address, 303, Response), visiting)


def _after(sheet: Sheet) -> Module | None:
    offered = _offered(sheet.form)
    at = [module.name for module in offered].index(sheet.module.name)
    return offered[at + 1] if at + 1 < len(offered) else None


# --- showing -------------------------------------------------------------------------------------


def _refused(sheet: Sheet, visiting: Visit | None, error: WitnessVaultError) -> str:
    if isinstance(error, SessionEndedError):
        trouble = words().text("more.closed")
    elif isinstance(error, NotFoundError):
        trouble = words().text("more.other_form")
    else:
        trouble = problem(error)
    return _show(sheet, visiting, sheet.typed.text("send_id"), trouble)


def _show(
    sheet: Sheet,
    visiting: Visit | None,
    send_id: str,
    trouble: str = "",
    faults: tuple[Fault, ...] = (),
) -> str:
    wording = services().questions[words().language]
    following = _after(sheet)
    module = sheet.module
    return render_template(
        "module.html",
        form_id=sheet.form.id,
        module=module,
        title=wording.module_title(module.id),
        hint=wording.module_hint(module.id),
        controls=Controls(sheet.typed, faults).of(_asked(sheet)),
        faults=[(fault.name, sentence(fault)) for fault in faults],
        typed=sheet.typed,
        send_id=send_id,
        problem=trouble,
        sent=_sent(),
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None or "receipt" in sheet.typed,
        onward=url_for("more.done")
        if following is None
        else url_for("more.page", module=following.name),
    )


def _asked(sheet: Sheet) -> list[Field]:
    return [one for one in sheet.module.asked if is_asked(sheet.form.id, one.id)]


def _sent() -> str:
    """Return what the page before says has become of what was sent; empty if nothing was."""
    outcome = request.args.get("sent", "")
    return outcome if outcome in {Outcome.NEW, Outcome.SAME} else ""
