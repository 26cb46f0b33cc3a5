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
    CannotBeShownError,
    EmptyFileError,
    InputError,
    SessionEndedError,
    StorageError,
    TooLongError,
    WitnessVaultError,
)
from vault.packet.files import KINDS, READERS
from vault.safe.labels import OTHER, PLACE
from vault.testimony import attaching
from vault.testimony.attaching import BOTH, CLEANED, KEEPS, NOTHING, ORIGINAL, Came, Chosen
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
STOP, AS_ALL = "stop", "all"
_ROOM = 64 * 1024  # of a request beside its files
_SHOWN_NAME = 60
_OTHER = "other"
_IN_SHORT = 2  # values of one kind, on one line


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
        chosen = [_chosen(typed, place, one) for place, one in enumerate(came)]
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


def _chosen(typed: Form, place: int, one: Came) -> Chosen:
    keep = _said(typed, "keep", place)
    if keep == BOTH and not one.cleans and typed.text(f"keep-{place}") == AS_ALL:
        keep = ORIGINAL  # whoever sends both sends the original, and of this there is no copy
    return Chosen(
        keep=keep,
        kind=_said(typed, "kind", place),
        may_see=_said(typed, "see", place),
        case_file="yes" in {typed.text(f"case-{place}"), typed.text("case")},
    )


def _said(typed: Form, name: str, place: int) -> str:
    """Return what was chosen of one file; what stands above all of them, where it is as all."""
    own = typed.text(f"{name}-{place}")
    return typed.text(name) if own == AS_ALL else own


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
    if isinstance(error, CannotBeShownError):
        return words().text("files.no_copy")
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
        came=[
            (one, _shown(typed, place, one, many=len(came) > 1)) for place, one in enumerate(came)
        ],
        refused=refused or [],
        problem=trouble,
        every=_every(typed, came) if len(came) > 1 else None,
        kinds=KINDS,
        readers=READERS,
    )


def _every(typed: Form, came: list[Came]) -> dict[str, object]:
    """Return the controls of what is chosen of all files at once."""
    keeps = KEEPS if any(one.cleans for one in came) else (ORIGINAL, NOTHING)
    return {
        "keeps": tuple(keep for keep in keeps if keep != NOTHING),
        "wrong": False,
        "keep": typed.text("keep") or keeps[0],
        "kind": typed.text("kind") or _OTHER,
        "see": typed.text("see") or READERS[0],
        "case": typed.text("case") == "yes",
    }


def _shown(typed: Form, place: int, one: Came, *, many: bool) -> dict[str, object]:
    """Return the controls of one file: what can be kept of it, and what stands chosen."""
    keeps = KEEPS if one.cleans else (ORIGINAL, NOTHING)
    kind = "paper" if "pdf" in one.type else AS_ALL if many else _OTHER
    own = {
        "keep": typed.text(f"keep-{place}") or (AS_ALL if many else keeps[0]),
        "kind": typed.text(f"kind-{place}") or kind,
        "see": typed.text(f"see-{place}") or (AS_ALL if many else READERS[0]),
    }
    wrong = _said(typed, "keep", place) == CLEANED and not one.cleans
    return {
        **own,
        "place": place,
        "all": (AS_ALL,) if many else (),
        "keeps": keeps,
        "case": typed.text(f"case-{place}") == "yes",
        "wrong": wrong,
        "open": wrong or any(typed.text(f"{name}-{place}") not in {"", AS_ALL} for name in own),
        "found": _in_short(one),
    }


def _in_short(one: Came) -> list[tuple[str, str]]:
    """Return what a file betrays in a few words: one line for each kind of thing."""
    found: dict[str, list[str]] = {}
    for category, _, value in one.facts:
        if value not in found.setdefault(category, []):
            found[category].append(value)
    # The first line of a place is the whole of it; what follows is how a camera spells it.
    most = {PLACE: 1}
    return [
        (category, ", ".join(values[: most.get(category, _IN_SHORT)]))
        for category, values in found.items()
        if category != OTHER
    ]


def _sent() -> str:
    sent = request.args.get("sent", "")
    return sent if sent in {"new", "same"} else ""
