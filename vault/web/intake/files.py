"""Photos, papers, recordings: chosen, sealed while they come, and sent once it is said how.

Only in an open visit, so whatever was told has arrived before, and a long upload risks no word. The
second page tells what each file betrays. It carries the keys in a field that only the agent opens;
what it never answers is swept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.errors import (
    BusyError,
    EmptyFileError,
    InputError,
    SessionEndedError,
    StorageError,
    TooLongError,
    WitnessVaultError,
)
from vault.packet.files import KINDS, READERS
from vault.testimony import attaching
from vault.testimony.attaching import BOTH, CLEANED, NOTHING, ORIGINAL, Came, Chosen
from vault.web.intake import visit
from vault.web.intake.leave import forgetting
from vault.web.intake.services import services
from vault.web.intake.showing import problem
from vault.web.intake.visit import Visit
from vault.web.shared import multipart
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, drain, read_form
from vault.web.shared.errors import note
from vault.web.shared.multipart import Part, read_parts

pages = Blueprint("files", __name__, template_folder="templates", url_prefix="/return/files")

CAME = "came"
STOP = "stop"
_ROOM = 64 * 1024  # of a request beside its files
_SHOWN_NAME = 60


@dataclass
class _Received:
    """What became of the parts of one request.

    Attributes:
        fields: that are no files.
        came: sealed.
        refused: name and sentence of each file that was not taken.
    """

    fields: dict[str, str] = field(default_factory=dict, repr=False)
    came: list[Came] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list, repr=False)

    @property
    def form(self) -> Form:
        """The fields as of any other form."""
        return Form(self.fields)


@pages.get("")
def choose() -> BaseResponse:
    """Offer to choose files."""
    visiting = visit.current()
    services().back.check(visiting.receipt)
    return visit.kept(_chooser(visiting), visiting)


@pages.post("")
def receive() -> BaseResponse | tuple[BaseResponse, int]:
    """Seal files while they come, and tell what each of them betrays."""
    got, visiting = _Received(), None
    try:
        if request.mimetype != multipart.TYPE:
            visiting = visit.current()  # whoever is in no visit learns that first
        with _reading(), services().uploads.place():
            for part in read_parts(request):
                if part.filename is None:
                    got.fields[part.name] = part.text()
                    continue
                if visiting is None:
                    visiting = visit.of(got.form)
                    services().back.check(visiting.receipt)
                _take(part, got)
        if not got.came and not got.refused:
            raise InputError("no file was chosen")
    except WitnessVaultError as error:
        shown = _chooser(visiting, got, _sentence(error))
        return visit.kept_if_possible(shown, visiting), note(error)
    if not got.came:
        return visit.kept_if_possible(_chooser(visiting, got), visiting), note(InputError())
    sealed = attaching.seal(services().agent, got.came)
    shown = _told(visiting, got.came, Form({CAME: sealed}), refused=got.refused)
    return visit.kept_if_possible(shown, visiting)


@pages.post("/again")
def again() -> BaseResponse:
    """Show the second page again in the chosen language. Nothing is sent."""
    typed = read_form(request)
    visiting = visit.current_or_none()
    if visiting is not None and not visiting.allows(typed.text("token")):
        raise SessionEndedError
    return visit.kept_if_possible(_told(visiting, _came(typed), typed), visiting)


@pages.post("/send")
def send() -> BaseResponse | tuple[BaseResponse, int]:
    """Send what was chosen of the files; the same page again changes nothing."""
    typed, visiting = read_form(request), None
    came = _came(typed)
    try:
        typed.check()
        visiting = visit.of(typed)
        services().back.check(visiting.receipt)
        chosen = [_chosen(typed, place) for place, _ in enumerate(came)]
        beside = attaching.made(services().uploads, services().looks, came, chosen)
        sent = None
        if beside.files:
            language, send_id = words().language, typed.text("send_id")
            sent = services().back.attach(visiting.receipt, language, beside, send_id).value
    except WitnessVaultError as error:
        shown = _told(visiting, came, typed, _sentence(error))
        return visit.kept_if_possible(shown, visiting), note(error)
    if typed.text("then") == STOP:
        visit.end()
        return forgetting(url_for("more.done", sent=sent))
    onward = redirect(url_for("files.choose", sent=sent), 303, Response)
    return visit.kept_if_possible(onward, visiting)


# --- receiving -----------------------------------------------------------------------------------


@contextmanager
def _reading() -> Iterator[None]:
    """Let this request be as long as its files may be; refused, it is read to a page all the same.

    Raises:
        TooLongError: more than all files together may have; nothing of it was read.
    """
    bounds = services().settings.uploads
    most = bounds.count * bounds.size_limit + _ROOM
    request.max_content_length = most
    try:
        if (request.content_length or 0) > most:
            raise TooLongError("files")
        yield
    except WitnessVaultError:
        drain(request)
        raise


def _take(part: Part, got: _Received) -> None:
    """Seal one file, or say why it is not taken and read past it."""
    assert part.filename is not None
    name = part.filename[-_SHOWN_NAME:] or "?"
    bounds = services().settings.uploads
    if len(got.came) >= bounds.count:
        got.refused.append((name, words().text("files.many", n=bounds.count)))
        return
    most = (bounds.size_limit, bounds.looked_at)
    try:
        took = attaching.receive(
            services().uploads, services().looks, (part.filename, part.chunks), most
        )
    except TooLongError:
        limit = bounds.size_limit // 1024**2
        got.refused.append((name, words().text("files.too_large", limit=limit)))
    except (EmptyFileError, StorageError) as error:
        if part.filename:  # a browser sends an empty one without a name where nothing was chosen
            got.refused.append((name, words().sentence(error)))
    else:
        got.came.append(took)


# --- sending -------------------------------------------------------------------------------------


def _came(typed: Form) -> list[Came]:
    valid = services().settings.intake.send_valid
    return attaching.opened(services().agent, typed.text(CAME), valid)


def _chosen(typed: Form, place: int) -> Chosen:
    return Chosen(
        keep=typed.text(f"keep-{place}"),
        kind=typed.text(f"kind-{place}"),
        may_see=typed.text(f"see-{place}"),
        case_file=typed.text(f"case-{place}") == "yes",
    )


# --- showing -------------------------------------------------------------------------------------


def _sentence(error: WitnessVaultError) -> str:
    if isinstance(error, SessionEndedError):
        return words().text("files.closed")
    if isinstance(error, BusyError):
        return words().text("files.busy")
    if isinstance(error, TooLongError):
        bounds = services().settings.uploads
        limit = bounds.count * bounds.size_limit // 1024**2
        return words().text("files.too_large", limit=limit)
    if isinstance(error, InputError) and type(error) is InputError:
        return words().text("files.nothing")
    return problem(error)


def _chooser(visiting: Visit | None, got: _Received | None = None, trouble: str = "") -> str:
    bounds = services().settings.uploads
    got = got or _Received()
    return render_template(
        "files.html",
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None,
        typed=got.form,
        refused=got.refused,
        problem=trouble,
        count=bounds.count,
        limit=bounds.size_limit // 1024**2,
        sent=_sent(),
    )


def _told(
    visiting: Visit | None,
    came: list[Came],
    typed: Form,
    trouble: str = "",
    refused: list[tuple[str, str]] | None = None,
) -> str:
    return render_template(
        "files_told.html",
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None or "receipt" in typed,
        typed=typed,
        send_id=typed.text("send_id") or services().back.new_send_id(),
        came=[(one, _shown(typed, place, one)) for place, one in enumerate(came)],
        refused=refused or [],
        problem=trouble,
        kinds=KINDS,
        readers=READERS,
    )


def _shown(typed: Form, place: int, one: Came) -> dict[str, object]:
    """Return the controls of one file: what can be kept of it, and what stands chosen."""
    keeps = (BOTH, ORIGINAL, CLEANED, NOTHING) if one.cleans else (ORIGINAL, NOTHING)
    kind = "other" if one.type == attaching.UNKNOWN else "paper" if "pdf" in one.type else "other"
    return {
        "place": place,
        "keeps": keeps,
        "keep": typed.text(f"keep-{place}") or keeps[0],
        "kind": typed.text(f"kind-{place}") or kind,
        "see": typed.text(f"see-{place}") or READERS[0],
        "case": typed.text(f"case-{place}") == "yes",
    }


def _sent() -> str:
    sent = request.args.get("sent", "")
    return sent if sent in {"new", "same"} else ""
