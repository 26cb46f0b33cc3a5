"""Is everything well? Each check says what it found and, if not well, what to do.

Findings are data: the sentences stand in the wording under `doctor.<name>`, so the page says them
in three languages and the command in English, both from one catalogue.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vault import clock
from vault.custody.backup.header import KINDS, MAIN, SHORT_LIVED
from vault.custody.keys import SPARE_KEY
from vault.errors import (
    AgentError,
    BusyError,
    LedgerError,
    NotOpenYetError,
    StorageError,
    WitnessVaultError,
)
from vault.journal import Filter
from vault.journal.vault import Vault
from vault.ledger.checkpoint import open_checkpoint
from vault.roster.roles import INTAKE_OFFICER

EXPIRY_WARNING = 14 * clock.DAY
MAIN_DAYS, SHORT_LIVED_DAYS = 7, 2
WAITING_WARNING = 1_000  # a working collector leaves none; this many are a long lock or a flood
CLOCK_BACK = 300
SECONDS = 10.0
WHOLE_LOG_SECONDS = 60.0  # the first time; afterwards only what came since is parsed
RESERVES = 4
SWAPS = Path("/proc/swaps")

_MEGA = 1_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Values = Mapping[str, str | int]
Outcome = tuple[bool, str, Values]
"""Whether all is well, which sentence says what was found, and what stands in it."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        name: of the check; `doctor.<name>` is its title, `doctor.<name>.advice` what to do.
        well: whether all is well.
        said: `doctor.<name>.<said>` says what was found.
        values: what stands in that sentence; days as RFC 3339.
        commands: that help, if it is not well.
        error: why the check could not be made; then nothing else was found.
    """

    name: str
    well: bool
    said: str = "found"
    values: Values = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    error: WitnessVaultError | None = None


@dataclass(frozen=True)
class Check:
    """One check: what it looks at, the commands that mend it, how long it may take."""

    look: Callable[[Vault], Outcome]
    commands: tuple[str, ...] = ()
    seconds: float = SECONDS


def examine(vault: Vault, *, only: Collection[str] | None = None) -> list[Finding]:
    """Make every check, or `only` those of these names.

    One that cannot be made, or takes over its time, is a finding, never an exception.
    """
    chosen = CHECKS if only is None else {name: CHECKS[name] for name in only}
    return [_guarded(name, check, vault) for name, check in chosen.items()]


def _guarded(name: str, check: Check, vault: Vault) -> Finding:
    found: list[Finding] = []

    def look() -> None:
        try:
            well, said, values = check.look(vault)
        except WitnessVaultError as error:
            found.append(Finding(name, well=False, error=error))
        except OSError:
            found.append(Finding(name, well=False, error=StorageError(name)))
        else:
            found.append(Finding(name, well, said, values, () if well else check.commands))

    # A folder of another machine that does not answer must not hold the page for ever.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(check.seconds)
    return found[0] if found else Finding(name, well=False, error=BusyError(name))


# --- the vault and its people --------------------------------------------------------------------


def _agent(vault: Vault) -> Outcome:
    try:
        locked = vault.agent.locked()
    except AgentError:
        return False, "silent", {}
    return not locked, "locked" if locked else "found", {}


def _spare(vault: Vault) -> Outcome:
    there = (vault.settings.paths.keys / SPARE_KEY).exists()
    return there, "found" if there else "missing", {}


def _roster(vault: Vault) -> Outcome:
    roster = vault.roster()
    left = clock.seconds_of(roster.expires) - clock.now()
    values: Values = {"members": len(roster.members), "day": roster.expires[:10]}
    return left > EXPIRY_WARNING, "found", values


def _published(vault: Vault) -> Outcome:
    try:
        shown = vault.letterbox.roster().version
    except NotOpenYetError:
        shown = 0
    mine = vault.roster().version
    return shown == mine, "found" if shown == mine else "other", {"shown": shown, "mine": mine}


def _officer(vault: Vault) -> Outcome:
    count = len(vault.roster().holders(INTAKE_OFFICER, clock.moment()))
    return count > 0, "found" if count else "none", {"count": count}


def _letterbox(vault: Vault) -> Outcome:
    waiting = len(vault.letterbox.waiting())
    return waiting <= WAITING_WARNING, "found", {"count": waiting}


# --- the access log ------------------------------------------------------------------------------


def _ledger(vault: Vault) -> Outcome:
    try:
        report = vault.journal.verify()
    except LedgerError as error:
        place = {} if error.seq is None else {"seq": error.seq}
        return False, "fault_at" if place else "fault", place
    values = {"count": report.entries, "verified": report.verified}
    return report.unverified == 0, "found", values


def _checkpoint(vault: Vault) -> Outcome:
    note = vault.journal.latest_checkpoint()
    if note is None:
        return False, "none", {}
    return True, "found", {"count": open_checkpoint(note, vault.journal.verifier()).size}


# --- backups -------------------------------------------------------------------------------------


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


def _backup(kind: str, days: int) -> Callable[[Vault], Outcome]:
    def look(vault: Vault) -> Outcome:
        day = last_backup(vault, kind)
        if day is None:
            return False, "none", {}
        age = (clock.seconds_of(clock.day()) - clock.seconds_of(day)) // clock.DAY
        return age <= days, "found", {"day": day}

    return look


# --- the machine ---------------------------------------------------------------------------------


def _files(vault: Vault) -> Outcome:
    odd = sorted(set(_exposed(vault)))
    return not odd, "odd" if odd else "found", {"names": ", ".join(odd[:5])} if odd else {}


def _exposed(vault: Vault) -> Iterator[str]:
    """Yield what others on this machine could reach, or what belongs to somebody else."""
    paths = vault.settings.paths
    for folder in (paths.keys, paths.vault, paths.run):
        for path in (folder, *folder.iterdir()):
            status = path.lstat()
            if status.st_mode & _OTHERS or status.st_uid != os.getuid():
                yield path.relative_to(paths.root).as_posix()
    # Intake may be a user of its own who shares these by a group: closed to everybody else.
    for folder in (paths.letterbox, paths.intake):
        if folder.stat().st_mode & stat.S_IRWXO:
            yield folder.name


def _swap(_: Vault) -> Outcome:
    try:
        lines = SWAPS.read_text("ascii").splitlines()[1:]
    except FileNotFoundError:
        lines = []
    on_disk = [line for line in lines if not line.startswith("/dev/zram")]
    return not on_disk, "used" if on_disk else "found", {}


def _clock(vault: Vault) -> Outcome:
    newest = vault.journal.read(limit=1, newest_first=True)
    last = clock.seconds_of(newest[0].time) if newest else 0
    back = last > clock.now() + CLOCK_BACK
    return not back, "back" if back else "found", {"moment": clock.moment()}


def _disk(vault: Vault) -> Outcome:
    paths, reserve = vault.settings.paths, vault.settings.letterbox.disk_reserve
    free = min(shutil.disk_usage(path).free for path in (paths.vault, paths.letterbox))
    return free >= RESERVES * reserve, "found", {"free": free // _MEGA}


CHECKS: Mapping[str, Check] = {
    "agent": Check(_agent, ("witness-vault serve", "witness-vault unlock")),
    "roster": Check(_roster, ("witness-vault member renew",)),
    "published": Check(_published),
    "officer": Check(_officer),
    "letterbox": Check(_letterbox),
    "ledger": Check(_ledger, seconds=WHOLE_LOG_SECONDS),
    "checkpoint": Check(_checkpoint),
    "backup_main": Check(_backup(MAIN, MAIN_DAYS), ("witness-vault backup create FOLDER",)),
    "backup_short": Check(
        _backup(SHORT_LIVED, SHORT_LIVED_DAYS),
        ("witness-vault backup create FOLDER --short-lived",),
    ),
    "spare": Check(_spare, ("witness-vault passphrase --spare",)),
    "files": Check(_files, ("chmod -R go= DIR/keys DIR/vault DIR/run",)),
    "swap": Check(_swap, ("swapoff -a",)),
    "clock": Check(_clock, ("date --utc",)),
    "disk": Check(_disk, ("df -h",)),
}
