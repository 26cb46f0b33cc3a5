"""The first page of an auditor: up to where the log verifies, and what happened lately."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from vault import clock
from vault.errors import FormatError, LedgerError, SignatureError
from vault.journal.journal import Journal
from vault.ledger.verify import Report
from vault.web.inside import who
from vault.web.inside.reading import log_reading

pages = Blueprint("overview", __name__)

WEEK = 7 * clock.DAY

# What an auditor looks at first, in groups; every other kind is found by the filter of the entries.
GROUPS = (
    (
        "opened",
        (
            "reveal",
            "identity.opened",
            "proof.made",
            "search",
            "list",
        ),
    ),
    ("entered", ("signin", "signin.refused", "sessions.ended", "refused")),
    (
        "came",
        (
            "intake",
            "addendum",
            "consent.changed",
            "packet.refused",
            "box.visited",
            "erasure.asked",
        ),
    ),
    (
        "given",
        (
            "assign",
            "unassign",
            "revoke",
            "may_not_see",
            "may_not_see.undone",
            "keys.renewed",
            "grant.made",
            "grant.removed",
            "identity.released",
            "identity.withdrawn",
        ),
    ),
    (
        "ending",
        (
            "retention.set",
            "retention.held",
            "retention.freed",
            "retention.announced",
            "erasure.stopped",
            "erased",
        ),
    ),
    ("answered", ("message.sent", "note.written")),
    (
        "people",
        (
            "member.invited",
            "invitation.withdrawn",
            "member.enrolled",
            "roster.proposed",
            "roster.declined",
            "roster.published",
            "factor.changed",
        ),
    ),
    (
        "kept",
        (
            "vault.unlock",
            "vault.lock",
            "vault.passphrase",
            "vault.restored",
            "backup",
            "backup.made",
            "recovery.requested",
            "recovery.accepted",
            "key.changed",
            "setting",
        ),
    ),
    ("audited", ("ledger.read", "ledger.exported")),
)


@dataclass(frozen=True)
class Verdict:
    """What verifying the whole log just now said.

    Attributes:
        report: what was verified, or None if there is a fault.
        seq: the first entry at fault, when it can be named.
    """

    report: Report | None
    seq: int | None = None


@dataclass(frozen=True)
class Count:
    """One row of the table: how often, in the last seven days and in all."""

    kind: str
    lately: int
    ever: int


def verify(journal: Journal) -> Verdict:
    """Hold entries against hashes, checkpoints and rows: else a filter could leave one out."""
    try:
        return Verdict(journal.verify())
    except LedgerError as error:
        return Verdict(None, error.seq)
    except (SignatureError, FormatError):
        return Verdict(None)


def count(journal: Journal) -> list[tuple[str, list[Count]]]:
    """Return the counts of every group that has any; nothing of a log that cannot be read."""
    try:
        ever, lately = journal.counts(clock.day(clock.now() - WEEK))
    except LedgerError:
        return []
    rows = {kind: Count(kind, lately.get(kind, 0), number) for kind, number in ever.items()}
    groups = [(name, [rows[kind] for kind in kinds if kind in rows]) for name, kinds in GROUPS]
    return [group for group in groups if group[1]]


@pages.get("/")
def overview() -> str:
    """Show what can be claimed about the log, and how often what happened."""
    log_reading("overview")
    journal = who.vault().journal
    verdict = verify(journal)
    return render_template(
        "audit/overview.html",
        verdict=verdict,
        size=journal.size(),
        groups=count(journal),
        since=clock.day(clock.now() - WEEK),
    )
