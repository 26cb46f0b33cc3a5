"""Is everything well? Each check says what it found and, if not well, what to do.

Findings are data: the sentences stand in the wording under `doctor.<name>`, so the page says them
in three languages and the command in English, both from one catalogue.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace

from vault.custody.backup.header import MAIN, SHORT_LIVED
from vault.custody.doctor import attached, cases, copies, keys, log, machine, notices, people
from vault.custody.doctor.check import Check, Finding
from vault.custody.doctor.copies import backups, last_backup
from vault.errors import BusyError, StorageError, WitnessVaultError
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM

__all__ = ["CHECKS", "GROUPS", "Check", "Finding", "backups", "examine", "last_backup"]

KEYS, PEOPLE, CASES, LOG, COPIES, MACHINE = GROUPS = (
    "keys",
    "people",
    "cases",
    "log",
    "copies",
    "machine",
)

ENTRIES = "entries"
CHECKS: Mapping[str, Check] = {
    "agent": Check(KEYS, keys.agent, ("witness-vault serve", "witness-vault unlock")),
    "memory": Check(KEYS, keys.memory),
    "spare": Check(KEYS, keys.spare, ("witness-vault passphrase --spare",)),
    "recovery": Check(KEYS, keys.recovery, ("witness-vault recovery renew",)),
    "chain": Check(PEOPLE, people.chain),
    "roster": Check(PEOPLE, people.roster, ("witness-vault member renew",)),
    "published": Check(PEOPLE, people.published),
    "officer": Check(PEOPLE, people.officer),
    "ending": Check(PEOPLE, people.ending),
    "holders": Check(CASES, cases.holders, ("witness-vault recovery list",)),
    "readers": Check(CASES, cases.readers),
    "due": Check(CASES, cases.due),
    "orphaned": Check(CASES, cases.orphaned),
    "ends": Check(CASES, cases.ends),
    "attached": Check(CASES, attached.attached),
    ENTRIES: Check(LOG, log.entries(SYSTEM), ("df -h",)),
    "ledger": Check(LOG, log.ledger, seconds=log.WHOLE_LOG_SECONDS, late="late"),
    "checkpoint": Check(LOG, log.checkpoint),
    "outside": Check(LOG, log.outside, ("witness-vault ledger offer COSIGNER FILE",)),
    "backup_main": Check(
        COPIES, copies.backup(MAIN, copies.MAIN_DAYS), ("witness-vault backup create FOLDER",)
    ),
    "backup_short": Check(
        COPIES,
        copies.backup(SHORT_LIVED, copies.SHORT_LIVED_DAYS),
        ("witness-vault backup create FOLDER --short-lived",),
    ),
    "letterbox": Check(MACHINE, machine.letterbox),
    "hosts": Check(MACHINE, machine.hosts),
    "settings": Check(MACHINE, machine.settings),
    "files": Check(MACHINE, machine.files, ("chmod -R go= DIR/keys DIR/vault DIR/run",)),
    "swap": Check(MACHINE, machine.swap, ("swapoff -a",)),
    "clock": Check(MACHINE, machine.clocks, ("date --utc",)),
    "disk": Check(MACHINE, machine.disk, ("df -h",)),
    "viewing": Check(MACHINE, machine.viewing),
    "letters": Check(MACHINE, machine.letters, ("apt install fonts-dejavu-core",)),
    "notices": Check(MACHINE, notices.sent),
}


def examine(
    vault: Vault, *, only: Collection[str] | None = None, by: str = SYSTEM
) -> list[Finding]:
    """Make every check, or `only` those of these names.

    One that cannot be made, or takes over its time, is a finding, never an exception.

    Args:
        vault: the vault.
        only: names of checks.
        by: who looks, for the entry of it: a member's id, or the system.
    """
    chosen = {**CHECKS} if only is None else {name: CHECKS[name] for name in only}
    if ENTRIES in chosen:
        chosen[ENTRIES] = replace(chosen[ENTRIES], look=log.entries(by))
    return [_guarded(name, check, vault) for name, check in chosen.items()]


def _guarded(name: str, check: Check, vault: Vault) -> Finding:
    found: list[Finding] = []

    def look() -> None:
        try:
            well, said, values = check.look(vault)
        except WitnessVaultError as error:
            found.append(Finding(name, check.group, well=False, error=error))
        except OSError:
            found.append(Finding(name, check.group, well=False, error=StorageError(name)))
        else:
            commands = () if well else check.commands
            found.append(Finding(name, check.group, well, said, values, commands))

    # A folder of another machine that does not answer must not hold the page for ever.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(check.seconds)
    if found:
        return found[0]
    if check.late:
        return Finding(name, check.group, well=False, said=check.late, commands=check.commands)
    return Finding(name, check.group, well=False, error=BusyError(name))
