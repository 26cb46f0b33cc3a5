"""How many entries, up to where they verify, and the checkpoint to keep outside."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from vault.errors import FormatError, LedgerError, NotFoundError, SignatureError
from vault.journal.journal import Journal
from vault.ledger.verify import Report, verify_export
from vault.web.inside import who

pages = Blueprint("overview", __name__)


@dataclass(frozen=True)
class Verdict:
    """What verifying the whole log just now said.

    Attributes:
        report: what was verified, or None if there is a fault.
        seq: the first entry at fault, when it can be named.
    """

    report: Report | None
    seq: int | None = None


def verify(journal: Journal) -> Verdict:
    """Hash every entry again, hold the tree against every checkpoint, and rows against entries."""
    held = journal.export()
    vkey = journal.verifier().vkey()
    try:
        report = verify_export(held.entries, held.leaf_hashes, held.checkpoints, vkey)
        journal.check_columns()  # or the filters of the next page would leave something out
        return Verdict(report)
    except LedgerError as error:
        return Verdict(None, error.seq)
    except (SignatureError, FormatError):
        return Verdict(None)


@pages.get("/")
def overview() -> str:
    """Show what can be claimed about the log, and what cannot."""
    _log_reading("overview")
    journal = who.vault().journal
    note = journal.latest_checkpoint()
    return render_template(
        "audit/overview.html",
        verdict=verify(journal),
        size=journal.size(),
        note=note.decode() if note else None,
        vkey=journal.verifier().vkey(),
    )


@pages.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest checkpoint as the signed note that it is, to be kept elsewhere."""
    _log_reading("checkpoint")
    note = who.vault().journal.latest_checkpoint()
    if note is None:
        raise NotFoundError
    return Response(note, content_type="text/plain; charset=utf-8")


def _log_reading(what: str) -> None:
    with who.vault().journal.transaction() as transaction:
        transaction.log("ledger.read", who.actor().id, {}, {"what": what})
