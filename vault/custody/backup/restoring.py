"""Verifying a backup, and making a vault of it in a fresh folder.

Everything is checked before the folder gets its name: whatever is wrong, nothing is there. A backup
is opened by the passphrases of its own day, or, while its vault runs, by that vault.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from vault import clock
from vault import settings as settings_module
from vault.agents.api import Kdf
from vault.agents.vault_keys import VaultKeys
from vault.crypto import stream, suite
from vault.custody import keys, rosters
from vault.custody.backup import container
from vault.custody.backup.header import (
    KINDS,
    MAIN,
    SHORT_LIVED,
    Header,
    Sealed,
    backup_key_of,
    read_header,
)
from vault.errors import (
    BackupError,
    ExpiredBackupError,
    ForeignBackupError,
    FormatError,
    LedgerError,
    RefusedError,
    SignatureError,
    StorageError,
)
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.letterbox import files
from vault.storage import migrations
from vault.storage.tables.base import ERASURE, VAULT
from vault.storage.tables.cases import grants, outbox
from vault.storage.tables.erasure import erasure_keys

Opener = Callable[[Header], bytes]
"""Gives the backup key for a header: by a passphrase and its key files, or from a running vault."""


@dataclass(frozen=True)
class Verified:
    """A backup that is whole: its header, its files and their bytes."""

    header: Header
    files: int
    size: int


@dataclass(frozen=True)
class Restored:
    """What stands in the new folder.

    Attributes:
        day: of the main backup: what happened later is not in it.
        entries: how many the access log has.
        fault: the first entry at which the log does not verify, None if all of it does.
        closed: testimonies and cases whose erasure key is missing: nobody can open them.
        waiting: packets that the collector will take.
        short_lived: whether erasure keys and letterbox were restored.
    """

    day: str
    entries: int
    fault: int | None
    closed: int
    waiting: int
    short_lived: bool


def by_passphrase(passphrase: str, kdf: Kdf) -> Opener:
    """Return what opens a backup on a bare machine."""

    def open_header(header: Header) -> bytes:
        read = {name: lambda data=data: data for name, data in header.keys.items()}
        return backup_key_of(keys.open_vault_key(read, header.log, passphrase, kdf))

    return open_header


def stated(path: Path) -> Header:
    """Return what a backup says of itself in clear; nothing of it is proven yet.

    Raises:
        FormatError: it is no backup.
        StorageError: it cannot be read.
    """
    with _opened(path) as (_, sealed):
        return sealed.header


def check_free(folder: Path) -> None:
    """Refuse a folder that a vault cannot be restored into.

    Raises:
        RefusedError: it holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(f"{folder.name} is in use: a vault is restored into a new folder")


def verify(path: Path, opener: Opener) -> Verified:
    """Read a backup to its end. That it is expired is told by its header, not refused.

    Raises:
        WrongPassphraseError: not a passphrase of its day.
        FormatError, SealError, BackupError: it is no backup, not whole, or was changed.
        StorageError: it cannot be read.
    """
    with _opened(path) as (file, sealed):
        items = _unpack(file, sealed, opener(sealed.header), container.nowhere)
        return Verified(sealed.header, len(items), sum(item.size for item in items))


def restore(paths: Sequence[Path], folder: Path, passphrase: str, kdf: Kdf) -> Restored:
    """Make a vault in `folder` from a main backup and, if there is one, a short-lived one.

    Args:
        paths: one or two files, in any order.
        folder: missing or empty; the vault's new place.
        passphrase: the vault passphrase of the main backup's day, or the spare one.
        kdf: derives it.

    Raises:
        WrongPassphraseError: neither.
        BackupError: not one of each kind; two of different vaults; an expired one.
        FormatError, SealError: a file is no backup, not whole, or was changed.
        RefusedError: the folder is in use.
        StorageError: it cannot be written. In every case nothing is there.
    """
    check_free(folder)
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(_opened(path)) for path in paths]
        by_kind = _one_of_each(opened)
        key = by_passphrase(passphrase, kdf)(by_kind[MAIN][1].header)
        half = stack.enter_context(_half_made(folder))
        for file, sealed in by_kind.values():
            _restore_files(file, sealed, key, half)
        restored = _come_to_life(half, by_kind, passphrase, kdf)
        os.sync()
        half.rename(folder)
    return restored


Opened = tuple[BinaryIO, Sealed]


@contextmanager
def _opened(path: Path) -> Iterator[Opened]:
    try:
        with path.open("rb") as file:
            yield file, read_header(file)
    except OSError as error:
        raise StorageError(f"{path.name} cannot be read, or nothing can be written") from error


