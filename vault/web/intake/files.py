"""Photos, papers, recordings: chosen, sealed while they come, and sent once it is said how.

Only in an open visit, so whatever was told has arrived before, and a long upload risks no word. The
second page tells what each file betrays. It carries the keys in a field that only the agent opens;
what it never answers is swept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from vault.errors import (
    EmptyFileError,
    InputError,
    NoRoomError,
    SessionEndedError,
    StorageError,
    TooLongError,
    WitnessVaultError,
)
from vault.letterbox.uploads import COPYING
from vault.testimony import Outcome, attaching
from vault.testimony.came import Came, opened, seal
from vault.testimony.chosen import BOTH, CLEANED, ORIGINAL, Chosen, made
from vault.web.intake import visit
from vault.web.intake.files_shown import AS_ALL, amount, chooser, said, sentence, told
from vault.web.intake.leave import forgetting
from vault.web.intake.services import services
from vault.web.intake.visit import Visit
from vault.web.shared import multipart
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, drain, read_form
from vault.web.shared.errors import note
from vault.web.shared.multipart import Part, read_parts

pages = Blueprint("files", __name__, template_folder="templates", url_prefix="/return/files")

CAME, STOP, NONE = "came", "stop", "none"
_ROOM = 64 * 1024  # of a request beside its files
_SHOWN_NAME = 60


@dataclass
class _Received:
    """What became of the parts of one request.

    Attributes:
        fields: that are no files.
        came: sealed.
        refused: name and sentence of each file that was not taken.
        trouble: what is said once, of all of them.
    """

    fields: dict[str, str] = field(default_factory=dict, repr=False)
    came: list[Came] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list, repr=False)
    trouble: str = ""

    @property
    def form(self) -> Form:
        """The fields as of any other form."""
        return Form(self.fields)


@pages.get("")
def choose() -> BaseResponse:
    """Offer to choose files."""
    visiting = visit.current()
    services().back.check(visiting.receipt)
    return visit.kept(chooser(visiting, Form(), sent=_sent()), visiting)


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
        got.trouble = _trouble(error, got)
        return visit.kept_if_possible(_received(visiting, got), visiting), note(error)
    answer = visit.kept_if_possible(_received(visiting, got), visiting)
    return answer if got.came else (answer, note(InputError()))


@pages.post("/again")
def again() -> BaseResponse | tuple[BaseResponse, int]:
    """Show the second page again in the chosen language. Nothing is sent."""
    typed = read_form(request)
    visiting = visit.current_or_none()
    if visiting is not None and not visiting.allows(typed.text("token")):
        raise SessionEndedError
    try:
        came = _came(typed)
    except SessionEndedError as error:
        return _over(error)
    return visit.kept_if_possible(told(visiting, came, typed), visiting)


@pages.post("/send")
def send() -> BaseResponse | tuple[BaseResponse, int]:
    """Send what was chosen of the files; the same page again changes nothing."""
    typed, visiting = read_form(request), None
    try:
        came = _came(typed)
    except SessionEndedError as error:
        return _over(error)
    try:
        typed.check()
        visiting = visit.of(typed)
        services().back.check(visiting.receipt)
        chosen = [_chosen(typed, place, one) for place, one in enumerate(came)]
        with _copying(chosen):
            beside = made(services().uploads, services().looks, came, chosen)
        sent = NONE
        if beside.files:
            language, send_id = words().language, typed.text("send_id")
            sent = services().back.attach(visiting.receipt, language, beside, send_id).value
    except WitnessVaultError as error:
        shown = told(visiting, came, typed, sentence(error, came=True))
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


def _received(visiting: Visit | None, got: _Received) -> str:
    """Return the page after a request; what came waits, also of a request that was cut off."""
    if not got.came:
        return chooser(visiting, got.form, got.trouble, got.refused)
    held = Form({CAME: seal(services().agent, got.came)})
    return told(visiting, got.came, held, got.trouble, got.refused)


def _trouble(error: WitnessVaultError, got: _Received) -> str:
    if type(error) is InputError:  # cut off, or nothing in it
        return words().text("files.cut" if got.came else "files.nothing")
    if isinstance(error, TooLongError) and len(got.came) >= services().settings.uploads.count:
        return ""  # of more than can be counted: what was not taken is named
    return sentence(error, came=bool(got.came))


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
        limit = amount(bounds.size_limit)
        got.refused.append((name, words().text("files.too_large", limit=limit)))
    except NoRoomError as error:
        got.refused.append((name, words().text("files.no_room")))
        got.trouble = words().sentence(error)
    except (EmptyFileError, StorageError) as error:
        if part.filename:  # a browser sends an empty one without a name where nothing was chosen
            got.refused.append((name, words().sentence(error)))
    else:
        got.came.append(took)


# --- sending -------------------------------------------------------------------------------------


def _came(typed: Form) -> list[Came]:
    valid = services().settings.intake.send_valid
    return opened(services().agent, typed.text(CAME), valid)


def _over(error: SessionEndedError) -> tuple[BaseResponse, int]:
    """Return the first page for files whose keys the second does not hold any more."""
    visiting = visit.current_or_none()
    shown = chooser(visiting, Form(), words().text("files.over"))
    return visit.kept_if_possible(shown, visiting), note(error)


def _chosen(typed: Form, place: int, one: Came) -> Chosen:
    keep = said(typed, "keep", place)
    if keep == BOTH and not one.cleans and typed.text(f"keep-{place}") == AS_ALL:
        keep = ORIGINAL  # whoever sends both sends the original, and of this there is no copy
    return Chosen(
        keep=keep,
        kind=said(typed, "kind", place),
        may_see=said(typed, "see", place),
        case_file="yes" in {typed.text(f"case-{place}"), typed.text("case")},
    )


def _copying(chosen: list[Chosen]) -> AbstractContextManager[None]:
    """Take a place where copies are to be made: that may last, and words need threads meanwhile."""
    wanted = any(one.keep in {BOTH, CLEANED} for one in chosen)
    return services().uploads.place(COPYING) if wanted else nullcontext()


def _sent() -> str:
    """Return what the page before says has become of the files; empty if it says nothing."""
    sent = request.args.get("sent", "")
    return sent if sent in {Outcome.NEW, Outcome.SAME, NONE} else ""
