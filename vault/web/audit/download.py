"""Taking the log away: the checkpoint to keep, everything to verify, and how that is done.

Each is an entry before anything is given.
"""

from __future__ import annotations

import io
import zipfile

from flask import Blueprint, Response, render_template

from vault import clock
from vault.errors import NotFoundError
from vault.journal.journal import Journal
from vault.web.inside import who
from vault.web.inside.reading import log_reading

pages = Blueprint("download", __name__)


@pages.get("/download")
def steps() -> str:
    """Say in plain words what to keep, how to verify it, and what the answer means."""
    log_reading("checkpoint")
    journal = who.vault().journal
    note = journal.latest_checkpoint()
    return render_template(
        "audit/download.html",
        note=note.decode() if note else None,
        vkey=journal.first_verifier().vkey(),
        name=_name(),
    )


@pages.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest checkpoint as the signed note that it is, to be kept elsewhere."""
    log_reading("checkpoint")
    note = who.vault().journal.latest_checkpoint()
    if note is None:
        raise NotFoundError
    name = f"checkpoint-{clock.day()}.txt"
    return saved(note, "text/plain; charset=utf-8", name)


@pages.post("/export")
def export() -> Response:
    """Give the whole log as one file: ids only, never a name or a word of testimony."""
    vault = who.vault()
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.exported", who.actor().id)
    return saved(_archive(vault.journal), "application/zip", f"{_name()}.zip")


def _archive(journal: Journal) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        journal.exporting() as files,
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
