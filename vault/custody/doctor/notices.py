"""The daily notice for members: whether it goes out, where anybody wants it."""

from __future__ import annotations

from vault import clock
from vault.custody.doctor.check import Outcome
from vault.journal.vault import Vault
from vault.members import notices

LATE_SECONDS = clock.HOUR


def sent(vault: Vault) -> Outcome:
    """Look whether the last notices were sent, and taken."""
    settings = vault.settings.notices
    if not settings.enabled:
        return True, "off", {}
    wanted = notices.wanted(vault)
    expected = clock.day(clock.now() - settings.hour * clock.HOUR - LATE_SECONDS)
    missed = sum(day < expected for day, _ in wanted)
    refused = any(day == failed for day, failed in wanted)
    if missed or refused:
        return False, "missed" if missed else "refused", {"count": missed} if missed else {}
    return True, "found", {"count": len(wanted)}
