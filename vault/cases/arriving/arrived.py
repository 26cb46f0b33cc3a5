"""Sealed files of testimonies: expected once a packet names them, fetched, and swept when over.

    vault/files/<32 hex>   a sealed file; only its record's key opens it

A packet is taken whether or not its files have come: words never wait for a video. Nothing here
opens anything.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from vault import clock
from vault.errors import ConflictError, FormatError, StorageError
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.letterbox import files
from vault.letterbox.uploads import check_reserve
from vault.packet import format as packets
from vault.packet.files import SealedFile
from vault.storage.tables.cases import attachments

STORED = "file.stored"

_log = logging.getLogger(__name__)


def are_of_another(connection: Connection, packet: packets.Testimony | packets.Addendum) -> bool:
    """Return whether one of the files that a packet names is of another testimony."""
    return any(one != packet.testimony for one in _known(connection, packet).values())


def expect(connection: Connection, packet: packets.Testimony | packets.Addendum) -> None:
    """Note the files that a packet names, inside the transaction that takes it.

    A file that the same testimony named before stays as it is: a page that is sent once more, with
    another choice, brings what is new of it.
    """
    known = _known(connection, packet)
    rows = [
        {
            "id": file.id,
            "testimony": packet.testimony,
            "size": file.size,
            "sha256": file.sha256,
            "slot_day": clock.day(),
        }
        for file in packet.files
        if file.id not in known
    ]
    if rows:
        connection.execute(attachments.insert(), rows)


def fetch(vault: Vault) -> None:
    """Move the files that are expected out of the letterbox; what is not there yet may come later.

    The copy is on the disk before the row says so, and the letterbox's is taken away last: killed
    in between, it begins again.
    """
    most = 2 * vault.settings.uploads.size_limit  # sealed and filled; else one would take all room
    possible = _missing & (attachments.c.size <= most)
    with vault.database.read() as connection:
        rows = connection.execute(select(attachments).where(possible)).all()
    stored = _stored(vault, rows)
    # Also what lies here and is not what was named: it must not keep the right one away.
    left = [row for row in rows if row.id not in stored]
    if vault.letterbox.hosts.bring([_sealed(row) for row in left], vault.uploads):
        stored += _stored(vault, left)
    if stored:
        with vault.journal.transaction() as transaction:
            change = attachments.update().where(attachments.c.id.in_(stored))
            transaction.connection.execute(change.values(stored_day=clock.day()))
            transaction.log(STORED, SYSTEM, {}, {"count": len(stored)})
        for name in stored:
            vault.uploads.remove(name)


def sweep(vault: Vault) -> None:
    """Remove what belongs to nothing: files of what was erased, and uploads that nobody sent."""
    with vault.database.read() as connection:
        rows = connection.execute(select(attachments)).all()
    known = {row.id: row.stored_day for row in rows}
    folder = vault.settings.paths.files
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)
    for name in vault.uploads.names():
        if known.get(name) is not None:  # killed before it was taken away, or made once more
            vault.uploads.remove(name)
    missing = [_sealed(row) for row in rows if row.stored_day is None]
    wanted = {file.id for file in (*missing, *_named_by_waiting(vault))}
    vault.uploads.sweep(wanted)
    vault.letterbox.hosts.sweep(wanted)


def _stored(vault: Vault, rows: Sequence[Any]) -> list[str]:
    """Copy those of the rows' files that are in the letterbox; returns which lie in the vault."""
    came = set(vault.uploads.names()) if rows else set()
    return [row.id for row in rows if row.id in came and _store(vault, row)]


def _store(vault: Vault, row: Any) -> bool:
    """Copy one file whole; returns whether it lies in the vault now."""
    folder = vault.settings.paths.files
    files.make_directories(folder)
    try:
        _check_room(vault, row.size)
        files.create_from(folder / row.id, _whole(vault, row), folder)
    except ConflictError:
        return True  # killed after it was copied
    except FormatError:
        _log.warning("a sealed file is not what its packet names")
        return False
    except StorageError as error:
        _log.warning("a sealed file could not be stored: %s", error.code)
        return False
    return True


def _check_room(vault: Vault, size: int) -> None:
    """Let no files fill the vault's disk; on the letterbox's own, moving one takes nothing of it.

    Raises:
        NoRoomError: it must wait.
        StorageError: a folder cannot be read.
    """
    folder, letterbox = vault.settings.paths.files, vault.settings.paths.letterbox
    if folder.stat().st_dev != letterbox.stat().st_dev:
        check_reserve(folder, size, vault.settings.uploads.reserve_percent)


def _whole(vault: Vault, row: Any) -> Iterator[bytes]:
    """Give a file's bytes; raises FormatError at its end if they are not those that were named."""
    size, digest = 0, hashlib.sha256()
    for piece in vault.uploads.read(row.id):
        size += len(piece)
        if size > row.size:
            break
        digest.update(piece)
        yield piece
    if (size, digest.digest()) != (row.size, row.sha256):
        raise FormatError("not the file that was named")


def _known(connection: Connection, packet: packets.Testimony | packets.Addendum) -> dict[str, str]:
    """Return the testimony of each file of a packet that was named before, by id."""
    wanted = select(attachments.c.id, attachments.c.testimony)
    found = wanted.where(attachments.c.id.in_([file.id for file in packet.files]))
    return {row.id: row.testimony for row in connection.execute(found)}


def _sealed(row: Any) -> SealedFile:
    return SealedFile(row.id, row.size, row.sha256)


def _named_by_waiting(vault: Vault) -> Iterator[SealedFile]:
    """Give the files of packets that still wait."""
    for name in vault.letterbox.waiting():
        try:
            packet = packets.parse(vault.letterbox.packet(name) or b"")
        except (FormatError, StorageError):
            continue
        if not isinstance(packet, packets.Instruction):
            yield from packet.files


_missing = attachments.c.stored_day.is_(None)
