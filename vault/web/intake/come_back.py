"""Coming back with the twelve words: open the box, see it, add something, leave it."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.crypto.receipt import Receipt
from vault.errors import (
    AgentError,
    InputError,
    NotFoundError,
    SessionEndedError,
    WitnessVaultError,
)
from vault.web.intake.leave import leaving
from vault.web.intake.services import services
from vault.web.intake.showing import most_characters, problem
from vault.web.intake.visit import ReturnSession, Visit
from vault.web.shared.application import words as wording
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import note

# Only the story has a page of its own yet.
MODULES = ("story",)

pages = Blueprint("back", __name__, template_folder="templates", url_prefix="/return")


@pages.get("")
def words() -> str:
    """Ask for the words."""
    return render_template("return.html", typed=Form(), problem="")


@pages.post("")
def open() -> BaseResponse | tuple[str, int]:  # noqa: A001 - the page's name in addresses of templates
    """Open the box with typed words, or right after sending with the page's send_id."""
    typed = read_form(request)
    try:
        visit = _session().begin(_receipt(typed))
        return _kept(redirect(url_for("back.box"), 303, Response), visit)
    except WitnessVaultError as error:
        page = render_template("return.html", typed=typed, problem=problem(error))
        return page, note(error)


@pages.get("/box")
def box() -> BaseResponse:
    """Show the box."""
    visit = _session().read(request)
    page = render_template("box.html", box=services().back.open(visit.receipt), token=visit.token)
    return _kept(page, visit)


@pages.post("/allow")
def allow() -> BaseResponse:
    """Allow reading, and show the box again; allowing twice changes nothing."""
    visit = _visit_of(read_form(request))
    services().back.allow(visit.receipt)
    return _kept(redirect(url_for("back.box"), 303, Response), visit)


@pages.get("/more/<module>")
def more(module: str) -> BaseResponse:
    """Offer to add something."""
    _check_module(module)
    visit = _session().read(request)
    return _kept(_more_page(Form(), services().back.new_send_id(), visit), visit)


@pages.post("/more/<module>")
def add(module: str) -> BaseResponse | tuple[str, int]:
    """Add it. If the box has closed meanwhile, the words are asked for and the text stays."""
    _check_module(module)
    typed = read_form(request)
    visit = None
    try:
        visit = _visit_of(typed)
        outcome = _add(visit, typed)
    except WitnessVaultError as error:
        return _refused(typed, visit, error), note(error)
    return _kept(render_template("added.html", outcome=outcome), visit)


@pages.get("/leave")
def leave() -> Response:
    """End the visit and leave at once, even if the agent does not answer."""
    try:
        session = _session()
        session.end(session.read(request))
    except (SessionEndedError, AgentError):
        pass
    return leaving()


def _session() -> ReturnSession:
    return ReturnSession(services())


def _kept(page: str | BaseResponse, visit: Visit) -> Response:
    response = make_response(page)
    _session().keep(response, visit)
    return response


def _check_module(module: str) -> None:
    if module not in MODULES:
        raise NotFoundError


def _receipt(typed: Form) -> Receipt:
    typed.check()
    if "send_id" in typed and "receipt" not in typed:
        receipt = services().tell.receipt_of(typed.text("send_id"))
        if receipt is None:
            raise SessionEndedError
        return receipt
    return Receipt.from_text(typed.text("receipt"))


def _visit_of(typed: Form) -> Visit:
    """Return the visit a form belongs to; words typed into the form itself begin a new one."""
    if "receipt" in typed:
        return _session().begin(Receipt.from_text(typed.text("receipt")))
    visit = _session().read(request)
    if not visit.allows(typed.text("token")):
        raise SessionEndedError
    return visit


def _add(visit: Visit, typed: Form) -> str:
    typed.check()
    story = typed.text("story")
    if not story.strip():
        raise InputError("empty")
    answers = {"story": story}
    return (
        services().back.add(visit.receipt, wording().language, answers, typed.text("send_id")).value
    )


def _refused(typed: Form, visit: Visit | None, error: WitnessVaultError) -> str:
    if isinstance(error, SessionEndedError):
        text = wording().text("more.closed")
    elif type(error) is InputError and not typed.text("story").strip():
        text = wording().text("more.empty")
    else:
        text = problem(error, typed.text("story"), services().settings.intake.story_limit)
    return _more_page(typed, typed.text("send_id"), visit, text)


def _more_page(typed: Form, send_id: str, visit: Visit | None, trouble: str = "") -> str:
    return render_template(
        "more.html",
        typed=typed,
        send_id=send_id,
        problem=trouble,
        token="" if visit is None else visit.token,
        ask_words=visit is None or "receipt" in typed,
        field="receipt" if visit is None else "story",
        most=most_characters(services().settings.intake.request_limit),
    )
