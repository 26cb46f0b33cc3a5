"""The access log: whether it takes entries, whether it verifies, and how far it is signed."""

from __future__ import annotations

from collections.abc import Callable

from vault import clock
from vault.custody.doctor.check import Outcome, Values
from vault.errors import LedgerError, NoEntryError
from vault.journal import Filter
from vault.journal.vault import Vault
from vault.ledger.checkpoint import open_checkpoint

WHOLE_LOG_SECONDS = 60.0  # the first time; afterwards only what came since is parsed


def entries(by: str) -> Callable[[Vault], Outcome]:
    """Return the check that enters this very look: that is how it is seen whether it can be.

    The other checks are made even if it cannot. They show numbers and days, and somebody has to
    find out what is wrong.

    Args:
        by: who looks: a member's id, or the system.
    """

    def look(vault: Vault) -> Outcome:
        try:
            with vault.journal.transaction() as transaction:
                transaction.log("ledger.read", by, {}, {"what": "doctor"})
        except NoEntryError:
            return False, "closed", {}
        return True, "found", {}

    return look


def ledger(vault: Vault) -> Outcome:
    """Verify the whole log."""
    try:
        report = vault.journal.verify()
    except LedgerError as error:
        place = {} if error.seq is None else {"seq": error.seq}
        return False, "fault_at" if place else "fault", place
    values = {"count": report.entries, "verified": report.verified}
    return report.unverified == 0, "found", values


def checkpoint(vault: Vault) -> Outcome:
    """Look whether there is a checkpoint; where copies of it are cannot be seen from here."""
    note = vault.journal.latest_checkpoint()
    if note is None:
        return False, "none", {}
    return True, "found", {"count": open_checkpoint(note, vault.journal.verifier()).size}


def outside(vault: Vault) -> Outcome:
    """Look when a checkpoint was last signed outside, or, without cosigners, taken away.

    Of a checkpoint that somebody saved, the vault knows that it left, not that it is kept.
    """
    cosigners = vault.cosigners
    if not cosigners:
        return _taken(vault)
    seen = vault.journal.seen(cosigners)
    if seen is None:
        return False, "none", {}
    values: Values = {"cosigner": seen.cosigner, "count": seen.size, "day": clock.day(seen.moment)}
    well = clock.now() - seen.moment <= clock.DAY
    return well, "found" if well else "old", values


def _taken(vault: Vault) -> Outcome:
    exported = vault.journal.read(Filter(kind="ledger.exported"), 1, newest_first=True)
    looked = vault.journal.read(Filter(kind="ledger.read"), newest_first=True)
    saved = [entry for entry in looked if entry.detail.get("what") == "checkpoint"]
    times = [entry.time for entry in (*exported, *saved[:1])]
    if not times:
        return False, "never", {}
    newest = max(times)
    well = clock.day(clock.now() - clock.DAY) <= newest[:10]
    return well, "taken" if well else "left", {"day": newest[:10]}
