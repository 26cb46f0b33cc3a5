"""The files of a case: looked at in pictures made anew, or given out to be saved, never as sent.

Every look and every download is an entry before the file opens. What is not a picture or a paper,
or cannot be made anew, is only given out, after a warning; the picture of a body is shown only to
whoever asks for it on a page that says what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault import clock
from vault.cases.model import number_of
from vault.cases.reveal import attached
from vault.cases.reveal.attached import Told
from vault.cases.reveal.custody import CONFIRMED, Listed, Seen
from vault.cases.reveal.opened import GIVEN, SHOWN
from vault.members.people import names
from vault.packet.files import Attachment
from vault.roster.roles import MESSAGES
from vault.web.inside import who
from vault.web.shared import headers
from vault.web.shared.decoding import read_form
from vault.web.staff import looking
from vault.web.staff.access import for_those_who
from vault.web.staff.looking import ENDINGS, SIZES, TURNS, Shown, View

pages = Blueprint("files", __name__)

_ADDRESS = "/cases/<string(length=32):case_id>/files"
_FILE = f"{_ADDRESS}/<string(length=32):file_id>"
BODY, ASKED = "body", "look"
AT_ONCE = 8
"""Small pictures on one page: each takes a third of a second of a processor."""
MOST_SMALL = 16 * 1024 * 1024
"""Bytes of a file of which a small picture is made; a larger one is opened by itself."""


@pages.get(_ADDRESS)
def every(case_id: str) -> str:
    """Show the files of a case small, some at a time, under one entry; no picture of a body."""
    vault = who.vault()
    told = attached.tell(vault, who.actor(), case_id)
    last = max(0, len(told.files) - 1) // AT_ONCE
    page = min(max(request.args.get("page", 0, int), 0), last)
    here = told.files[page * AT_ONCE :][:AT_ONCE]
    wanted = [one for one in here if _is_small(one)]
    opened = told.open_small(wanted)
    pictures = {
        one.file.id: looking.small(file, vault.settings) if file else ""
        for one, file in zip(wanted, opened, strict=True)
    }
    headers.give(headers.WITH_PICTURE)
    return render_template(
        "staff/files.html",
        case_id=case_id,
        code=told.held.line.code,
        today=clock.day(),
        files=here,
        pictures=pictures,
        page=page,
        pages=last + 1,
    )


@pages.get(_FILE)
def one(case_id: str, file_id: str) -> str:
    """Show a file: a picture made anew, its metadata as a table, and who saw it before."""
    vault = who.vault()
    told = attached.tell(vault, who.actor(), case_id, file_id)
    listed, custody = told.of(file_id), _custody(told, file_id)
    asked = listed.file.kind != BODY or ASKED in request.args
    shown = _shown(told, listed) if asked else Shown(View())
    headers.give(headers.WITH_PICTURE)
    before, after = told.beside(file_id)
    return render_template(
        "staff/file.html",
        case_id=case_id,
        code=told.held.line.code,
        today=clock.day(),
        number=number_of(file_id),
        listed=listed,
        file=listed.file,
        known=listed.file.type in ENDINGS,
        record=listed.record,
        before=before,
        after=after,
        copies=told.copies(file_id),
        asked=asked,
        shown=shown,
        sizes=SIZES,
        **custody,
    )


@pages.post(f"{_FILE}/download")
def download(case_id: str, file_id: str) -> ResponseReturnValue:
    """Give a file out as it was sent, to be saved; it is never opened in this origin."""
    read_form(request).check()
    opened = attached.tell(who.vault(), who.actor(), case_id, file_id).open(file_id, GIVEN)
    headers.give(headers.DOWNLOAD)
    named = f'attachment; filename="{_saved_name(opened.attachment)}"'
    given = {"Content-Disposition": named, "Content-Length": str(opened.attachment.size)}
    return Response(opened.pieces(), content_type="application/octet-stream", headers=given)


@pages.post(f"{_FILE}/confirm")
@for_those_who(MESSAGES)
def confirm(case_id: str, file_id: str) -> ResponseReturnValue:
    """Note that the lawyer decided that a file of an investigation may be used."""
    read_form(request).check()
    attached.tell(who.vault(), who.actor(), case_id, file_id).confirm(file_id)
    flash("file.confirmed_done")
    return redirect(url_for("files.one", case_id=case_id, file_id=file_id), 303)


def _custody(told: Told, file_id: str) -> dict[str, object]:
    """Return who saw a file and who confirmed what it is, as its page tells it."""
    seen = told.seen(file_id)
    return {
        "seen": _counted(one for one in seen if one.kind != CONFIRMED),
        "confirmed": [one for one in seen if one.kind == CONFIRMED],
        "may_confirm": who.actor().may(MESSAGES),
        "people": names(who.vault()),
    }


def _shown(told: Told, listed: Listed) -> Shown:
    settings, view = who.vault().settings, _view()
    if why := looking.refused(listed.file, settings):
        return Shown(view, why=why)
    if listed.stored is None:
        return Shown(view)
    return looking.look(told.open(listed.file.id, SHOWN), settings, view)


def _view() -> View:
    asked = request.args
    turn, size = asked.get("turn", TURNS[0], int), asked.get("size", SIZES[0], int)
    return View(
        asked.get("page", 0, int),
        turn if turn in TURNS else TURNS[0],
        size if size in SIZES else SIZES[0],
    )


def _is_small(one: Listed) -> bool:
    file = one.file
    refused = looking.refused(file, who.vault().settings) or file.size > MOST_SMALL
    return bool(one.open and one.stored and file.kind != BODY and not refused)


def _counted(seen: Iterable[Seen]) -> Sequence[tuple[str, str, str, int]]:
    """Return who did what on which day and how often, newest first."""
    counts = Counter((one.time[:10], one.member, one.kind) for one in seen)
    return [(*what, times) for what, times in reversed(counts.items())]


def _saved_name(file: Attachment) -> str:
    """Return a name that says nothing of anybody: what a sender typed would lie on a disk."""
    return f"file-{number_of(file.id)}.{ENDINGS.get(file.type, 'bin')}"