def _one_of_each(opened: Sequence[Opened]) -> dict[str, Opened]:
    by_kind = {sealed.header.kind: (file, sealed) for file, sealed in opened}
    if MAIN not in by_kind or len(by_kind) != len(opened):
        raise BackupError("one main backup is needed, and at most one short-lived one")
    if len({sealed.header.log for _, sealed in opened}) > 1:
        raise ForeignBackupError("the two are of different vaults")
    return {kind: by_kind[kind] for kind in KINDS if kind in by_kind}


def _unpack(
    file: BinaryIO, sealed: Sealed, key: bytes, keep: container.Keep
) -> tuple[container.Item, ...]:
    pieces = iter(lambda: file.read(container.PIECE), b"")
    opened = stream.decrypt(sealed.file_key(key), pieces)
    return container.unpack(opened, sealed.header.kind, keep)


@contextmanager
def _half_made(folder: Path) -> Iterator[Path]:
    half = folder.parent / f".{folder.name}-{suite.random(8).hex()}"
    try:
        files.make_directories(half)
        yield half
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _restore_files(file: BinaryIO, sealed: Sealed, key: bytes, half: Path) -> None:
    sealed.file_key(key)  # a last day is believed only from here on
    if sealed.header.expired:
        raise ExpiredBackupError(f"{sealed.header.last_day}")
    midnight = clock.seconds_of(clock.day())

    @contextmanager
    def keep(name: str) -> Iterator[BinaryIO]:
        path = half / name  # `container.belongs` has refused whatever leads elsewhere
        files.make_directories(*reversed([p for p in path.parents if p.is_relative_to(half)]))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE)
        with os.fdopen(descriptor, "wb") as target:
            yield target
        os.utime(path, (midnight, midnight))

    _unpack(file, sealed, key, keep)


def _come_to_life(half: Path, by_kind: dict[str, Opened], passphrase: str, kdf: Kdf) -> Restored:
    """Open the restored vault for the first time, with an entry, and look at what it is."""
    settings = settings_module.load(half)
    header = by_kind[MAIN][1].header
    if keys.owner_of(settings) != header.log:
        raise ForeignBackupError("its settings name another log")
    secrets = keys.open_vault_keys(settings, passphrase, kdf)
    agent = VaultKeys(settings.ledger.origin)
    secrets.open(agent)
    # `create`: a restored vault without a short-lived backup begins with no erasure keys at all.
    vault = Vault(settings, agent, kdf, create=True)
    try:
        migrations.upgrade(vault.database, VAULT)
        migrations.upgrade(vault.erasure, ERASURE)
        if SHORT_LIVED in by_kind and by_kind[SHORT_LIVED][1].header.id != header.id:
            _keep_newer_boxes(vault)
        return _looked_at(vault, header, short_lived=SHORT_LIVED in by_kind)
    finally:
        vault.close()
        agent.lock()


def _keep_newer_boxes(vault: Vault) -> None:
    """Forget boxes that were to be written when the main backup was made.

    The letterbox is newer than that: the box of a testimony that was erased since says so, and an
    older one would take its place.
    """
    with vault.database.write() as connection:
        connection.execute(outbox.delete())


def _looked_at(vault: Vault, header: Header, *, short_lived: bool) -> Restored:
    fault = _fault(vault)
    with contextlib.suppress(LedgerError), vault.journal.transaction() as transaction:
        # A log at fault is told, not refused: what witnesses wrote must not be lost for its sake.
        detail = {"day": header.day, "kinds": list(KINDS if short_lived else [MAIN])}
        transaction.log("vault.restored", SYSTEM, {"backup": header.id}, detail)
    rosters.show_to_intake(vault)
    return Restored(
        day=header.day,
        entries=vault.journal.size(),
        fault=fault,
        closed=_closed(vault),
        waiting=len(vault.letterbox.waiting()),
        short_lived=short_lived,
    )


def _fault(vault: Vault) -> int | None:
    try:
        vault.journal.verify()
    except LedgerError as error:
        return error.seq or 0
    except (SignatureError, FormatError):
        return 0
    return None


def _closed(vault: Vault) -> int:
    with vault.database.read() as connection:
        subjects = set(connection.execute(select(grants.c.subject).distinct()).scalars())
    with vault.erasure.read() as connection:
        return len(subjects - set(connection.execute(select(erasure_keys.c.subject)).scalars()))
