"""The first page of an auditor: up to where the log is proven, and what happened, as pictures.

All its numbers come from the reckoning. To hash every entry again is a button: at a million it
takes many seconds (decision 0041).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from vault import clock
from vault.errors import FormatError, LedgerError, SignatureError
from vault.journal.reckoning.sums import Sums, summed, within
from vault.web.audit.figures import PERIODS, Period, all_of, unopened
from vault.web.audit.reckoned import look, today
from vault.web.audit.sentences import Names
from vault.web.inside import who
from vault.web.inside.reading import log_reading

pages = Blueprint("overview", __name__)

# What an auditor looks at first, in groups; every other kind is found by the filter of the entries.
GROUPS = (
    (
        "opened",
        (
            "reveal",
            "identity.opened",
            "proof.made",
            "file.shown",
            "file.small",
            "file.given",
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
    ("audited", ("ledger.read", "ledger.exported", "checkpoint.cosigned", "flag.explained")),
)


@dataclass(frozen=True)
class Count:
    """One row of the table: how often in the period, and in all."""

    kind: str
    lately: int
    ever: int


def count(sums: Sums, period: Period) -> list[tuple[str, list[Count]]]:
    """Return the counts of every group that has any."""
    ever = sums.ever()
    lately = summed(row for _, row in within(sums.kinds, period.first, period.last.isoformat()))
    groups = [
        (name, [Count(kind, lately[kind], ever[kind]) for kind in kinds if ever[kind]])
        for name, kinds in GROUPS
    ]
    return [group for group in groups if group[1]]


@pages.get("/")
def overview() -> str:
    """Show what can be claimed about the log, what may need a question, and what happened."""
    log_reading("overview")
    asked = request.args.get("period", "")
    period = Period(asked if asked in PERIODS else next(iter(PERIODS)), today())
    vault = who.vault()
    names, cosigned = Names(vault), vault.journal.seen(vault.cosigners)
    with look() as seen:
        sums, watch = seen.state.sums, seen.state.watch
        waiting, unopened_count = unopened(sums.cases)
        return render_template(
            "audit/overview.html",
            seen=seen,
            size=seen.state.frontier.size,
            cosigned=cosigned,
            cosigned_day=clock.day(cosigned.moment) if cosigned else None,
            cosigned_lately=cosigned is not None and clock.now() - cosigned.moment <= clock.DAY,
            cosigned_by_somebody=bool(vault.cosigners),
            dropped=watch.raised - len(watch.flags),
            open_flags=sum(not flag.explained for flag in watch.flags),
            period=period,
            periods=PERIODS,
            figures=all_of(sums, period, watch.rules, names),
            unopened=waiting,
            unopened_count=unopened_count,
            groups=count(sums, period),
        )


@pages.post("/verify")
def verify() -> str:
    """Hold every entry against its hash, its row and every checkpoint, however long it takes."""
    log_reading("verified")
    journal = who.vault().journal
    report, seq = None, None
    try:
        report = journal.verify()
    except LedgerError as error:
        seq = error.seq
    except (SignatureError, FormatError):
        pass
    return render_template("audit/verified.html", report=report, seq=seq)
