"""Making a backup of a vault that runs: its databases, files and letterbox, each kind in one file.

The main backup and the short-lived one are made together, because together they are one moment; the
short-lived one alone may be made more often. Files appear under their names only when they are
whole and on the disk; nothing is ever written over.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vault import clock
from vault.crypto import stream, suite
from vault.custody import keys
from vault.custody.backup import container
from vault.custody.backup.header import KINDS, LABEL, MAIN, SHORT_LIVED, Header, read_header
from vault.custody.backup.held import Held, held_still, size_of
from vault.custody.backup.restoring import verify
from vault.errors import BusyError, InputError, StorageError, WitnessVaultError
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.letterbox import files

SUFFIX, HALF = ".backup", ".half"
_LOG_SHOWN = 8

Progress = Callable[[str, int, int], None]
"""Told of a step ("copying" or a kind), how many bytes of it are done, and how many there are."""


@dataclass(frozen=True)
class Made:
    """One file that was made."""

    path: Path
    kind: str
    day: str
    last_day: str | None
    size: int


def create(
    vault: Vault,
    folder: Path,
    *,
    short_lived_only: bool = False,
    progress: Progress = lambda *_: None,
) -> tuple[Made, ...]:
    """Make a backup of both kinds, or of the short-lived one, in `folder`.

    Short-lived backups of this vault in the same folder whose last day is over are removed.

    Raises:
        InputError: no such folder, or one inside the vault.
        BusyError: a backup is being made already.
        LockedError, StorageError, BackupError: it could not be made; nothing of it is left.
    """
    _check(vault, folder)
    kinds = (SHORT_LIVED,) if short_lived_only else KINDS
    with _alone(vault):
        _sweep(vault, folder)
        backup_id = suite.random(16).hex()
        # Before anything is copied, so that the copy itself says that it was made.
        _log(vault, "backup", backup_id, kinds)
        progress("copying", 0, size_of(vault))
        with held_still(vault, kinds) as held:
            made = _write_all(vault, folder, backup_id, held, progress)
        _log(vault, "backup.made", backup_id, kinds)
        _remove_expired(vault, folder)
    return made


def _check(vault: Vault, folder: Path) -> None:
    if not folder.is_dir():
        # Never made here: a stick that is not plugged in must not become a folder of this disk.
        raise InputError(f"there is no folder {folder.name}")
    if folder.resolve().is_relative_to(vault.settings.paths.root.resolve()):
        raise InputError("a backup inside the vault's own folder would be lost with it")


@contextmanager
def _alone(vault: Vault) -> Iterator[None]:
    """Hold a lock that ends with this process, however that ends."""
    path = vault.settings.paths.vault / "backup-lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    except OSError as error:
        raise StorageError("the lock of the backup") from error
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise BusyError("a backup is being made already") from None


def _log(vault: Vault, kind: str, backup_id: str, kinds: tuple[str, ...]) -> None:
    with vault.journal.transaction() as transaction:
        transaction.log(kind, SYSTEM, {"backup": backup_id}, {"kinds": list(kinds)})


def _write_all(
    vault: Vault, folder: Path, backup_id: str, held: dict[str, Held], progress: Progress
) -> tuple[Made, ...]:
    written: list[Path] = []
    try:
        made = []
        for kind, holds in held.items():
            header = _header(vault, kind, backup_id)
            path = folder / f"{_stem(vault, kind)}-{header.day}-{backup_id[:8]}{SUFFIX}"
            half = path.with_suffix(HALF)
            written.append(half)
            _write(vault, half, header, holds, progress)
            _read_back(vault, half)
            if path.exists():
                raise StorageError(f"{path.name} is there already")
            half.rename(path)
            written[-1] = path
            made.append(Made(path, kind, header.day, header.last_day, path.stat().st_size))
        _sync(folder)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError("the backup cannot be written") from error
        raise
    return tuple(made)


def _header(vault: Vault, kind: str, backup_id: str) -> Header:
    read = {
        name: files.read(vault.settings.paths.keys / name, keys.MAX_FILE) for name in keys.PURPOSES
    }
    lives = vault.settings.backup.short_lived_days * clock.DAY
    return Header(
        kind=kind,
        log=keys.owner_of(vault.settings),
        id=backup_id,
        day=clock.day(),
        last_day=None if kind == MAIN else clock.day(clock.now() + lives),
        keys={name: data for name, data in read.items() if data is not None},
    )


def _write(vault: Vault, half: Path, header: Header, held: Held, progress: Progress) -> None:
    total, done = 2 * sum(path.stat().st_size for path in held.values()), 0

    def tell(size: int) -> None:
        nonlocal done
        done += size
        progress(header.kind, done, total)

    file_key = suite.random(suite.KEY_SIZE)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(header.seal(vault.agent.subkey(LABEL), file_key))
        for piece in stream.encrypt(file_key, container.pack(held, tell)):
            file.write(piece)
        file.flush()
        os.fsync(descriptor)
        # What is read back shall come from the disk, not from memory.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _read_back(vault: Vault, half: Path) -> None:
    """Refuse a disk that does not give back what was written to it."""
    key = vault.agent.subkey(LABEL)
    try:
        verify(half, lambda _: key)
    except WitnessVaultError as error:
        raise StorageError("what was written cannot be read back: use another disk") from error


def _stem(vault: Vault, kind: str) -> str:
    return f"witness-vault-{keys.owner_of(vault.settings)[:_LOG_SHOWN]}-{kind}"


def _sweep(vault: Vault, folder: Path) -> None:
    """Remove what a backup that was cut off left here."""
    for kind in KINDS:
        for left in folder.glob(f"{_stem(vault, kind)}-*{HALF}"):
            left.unlink(missing_ok=True)


def _remove_expired(vault: Vault, folder: Path) -> None:
    """Remove what is truly a short-lived backup of this vault past its day; nothing else."""
    key, log = vault.agent.subkey(LABEL), keys.owner_of(vault.settings)
    for path in folder.glob(f"{_stem(vault, SHORT_LIVED)}-*{SUFFIX}"):
        try:
            with path.open("rb") as file:
                sealed = read_header(file)
            sealed.file_key(key)
        except (OSError, WitnessVaultError):
            continue
        if sealed.header.log == log and sealed.header.expired:
            path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
