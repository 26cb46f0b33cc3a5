"""Holds still what a backup copies, while intake, collector and staff go on.

Databases are copied by SQLite in one step, which sees one moment. Files of the letterbox are never
changed in place, only put, replaced and taken away whole, so a second link keeps each as it is.
The order is the whole of the consistency between them (docs/spec/backup.md):

    .sent files     say what was sent: never more than the packets taken next
    packets         before the database: one that the collector takes meanwhile is in the database
    sealed files    that these name, or that were not fetched yet: later they lie in vault/files
    vault.db
    erasure.db      after it: no grant without its key, unless it was erased
    boxes           last: never older than what the database believes to be delivered
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from vault.crypto import suite
from vault.custody.backup import container
from vault.custody.backup.header import MAIN, SHORT_LIVED
from vault.custody.keys import CUSTODY_KEY, PURPOSES
from vault.errors import FormatError, StorageError
from vault.journal.vault import Vault
from vault.letterbox import files
from vault.packet import format as packets
from vault.storage.tables.cases import attachments

PREFIX = "backup-"
MAX_SMALL = 1_000_000

_SMALL = (
    "settings.toml",
    "intake/root",
    # The version seen, before the database that must hold it.
    "keys/roster.seen",
    "keys/root.public",
    f"keys/{CUSTODY_KEY}",
    *(f"keys/{name}" for name in PURPOSES),
)

Held = dict[str, Path]


@contextmanager
def held_still(vault: Vault, kinds: Iterable[str]) -> Iterator[dict[str, Held]]:
    """Give, for each kind, its files by name; what holds them is removed afterwards.

    Raises:
        StorageError: there is no room, or a file cannot be held.
        BackupError: a file that every vault needs is missing.
    """
    sweep(vault)
    paths, name = vault.settings.paths, f"{PREFIX}{suite.random(8).hex()}"
    own, links = paths.vault / name, paths.letterbox / name
    try:
        files.make_directories(own, links)
        yield _hold(vault, tuple(kinds), own, links)
    finally:
        shutil.rmtree(links, ignore_errors=True)
        shutil.rmtree(own, ignore_errors=True)


def sweep(vault: Vault) -> None:
    """Remove what a backup that was cut off left; the caller is the only one that makes one."""
    for folder in (vault.settings.paths.vault, vault.settings.paths.letterbox):
        for left in folder.glob(f"{PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)


def size_of(vault: Vault) -> int:
    """Return how many bytes the databases have, which are copied whole."""
    return sum(path.stat().st_size for path in vault.settings.paths.vault.glob("*.db*"))


def _hold(vault: Vault, kinds: tuple[str, ...], own: Path, links: Path) -> dict[str, Held]:
    held: dict[str, Held] = {kind: {} for kind in kinds}
    letterbox = vault.settings.paths.letterbox
    _check_room(vault)
    if SHORT_LIVED in kinds:
        for folder, pattern in (("boxes", "*.sent"), ("in", "*"), ("refused", "*")):
            _link_all(letterbox, folder, pattern, links)
        for name in {
            *_named_by(links / "in", vault.settings.letterbox.packet_limit),
            *_expected(vault),
        }:
            _link(letterbox / "files" / name, links / "files" / name)
    if MAIN in kinds:
        held[MAIN] |= _small_files(vault.settings.paths.root, own)
        held[MAIN]["vault/vault.db"] = vault.database.copy_to(own / "vault.db")
        held[MAIN] |= _others(vault.settings.paths.vault, own)
    if SHORT_LIVED in kinds:
        held[SHORT_LIVED]["vault/erasure.db"] = vault.erasure.copy_to(own / "erasure.db")
        for pattern in ("*.box", "*.sent"):
            _link_all(letterbox, "boxes", pattern, links)
        held[SHORT_LIVED] |= _below(links, "letterbox", SHORT_LIVED)
    for kind, holds in held.items():
        container.check_whole(holds, kind)
    return held


def _check_room(vault: Vault) -> None:
    """Refuse to take from the room that intake needs."""
    free = shutil.disk_usage(vault.settings.paths.vault).free
    if free < size_of(vault) + vault.settings.letterbox.disk_reserve:
        raise StorageError("too little room for a backup beside the disk reserve")


def _small_files(root: Path, own: Path) -> Held:
    """Copy what may be replaced while it is read twice."""
    held = {}
    for name in _SMALL:
        data = files.read(root / name, MAX_SMALL)
        if data is not None:
            held[name] = own / name.replace("/", "+")
            files.write(held[name], data, own, durable=False)
    return held


def _others(folder: Path, own: Path) -> Held:
    """Link what else lies in `vault/`: everything that belongs and is no database of ours."""
    for path in sorted(folder.rglob("*")):
        name = f"vault/{path.relative_to(folder).as_posix()}"
        if name != "vault/vault.db" and container.belongs(name, MAIN) and path.is_file():
            _link(path, own / "others" / path.relative_to(folder))
    return _below(own / "others", "vault", MAIN)


def _link_all(letterbox: Path, folder: str, pattern: str, links: Path) -> None:
    for path in (letterbox / folder).glob(pattern):
        if container.belongs(f"letterbox/{folder}/{path.name}", SHORT_LIVED):
            _link(path, links / folder / path.name)


def _named_by(folder: Path, limit: int) -> Iterator[str]:
    """Give the files of the packets held here; what no sender has answered for is not kept."""
    for path in folder.glob("*"):
        try:
            packet = packets.parse(files.read(path, limit) or b"")
        except (FormatError, StorageError):
            continue
        if not isinstance(packet, packets.Instruction):
            yield from (file.id for file in packet.files)


def _expected(vault: Vault) -> list[str]:
    """Return the files of packets that were taken, which have still to be fetched."""
    missing = select(attachments.c.id).where(attachments.c.stored_day.is_(None))
    with vault.database.read() as connection:
        return list(connection.execute(missing).scalars())


def _link(path: Path, target: Path) -> None:
    """Hold an ordinary file. Anything else in the letterbox was put there to lead out of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return
        os.link(path, target, follow_symlinks=False)
    except (FileNotFoundError, FileExistsError):
        return  # taken away meanwhile, or held already: both are as they should be
    except OSError as error:
        raise StorageError("a file cannot be held for the backup") from error


def _below(folder: Path, name: str, kind: str) -> Held:
    found = {f"{name}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*")}
    return {
        inside: path
        for inside, path in found.items()
        if container.belongs(inside, kind) and path.is_file()
    }
