"""Taking the log away: the checkpoint to keep, everything to verify, and how that is done.

Each is an entry before anything is given.
"""

from __future__ import annotations

import io
import zipfile

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from vault import clock
from vault.errors import FormatError, LedgerError, NotFoundError, SignatureError
from vault.journal.exporting import VERIFIER
from vault.journal.journal import Journal
from vault.web.inside import who
from vault.web.inside.reading import log_reading
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("download", __name__)


@pages.get("/download")
def steps() -> str:
    """Say in plain words what to keep, how to verify it, and what the answer means."""
    return _page(Form())


def _page(form: Form, fault: str | None = None) -> str:
    log_reading("checkpoint")
    journal = who.vault().journal
    note = journal.checkpoint_to_keep()
    return render_template(
        "audit/download.html",
        note=note.decode() if note else None,
        vkey=journal.first_verifier().vkey(),
        name=_name(),
        program=VERIFIER,
        form=form,
        fault=fault,
    )


@pages.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest checkpoint as the signed note that it is, to be kept elsewhere."""
    log_reading("checkpoint")
    note = who.vault().journal.checkpoint_to_keep()
    if note is None:
        raise NotFoundError
    name = f"checkpoint-{clock.day()}.txt"
    return saved(note, "text/plain; charset=utf-8", name)


@pages.post("/export")
def export() -> ResponseReturnValue:
    """Give the log, whole or since a checkpoint, as one file: ids only, never a name or a word."""
    vault, form = who.vault(), read_form(request)
    since = form.text("since").replace("\r\n", "\n").strip()
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.exported", who.actor().id)
    try:
        archive = _archive(vault.journal, f"{since}\n".encode() if since else None)
    except SignatureError:
        return _page(form, "checkpoints.forged"), 400
    except LedgerError:
        return _page(form, "download.not_followed"), 400
    except FormatError:
        return _page(form, "checkpoints.malformed"), 400
    return saved(archive, "application/zip", f"{_name()}.zip")


def _archive(journal: Journal, since: bytes | None) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        journal.exporting(since) as files,
    ):
        for name, pieces in files.items():
            with archive.open(f"{_name()}/{name}", "w") as file:
                file.writelines(pieces)
    return target.getvalue()


def _name() -> str:
    return f"ledger-{clock.day()}"


def saved(data: bytes, kind: str, name: str) -> Response:
    """Return an answer that a browser saves under `name` and does not show."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=kind, headers=headers)
