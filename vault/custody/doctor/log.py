"""The access log: whether it verifies, and how far it is signed."""

from __future__ import annotations

from vault.custody.doctor.check import Outcome
from vault.errors import LedgerError
from vault.journal.vault import Vault
from vault.ledger.checkpoint import open_checkpoint

WHOLE_LOG_SECONDS = 60.0  # the first time; afterwards only what came since is parsed


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
