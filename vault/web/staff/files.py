"""One file of a case: looked at in a picture made anew, or given out to be saved, never as sent.

Every look and every download is an entry before the file opens. What is not a picture or a paper,
or cannot be made anew, is only given out, after a warning.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from vault.cases.reveal import attached
from vault.cases.reveal.attached import OpenedFile
from vault.errors import BusyError, CannotBeShownError
from vault.members.people import names
from vault.packet.files import Attachment
from vault.safe.findings import Findings
from vault.safe.process import SafeProcess
from vault.web.inside import who
from vault.web.shared import headers
from vault.web.shared.decoding import read_form

pages = Blueprint("files", __name__)

_ADDRESS = "/cases/<string(length=32):case_id>/files/<string(length=32):file_id>"
TURNS, SIZES = (0, 90, 180, 270), (800, 1600, 3200)
_ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/heic": "heic",
    "image/avif": "avif",
}


@dataclass(frozen=True)
class Shown:
    """What a page shows of a file.

    Args:
        found: what it betrays; None: it cannot be looked into.
        picture: the page that was asked for, as the address of an image; empty: cannot be shown.
        page: from 0.
        turn: clockwise.
        size: of the longer side, in pixels.
    """

    found: Findings | None = field(repr=False)
    picture: str = field(repr=False)
    page: int
    turn: int
    size: int


@pages.get(_ADDRESS)
def one(case_id: str, file_id: str) -> str:
    """Show a file: a picture made anew, its metadata as a table, and who saw it before."""
    vault = who.vault()
    opened = attached.open_file(vault, who.actor(), case_id, file_id, attached.SHOWN)
    headers.give(headers.WITH_PICTURE)
    return render_template(
        "staff/file.html",
        case_id=case_id,
        file=opened.attachment,
        record=opened.record,
        stored=opened.stored,
        seen=opened.seen,
        people=names(vault),
        shown=_look(opened),
        turns=TURNS,
        sizes=SIZES,
        sha256=opened.attachment.sha256.hex(),
    )


@pages.post(f"{_ADDRESS}/download")
def download(case_id: str, file_id: str) -> ResponseReturnValue:
    """Give a file out as it was sent, to be saved; it is never opened in this origin."""
    read_form(request).check()
    vault, actor = who.vault(), who.actor()
    opened = attached.open_file(vault, actor, case_id, file_id, attached.GIVEN)
    headers.give(headers.DOWNLOAD)
    named = f'attachment; filename="{_saved_name(opened.attachment)}"'
    given = {"Content-Disposition": named, "Content-Length": str(opened.attachment.size)}
    return Response(opened.pieces(), content_type="application/octet-stream", headers=given)


def _saved_name(file: Attachment) -> str:
    """Return a name that says nothing of anybody: what a sender typed would lie on a disk."""
    return f"file-{file.id[:8]}.{_ENDINGS.get(file.type, 'bin')}"


def _look(opened: OpenedFile) -> Shown:
    page = request.args.get("page", 0, int)
    turn = _one_of(TURNS, request.args.get("turn", 0, int))
    size = _one_of(SIZES, request.args.get("size", SIZES[0], int))
    limit = who.vault().settings.files.looked_at
    if opened.attachment.size > limit or opened.attachment.type not in _ENDINGS:
        return Shown(None, "", page, turn, size)
    data, looks = b"".join(opened.pieces()), _safe()
    try:
        found = looks.inspect(data)
    except (BusyError, CannotBeShownError):
        return Shown(None, "", page, turn, size)
    try:
        copy = looks.show(data, page=page, turn=turn, size=size)
    except (BusyError, CannotBeShownError):
        return Shown(found, "", page, turn, size)
    encoded = base64.b64encode(copy.data).decode()
    return Shown(found, f"data:{copy.media_type};base64,{encoded}", page, turn, size)


def _one_of(allowed: tuple[int, ...], value: int) -> int:
    return value if value in allowed else allowed[0]


@cache
def _safe() -> SafeProcess:
    return SafeProcess(who.vault().settings.files)
