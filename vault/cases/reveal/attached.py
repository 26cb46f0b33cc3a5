"""Opening what was attached: entry first, then the record that holds the key, then the file whole.

A file is given on only after all of it has opened and is what its record says: its last bytes may
be what was cut off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from vault.cases.holders.access import Held, hold
from vault.cases.model import RecordView
from vault.cases.reveal.identity import tell_witness
from vault.cases.reveal.opening import enter, order
from vault.cases.reveal.reading import ORIGINS, UNCHECKED, read_account, view_record
from vault.cases.stored import stored_records
from vault.crypto import stream, suite
from vault.errors import (
    FormatError,
    KeptBackError,
    NoGrantError,
    NotArrivedError,
    NotFoundError,
    SealError,
    StorageError,
)
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.ledger.entry import Entry
from vault.letterbox import files
from vault.members.actor import Actor
from vault.packet.files import Attachment
from vault.roster.roles import DEPUTY, DOCTOR, LAWYER
from vault.storage.tables.cases import attachments
from vault.storage.tables.ledger import ledger_entries

SHOWN, GIVEN = "file.shown", "file.given"
PURPOSE = "file"
PIECE = 64 * 1024

_SEEN_BY = {
    "lawyer": {None, LAWYER, DEPUTY},  # None: an officer, who passes it on
    "court": {None, LAWYER, DEPUTY},
    "doctor": {None, LAWYER, DEPUTY, DOCTOR},
    "nobody": set[str | None](),
}


@dataclass(frozen=True)
class Seen:
    """That somebody saw or took a file: when, who, and "file.shown" or "file.given"."""

    time: str
    member: str
    kind: str


@dataclass(frozen=True)
class OpenedFile:
    """A file that has opened whole.

    Args:
        attachment: what its record says.
        record: of which it was read.
        stored: day on which the vault stored it.
        seen: who saw it before, oldest first.
    """

    attachment: Attachment
    record: RecordView
    stored: str
    seen: tuple[Seen, ...]
    _vault: Vault = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Give the file in pieces; raises SealError if it was changed since it was checked."""
        yield from stream.decrypt(self.attachment.key, _sealed(self._vault, self.attachment.id))


def open_file(vault: Vault, actor: Actor, case_id: str, file_id: str, how: str) -> OpenedFile:
    """Open one file. The entry is committed before anything is decrypted.

    Args:
        vault: the vault.
        actor: who handles the case.
        case_id: which case.
        file_id: which file.
        how: SHOWN or GIVEN.

    Raises:
        NotFoundError: no such case or file, or not theirs: the same answer for all.
        KeptBackError: the witness does not let them see it yet.
        NotArrivedError: it is not here whole.
        SealError: it was changed.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = hold(vault, actor, case_id)
    with vault.database.read() as connection:
        row = _row(connection, held, file_id)
        before = _seen(connection, case_id, file_id)
    with vault.journal.transaction() as transaction:
        subject = {"case": case_id, "testimony": held.testimony, "file": file_id}
        transaction.log(how, actor.id, subject)
    record, attachment = _found(vault, actor, held, file_id)
    if held.line.capacity not in _SEEN_BY[attachment.may_see]:
        raise KeptBackError
    if row.stored_day is None:
        raise NotArrivedError
    opened = OpenedFile(attachment, record, row.stored_day, before, vault)
    _check(opened)
    return opened


def states(vault: Vault, testimony: str) -> dict[str, str | None]:
    """Return, of each file of a testimony, the day on which it was stored; None: not here."""
    wanted = select(attachments.c.id, attachments.c.stored_day)
    with vault.database.read() as connection:
        rows = connection.execute(wanted.where(attachments.c.testimony == testimony))
        return {row.id: row.stored_day for row in rows}


def _row(connection: Connection, held: Held, file_id: str) -> Any:
    query = select(attachments).where(
        attachments.c.id == file_id, attachments.c.testimony == held.testimony
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _found(vault: Vault, actor: Actor, held: Held, file_id: str) -> tuple[RecordView, Attachment]:
    """Return what a verified record says of a file; of two the first that came.

    Its key stands in the record, so this opens what a page of the case opens, and says so.
    """
    shown = frozenset(map(Compartment, vault.roles[held.role].reads))
    opened = enter(vault, actor, held, shown, PURPOSE)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), shown)
    try:
        account = read_account(opened, stored)
    except (FormatError, NoGrantError, SealError):
        account = None
    roster, without = vault.roster(), Compartment.ACCOUNT not in shown
    if account is not None and opened.untold:
        tell_witness(vault, actor, held, account)
    views = (view_record(opened, item, account, roster, without_account=without) for item in stored)
    told = (view for view in views if view.origin in {*ORIGINS, UNCHECKED})
    for view in sorted(told, key=order):
        for attachment in view.files:
            if attachment.id == file_id:
                return view, attachment
    raise NotFoundError


def _check(opened: OpenedFile) -> None:
    """Open all of it once, and compare it with what its record says."""
    digest = hashlib.sha256()
    for piece in opened.pieces():
        digest.update(piece)
    if not suite.equal(digest.digest(), opened.attachment.sha256):
        raise SealError("not the file of which the record tells")


def _sealed(vault: Vault, file_id: str) -> Iterator[bytes]:
    try:
        with files.open_ordinary(vault.settings.paths.files / file_id) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise StorageError("read") from error


def _seen(connection: Connection, case_id: str, file_id: str) -> tuple[Seen, ...]:
    query = (
        select(ledger_entries.c.leaf)
        .where(ledger_entries.c.case_id == case_id, ledger_entries.c.kind.in_((SHOWN, GIVEN)))
        .order_by(ledger_entries.c.seq)
    )
    entries = (Entry.parse(leaf) for leaf in connection.execute(query).scalars())
    return tuple(
        Seen(entry.time, entry.actor, entry.kind)
        for entry in entries
        if entry.subject.get("file") == file_id
    )
