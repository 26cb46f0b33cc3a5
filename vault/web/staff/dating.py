"""Proof of date: what of a case can be proven, the paper to print and the file to keep.

Making one is a POST: never done by following a link. Nothing of it is kept here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from vault import canonical, clock
from vault.cases.model import RecordView
from vault.cases.reveal import proving
from vault.crypto.suite import fingerprint
from vault.errors import CannotProveError, DateError, FormatError, LedgerError, SignatureError
from vault.ledger.note import NoteVerifier
from vault.ledger.proof_of_date import Proven
from vault.roster.roles import MESSAGES
from vault.web.inside import who
from vault.web.shared import headers
from vault.web.shared.decoding import read_form
from vault.web.staff import labels
from vault.web.staff.access import for_those_who
from vault.web.staff.labels import Shown

pages = Blueprint("dating", __name__)

_ADDRESS = "/cases/<string(length=32):case_id>/date"
_FILE = "file"


@dataclass(frozen=True)
class Answer:
    """One answer that may be shown: its name, its question, and what was answered."""

    name: str
    title: str
    answers: tuple[Shown, ...] = field(repr=False)


@pages.get(_ADDRESS)
@for_those_who(MESSAGES)
def ask(case_id: str) -> str:
    """Say what a proof of date is and is not, and which records have one."""
    return _asked(case_id)


@pages.post(_ADDRESS)
@for_those_who(MESSAGES)
def make(case_id: str) -> ResponseReturnValue:
    """Make the proof of one record: the file, or the page to print; entries first."""
    form = read_form(request)
    form.check()
    under, record = form.text("held"), form.text("record")
    answers = form.getlist("show")
    try:
        made = proving.make(
            who.vault(), who.actor(), case_id, record, answers, under, form.getlist("files")
        )
    except CannotProveError:
        return _asked(case_id, fault="date.none", record=record), 400
    except (FormatError, SignatureError, LedgerError, DateError):
        if not under.strip():
            raise
        return _asked(case_id, fault="date.bad_checkpoint", record=record, held=under), 400
    if form.text("as") == _FILE:
        return _saved(made.data)
    proven = made.proven
    return render_template(
        "staff/date_paper.html",
        case_id=case_id,
        made=made,
        proven=proven,
        key=fingerprint(NoteVerifier.parse(proven.vkey).public_key),
        words=_answers(made.view, answers),
        files=_files(made.proven),
        outside=bool(proven.others) or bool(under.strip()),
        today=clock.day(),
    )


def _asked(case_id: str, *, fault: str = "", record: str = "", held: str = "") -> str:
    found = proving.look(who.vault(), who.actor(), case_id)
    records = [(one, _answers(one.view, one.view.answers)) for one in found.records]
    return render_template(
        "staff/date.html",
        case_id=case_id,
        code=found.line.code,
        records=records,
        named=found.files,
        fault=fault,
        chosen=record,
        held=held,
    )


def _files(proven: Proven) -> list[dict[str, str]]:
    """Return of each file that is shown its name, size and hash, and that of its original."""
    said = [value for name, value in proven.shown.items() if name.startswith(proving.FILE)]
    return [
        {
            "name": str(one["name"]),
            "size": str(one["size"]),
            "sha256": canonical.unb64(one["sha256"]).hex(),
            "original": canonical.unb64(one["original"]).hex() if one["original"] else "",
        }
        for one in said
    ]


def _answers(view: RecordView, names: Collection[str]) -> list[Answer]:
    """Return those of some names, each whole, in the order of the form."""
    chosen = {name: value for name, value in view.answers.items() if name in names}
    found = []
    for name in labels.in_order(chosen, view.form):
        answers = labels.shown({name: chosen[name]}, view.form, view.version)
        found.append(Answer(name, _title(answers) or name, answers))
    return found


def _title(answers: tuple[Shown, ...]) -> str:
    """Return the question of an answer; of a group without one, that of its first part."""
    for one in answers:
        if found := one.label or _title(one.parts):
            return found
    return ""


def _saved(data: bytes) -> Response:
    headers.give(headers.DOWNLOAD)
    named = {"Content-Disposition": f'attachment; filename="proof-{clock.day()}.txt"'}
    return Response(data, content_type="text/plain; charset=utf-8", headers=named)
