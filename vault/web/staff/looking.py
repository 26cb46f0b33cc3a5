"""Pictures that pages show of files, made anew by the process for hostile files, or why not.

What a browser is given is an address that holds the picture itself: no second request and no second
entry, and never a byte as it was sent.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace

from vault.cases.reveal.attached import OpenedFile
from vault.errors import BusyError, CannotBeShownError
from vault.packet.files import Attachment
from vault.safe.findings import Findings
from vault.safe.job import TOO_LARGE
from vault.safe.process import SafeProcess
from vault.settings import Settings

TURNS, SIZES, SMALL = (0, 90, 180, 270), (800, 1600, 3200), 240
SMALL_SECONDS = 10
"""For one small picture: a page has several; one that takes long is opened by itself."""
BUSY, RECORDING, UNKNOWN = "busy", "recording", "unknown"

ENDINGS = {
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
"""What is looked into, by type; all else is only given out."""


@dataclass(frozen=True)
class View:
    """How a page is asked to show a file: page from 0, degrees clockwise, longer side in pixels."""

    page: int = 0
    turn: int = TURNS[0]
    size: int = SIZES[0]


@dataclass(frozen=True)
class Shown:
    """What a page shows of a file.

    Args:
        view: as it came out: a page that there is not is the nearest one.
        found: what it betrays; None: it was not looked into.
        picture: the address that holds it; empty: there is none.
        why: there is none: BUSY, RECORDING, or one of `safe.job.WORDS`; empty: nobody asked.
    """

    view: View
    found: Findings | None = field(default=None, repr=False)
    picture: str = field(default="", repr=False)
    why: str = ""

    @property
    def pages(self) -> int:
        """How many there are, as far as it is known."""
        return self.found.pages if self.found else 1


def refused(file: Attachment, settings: Settings) -> str:
    """Return why a file is not even opened to be shown; empty if it is."""
    if file.type not in ENDINGS:
        return RECORDING if file.kind == RECORDING else UNKNOWN
    return TOO_LARGE if file.size > settings.files.looked_at else ""


def look(opened: OpenedFile, settings: Settings, view: View) -> Shown:
    """Return what a file betrays, and one page of it as a picture made anew."""
    data, looks = b"".join(opened.pieces()), SafeProcess(settings.files)
    try:
        found = looks.inspect(data)
    except (BusyError, CannotBeShownError) as error:
        return Shown(view, why=_why(error))
    page = min(max(view.page, 0), max(found.pages, 1) - 1)
    view = View(page, view.turn, view.size)
    try:
        copy = looks.show(data, page=page, turn=view.turn, size=view.size)
    except (BusyError, CannotBeShownError) as error:
        return Shown(view, found, why=_why(error))
    return Shown(view, found, _address(copy.media_type, copy.data))


def small(opened: OpenedFile, settings: Settings) -> str:
    """Return the first page of a file as a small picture; empty: there is none."""
    limits = replace(settings.files, seconds=min(SMALL_SECONDS, settings.files.seconds))
    try:
        copy = SafeProcess(limits).show(b"".join(opened.pieces()), size=SMALL)
    except (BusyError, CannotBeShownError):
        return ""
    return _address(copy.media_type, copy.data)


def _address(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def _why(error: BusyError | CannotBeShownError) -> str:
    return BUSY if isinstance(error, BusyError) else error.detail or UNKNOWN
