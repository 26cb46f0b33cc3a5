"""Checkpoints: which there are, who outside has signed them, and whether the log still follows.

The question is one button: is everything that a kept checkpoint stands for still there, and was
only added to? Every entry is hashed anew for the answer.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from vault import clock
from vault.errors import FormatError, NotFoundError, SignatureError
from vault.journal import cosigning
from vault.journal.comparing import Compared, compare, open_kept, stored
from vault.ledger import export as layout
from vault.ledger.cosignature import verify_cosignature
from vault.ledger.entry import MAX_SEQ, Entry
from vault.ledger.succession import Succession
from vault.storage.tables.ledger import checkpoints, ledger_entries
from vault.web.audit.download import saved
from vault.web.audit.reckoned import look
from vault.web.inside import who
from vault.web.inside.reading import log_reading
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("checkpoints", __name__)

PAGE = 15
MAX_KEPT = 20
_NUMBER = re.compile(r"\d{1,16}", re.ASCII)


@dataclass(frozen=True)
class Shown:
    """One checkpoint: how many entries it covers, the day of the last, who outside saw it when."""

    size: int
    day: str | None
    outside: tuple[tuple[str, str], ...]


@pages.get("/checkpoints")
def all_checkpoints() -> str:
    """Show the checkpoints, the newest first, and ask for one that was kept."""
    return _page(Form())


@pages.post("/compare")
def compared() -> ResponseReturnValue:
    """Hold what was kept, or an earlier checkpoint of this log, against a later one."""
    form = read_form(request)
    log_reading("compared")
    with look() as seen:
        keys = seen.state.keys
    try:
        found = _compared(form, keys)
    except (FormatError, SignatureError) as error:
        forged = isinstance(error, SignatureError)
        return _page(form, "checkpoints.forged" if forged else "checkpoints.malformed"), 400
    return render_template("audit/compared.html", found=found)


@pages.get(f"/checkpoints/<int(max={MAX_SEQ}):size>")
def one(size: int) -> ResponseReturnValue:
    """Give a checkpoint as the signed note that it is, with what others put under it."""
    log_reading("checkpoint")
    with who.vault().database.read() as connection:
        own = stored(connection, size)
        if own is None:
            raise NotFoundError
        note = cosigning.signed(connection, size, own)
    return saved(note, "text/plain; charset=utf-8", f"checkpoint-at-{size}.txt")


def _compared(form: Form, keys: Succession) -> Compared:
    kept = form.text("kept").replace("\r\n", "\n").strip()
    sizes = _size(form.text("earlier")), _size(form.text("later"))
    with who.vault().database.read() as connection:
        if kept:
            earlier = list(layout.parse_checkpoints(io.BytesIO(f"{kept}\n".encode())))
        else:
            earlier = [_stored(connection, sizes[0] or 0)]
        if len(earlier) > MAX_KEPT:
            raise FormatError("too many checkpoints")
        (later,) = open_kept((_stored(connection, sizes[1]),), keys)
        return compare(connection, open_kept(earlier, keys), later)


def _stored(connection: Connection, size: int | None) -> bytes:
    """Return a checkpoint of the log's own; without a size the newest.

    Raises:
        FormatError: there is none.
    """
    note = stored(connection, size)
    if note is None:
        raise FormatError("no checkpoint was named")
    return note


def _size(text: str) -> int | None:
    """Return the size that was typed; None for nothing.

    Raises:
        FormatError: not a number.
    """
    if not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise FormatError("not a number of entries")
    return int(text)


def _page(form: Form, fault: str | None = None) -> str:
    log_reading("checkpoints")
    before = request.args.get("before", MAX_SEQ, type=int)
    size = checkpoints.c.size
    last = ledger_entries.c.seq == size - 1
    query = select(size, checkpoints.c.note, ledger_entries.c.leaf).outerjoin(ledger_entries, last)
    page = query.where(size < max(0, min(before, MAX_SEQ))).order_by(size.desc()).limit(PAGE + 1)
    with who.vault().database.read() as connection:
        rows = connection.execute(page).all()
        notes = [cosigning.signed(connection, row.size, row.note) for row in rows[:PAGE]]
    shown = [
        Shown(row.size, _day(row.leaf), _outside(note))
        for row, note in zip(rows, notes, strict=False)
    ]
    return render_template(
        "audit/checkpoints.html",
        shown=shown,
        older=shown[-1].size if len(rows) > PAGE else None,
        outside=any(one.outside for one in shown),
        form=form,
        fault=fault,
        vkey=who.vault().journal.first_verifier().vkey(),
    )


def _outside(note: bytes) -> tuple[tuple[str, str], ...]:
    """Return whose cosignature verifies, of those that the settings name, and on which day."""
    found = []
    for cosigner in who.vault().cosigners:
        try:
            found.append((cosigner.name, clock.day(verify_cosignature(note, cosigner))))
        except (FormatError, SignatureError):
            continue
    return tuple(found)


def _day(leaf: bytes | None) -> str | None:
    """Return the day of the last entry that a checkpoint covers; None if it is no entry."""
    try:
        return Entry.parse(leaf or b"").time[: len("2026-11-22")]
    except FormatError:
        return None
