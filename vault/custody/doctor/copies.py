"""Backups, by what the access log says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vault import clock
from vault.custody.backup.header import KINDS
from vault.custody.doctor.check import Outcome
from vault.journal import Filter
from vault.journal.vault import Vault

MAIN_DAYS, SHORT_LIVED_DAYS = 7, 2


@dataclass(frozen=True)
class BackupMade:
    """One backup by the access log: its id, the day, MAIN or SHORT_LIVED or both."""

    id: str
    day: str
    kinds: tuple[str, ...]


def backups(vault: Vault) -> list[BackupMade]:
    """Return the backups that were finished, the newest first; at most a thousand."""
    newest = vault.journal.read(Filter(kind="backup.made"), newest_first=True)
    return [
        BackupMade(
            entry.subject.get("backup", ""),
            entry.time[:10],
            tuple(kind for kind in KINDS if kind in _listed(entry.detail.get("kinds"))),
        )
        for entry in newest
    ]


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def last_backup(vault: Vault, kind: str) -> str | None:
    """Return the day of the last backup of a kind, by the access log; None if there was none."""
    return next((made.day for made in backups(vault) if kind in made.kinds), None)


def backup(kind: str, days: int) -> Callable[[Vault], Outcome]:
    """Return the check that a backup of a kind is not older than `days`."""

    def look(vault: Vault) -> Outcome:
        day = last_backup(vault, kind)
        if day is None:
            return False, "none", {}
        age = (clock.seconds_of(clock.day()) - clock.seconds_of(day)) // clock.DAY
        return age <= days, "found", {"day": day}

    return look
