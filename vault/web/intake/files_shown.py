"""The two pages about files: one to choose them, one that tells what each betrays and asks of each.

What is chosen of a file stands in fields that end with its place; where that says AS_ALL, what
stands above all files holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from flask import render_template

from vault.errors import (
    BusyError,
    CannotBeShownError,
    SessionEndedError,
    TooLongError,
    WitnessVaultError,
)
from vault.packet.files import KINDS, READERS
from vault.safe.labels import OTHER, PLACE, TIME
from vault.testimony.came import Came
from vault.testimony.chosen import CLEANED, KEEPS, NOTHING, ORIGINAL
from vault.web.intake.services import services
from vault.web.intake.showing import problem
from vault.web.intake.visit import Visit
from vault.web.shared.application import words
from vault.web.shared.decoding import Form

AS_ALL = "all"
_OTHER, _PAPER, _RECORDING = "other", "paper", "recording"
_IN_SHORT = 2  # values of one kind, on one line
_DAY = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)")  # as Exif and XMP write it
_RECORDED = frozenset("3gp aac amr avi caf m4a mkv mov mp3 mp4 oga ogg opus wav webm".split())

Refused = Sequence[tuple[str, str]]
"""Name and sentence of each file that was not taken."""


def chooser(
    visiting: Visit | None, typed: Form, trouble: str = "", refused: Refused = (), sent: str = ""
) -> str:
    """Return the page on which files are chosen; `sent` says what became of those before."""
    bounds = services().settings.uploads
    return render_template(
        "files.html",
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None,
        typed=typed,
        refused=refused,
        problem=trouble,
        count=bounds.count,
        most=bounds.size_limit,
        limit=amount(bounds.size_limit),
        sent=sent,
    )


def told(
    visiting: Visit | None,
    came: Sequence[Came],
    typed: Form,
    trouble: str = "",
    refused: Refused = (),
) -> str:
    """Return the page that tells what came, and asks what to send of it."""
    many = len(came) > 1
    every = _every(typed, came) if many else None
    shown = [(one, _shown(typed, place, one, many=many)) for place, one in enumerate(came)]
    return render_template(
        "files_told.html",
        token="" if visiting is None else visiting.token,
        ask_words=visiting is None or "receipt" in typed,
        typed=typed,
        send_id=typed.text("send_id") or services().back.new_send_id(),
        came=shown,
        placed=any(category == PLACE for one in came for category, _, _ in one.facts),
        refused=refused,
        problem=trouble,
        every=every,
        kinds=KINDS,
        readers=READERS,
    )


def sentence(error: WitnessVaultError, *, came: bool) -> str:
    """Return what to say about an error; `came`: there are files that still wait on the page."""
    if isinstance(error, SessionEndedError):
        return words().text("files.closed" if came else "files.closed_empty")
    if isinstance(error, BusyError):
        return words().text("files.busy")
    if isinstance(error, TooLongError):
        bounds = services().settings.uploads
        return words().text("files.too_large", limit=amount(bounds.count * bounds.size_limit))
    if isinstance(error, CannotBeShownError):
        return words().text("files.no_copy")
    return problem(error)


def amount(size: int) -> str:
    """Return a number of bytes as telephones tell it: in whole GB, or in MB."""
    whole, rest = divmod(size, 1024**3)
    return (
        words().text("files.mb", n=size // 1024**2) if rest else words().text("files.gb", n=whole)
    )


def said(typed: Form, name: str, place: int) -> str:
    """Return what was chosen of one file; what stands above all of them, where it is as all."""
    own = typed.text(f"{name}-{place}")
    return typed.text(name) if own == AS_ALL else own


def _every(typed: Form, came: Sequence[Came]) -> dict[str, object]:
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
    own = {
        "keep": typed.text(f"keep-{place}") or (AS_ALL if many else keeps[0]),
        "kind": typed.text(f"kind-{place}") or _kind(one) or (AS_ALL if many else _OTHER),
        "see": typed.text(f"see-{place}") or (AS_ALL if many else READERS[0]),
    }
    wrong = said(typed, "keep", place) == CLEANED and not one.cleans
    return {
        **own,
        "place": place,
        "all": (AS_ALL,) if many else (),
        "keeps": keeps,
        "case": typed.text(f"case-{place}") == "yes",
        "wrong": wrong,
        "open": wrong or any(typed.text(f"{name}-{place}") not in {"", AS_ALL} for name in own),
        "found": in_short(one),
    }


def _kind(one: Came) -> str:
    """Return what a file plainly is, by its content or else its ending; its sender can say no."""
    if "pdf" in one.type:
        return _PAPER
    ending = PurePosixPath(one.name).suffix.casefold()
    return _RECORDING if not one.looked and ending[1:] in _RECORDED else ""


def in_short(one: Came) -> list[tuple[str, str]]:
    """Return what a file betrays in a few words: one line for each kind of thing."""
    found: dict[str, list[str]] = {}
    for category, _, value in one.facts:
        shown = _DAY.sub(r"\3.\2.\1", value, count=1) if category == TIME else value
        if shown not in found.setdefault(category, []):
            found[category].append(shown)
    # The first line of a place is the whole of it; what follows is how a camera spells it.
    most = {PLACE: 1}
    return [
        (category, ", ".join(values[: most.get(category, _IN_SHORT)]))
        for category, values in found.items()
        if category != OTHER
    ]
