"""Opening what was attached: the record that holds the key, entry first, then the file whole.

A file is given on only after all of it has opened and is what its record says: its last bytes may
be what was cut off. What is told of a file opens its record only, and is an entry of that.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from vault import clock
from vault.cases.holders.access import REFUSED, Held, hold
from vault.cases.reveal import custody
from vault.cases.reveal.custody import CONFIRMED, Listed, Seen
from vault.cases.reveal.identity import tell_witness
from vault.cases.reveal.opened import GIVEN, SHOWN, SMALL
from vault.cases.reveal.opening import enter, forced_days, marked_forced, order
from vault.cases.reveal.reading import Account, read_account, view_record
from vault.cases.stored import stored_records
from vault.crypto import padding, stream, suite
from vault.errors import (
    FormatError,
    KeptBackError,
    NoEntryError,
    NoGrantError,
    NotArrivedError,
    NotFoundError,
    SealError,
    StorageError,
)
from vault.journal.drafts import Draft
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.letterbox import files
from vault.members.actor import Actor
from vault.packet.files import Attachment
from vault.roster.roles import DEPUTY, LAWYER
from vault.storage.tables.cases import attachments

PURPOSE = "file"


@dataclass(frozen=True)
class Told:
    """What is told of the files of a case; their records are open, the files are not.

    Args:
        held: the case.
        files: all that records tell of, in order.
    """

    held: Held
    files: tuple[Listed, ...] = field(repr=False)
    _vault: Vault = field(repr=False)
    _actor: Actor = field(repr=False)
    _account: Account | None = field(repr=False)

    def of(self, file_id: str) -> Listed:
        """Return one file.

        Raises:
            NotFoundError: no record tells of it.
            KeptBackError: the witness does not let whoever asks see it yet.
        """
        for one in self.files:
            if one.file.id == file_id:
                if not one.open:
                    raise KeptBackError
                return one
        raise NotFoundError

    def beside(self, file_id: str) -> tuple[Listed | None, Listed | None]:
        """Return the files before and after one, of those that whoever asks may see."""
        shown = [one for one in self.files if one.open]
        place = next(number for number, one in enumerate(shown) if one.file.id == file_id)
        return (
            shown[place - 1] if place else None,
            shown[place + 1] if place + 1 < len(shown) else None,
        )

    def copies(self, file_id: str) -> tuple[Listed, ...]:
        """Return the cleaned copies of a file."""
        return tuple(one for one in self.files if one.file.parent == file_id)

    def seen(self, file_id: str) -> tuple[Seen, ...]:
        """Return who looked at a file, saved it or confirmed what it is, oldest first."""
        with self._vault.database.read() as connection:
            return custody.seen(connection, self.held.line.id, file_id)

    def open(self, file_id: str, how: str) -> OpenedFile:
        """Open one file. The entry is committed before anything of it is decrypted.

        Args:
            file_id: which.
            how: SHOWN or GIVEN.

        Raises:
            NotArrivedError: it is not here whole.
            SealError: it was changed.
            LedgerError, StorageError, LockedError: no entry could be made; nothing was opened.
            NotFoundError, KeptBackError: as `of`.
        """
        one = self.of(file_id)
        return self._opened(one, self._enter(how, {"file": file_id}))

    def open_small(self, wanted: Sequence[Listed]) -> list[OpenedFile | None]:
        """Open several to be shown small, under one entry; None for what is not whole."""
        ids = [self.of(one.file.id).file.id for one in wanted]
        if not ids:
            return []
        entered = self._enter(SMALL, {}, {"files": ids})
        return [self._whole(one, entered) for one in wanted]

    def confirm(self, file_id: str) -> None:
        """Enter that the lawyer looked into whether a file of an investigation may be used.

        Raises:
            NotFoundError: it is not marked as one, or whoever asks is neither lawyer nor deputy.
        """
        if not self.of(file_id).file.case_file or self.held.line.capacity not in {LAWYER, DEPUTY}:
            raise NotFoundError
        with self._vault.journal.transaction() as transaction:
            transaction.log(CONFIRMED, self._actor.id, {**self._subject(), "file": file_id})

    def _subject(self) -> dict[str, str]:
        return {"case": self.held.line.id, "testimony": self.held.testimony}

    def _enter(
        self, how: str, subject: dict[str, str], detail: dict[str, list[str]] | None = None
    ) -> Transaction:
        """Enter an opening, and let the boxes tell of the first of its kind on a day."""
        case = self.held.line.id
        with self._vault.journal.transaction() as transaction:
            who = (self._actor.id, how)
            before = custody.told_today(transaction.connection, case, who, clock.day())
            said = {"as": self.held.role, **(detail or {})}
            transaction.log(how, self._actor.id, {**self._subject(), **subject}, said)
        if self._account is not None and not before:
            tell_witness(self._vault, self._actor, self.held, self._account)
        return transaction

    def _whole(self, one: Listed, entered: Transaction) -> OpenedFile | None:
        try:
            return self._opened(one, entered)
        except (NotArrivedError, SealError, StorageError):
            return None

    def _opened(self, one: Listed, entered: Transaction) -> OpenedFile:
        if one.stored is None:
            raise NotArrivedError
        opened = OpenedFile(one.file, self._vault, entered)
        _check(opened)
        return opened


@dataclass(frozen=True)
class OpenedFile:
    """A file that somebody opened, by an entry that was committed and names it.

    Raises:
        NoEntryError: it was not committed, or names no such file.
    """

    attachment: Attachment
    _vault: Vault = field(repr=False)
    _entered: Transaction = field(repr=False)

    def __post_init__(self) -> None:
        """Let nothing be opened that was not entered, whatever keys are at hand."""
        named = {file for draft in self._entered.drafts for file in _named(draft)}
        if not self._entered.committed or self.attachment.id not in named:
            raise NoEntryError("nothing of this was entered")

    def pieces(self) -> Iterator[bytes]:
        """Give the file in pieces; raises SealError if it was changed since it was checked."""
        sealed = files.pieces(self._vault.settings.paths.files / self.attachment.id)
        opened = stream.decrypt(self.attachment.key, sealed)
        yield from padding.unfill(opened, self.attachment.size)


def tell(vault: Vault, actor: Actor, case_id: str, file_id: str = "") -> Told:
    """Open the records of a case that tell of files. The entry is committed first.

    Args:
        vault: the vault.
        actor: who handles the case.
        case_id: which case.
        file_id: of which file; one that is not there is nothing of this case. Empty: of all.

    Raises:
        NotFoundError: no such case or file, or not theirs: the same answer for all.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = hold(vault, actor, case_id)
    here = states(vault, held.testimony)
    if file_id and file_id not in here:
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    shown = frozenset(map(Compartment, vault.roles[held.role].reads))
    opened = enter(vault, actor, held, shown, PURPOSE)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), shown)
    account: Account | None = None
    with contextlib.suppress(FormatError, NoGrantError, SealError):
        account = read_account(opened, stored)
    if account is not None and opened.untold:
        tell_witness(vault, actor, held, account)
    roster, without = vault.roster(), Compartment.ACCOUNT not in shown
    views = [view_record(opened, item, account, roster, without_account=without) for item in stored]
    marked = marked_forced(sorted(views, key=order), forced_days(vault, held, account, views))
    told = custody.of_records(marked, here, held.line.capacity)
    return Told(held, told, vault, actor, account)


def states(vault: Vault, testimony: str) -> dict[str, str | None]:
    """Return, of each file of a testimony, the day on which it was stored; None: not here."""
    wanted = select(attachments.c.id, attachments.c.stored_day)
    with vault.database.read() as connection:
        rows = connection.execute(wanted.where(attachments.c.testimony == testimony))
        return {row.id: row.stored_day for row in rows}


def _named(draft: Draft) -> tuple[str, ...]:
    """Return the files that an entry says were opened."""
    listed = draft.detail.get("files")
    if draft.kind == SMALL and isinstance(listed, (list, tuple)):
        return tuple(listed)
    return (draft.subject["file"],) if draft.kind in {SHOWN, GIVEN} else ()


def _check(opened: OpenedFile) -> None:
    """Open all of it once, and compare it with what its record says."""
    digest = hashlib.sha256()
    for piece in opened.pieces():
        digest.update(piece)
    if not suite.equal(digest.digest(), opened.attachment.sha256):
        raise SealError("not the file of which the record tells")
