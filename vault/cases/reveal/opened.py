"""The only thing that decrypts records: what the log says, in a commit that stands, was opened.

Keys alone open nothing here. Whoever has none of these has made no entry, and whoever has one can
read what its entry names and nothing else: another case, or a part that it does not name, is
refused. So a page that forgets the entry shows nothing, whatever keys it was given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault.cases.holders.access import Held
from vault.errors import FormatError, NoEntryError, NoGrantError
from vault.journal.drafts import Draft
from vault.journal.transaction import Transaction
from vault.keyring.compartments import Compartment
from vault.packet.format import Record
from vault.packet.open_record import open_record

REVEAL, IDENTITY_OPENED = "reveal", "identity.opened"
SHOWN, SMALL, GIVEN = FILES_OPENED = ("file.shown", "file.small", "file.given")
PROOF_MADE = "proof.made"


@dataclass(frozen=True)
class Opened:
    """A case that somebody opened, by an entry that was committed.

    Args:
        held: the case and their keys of it.
        transaction: in which the entry was made.
        untold: whether the witness's boxes do not tell of it yet.

    Raises:
        NoEntryError: it was not committed, or holds no entry of opening this case.
    """

    held: Held
    transaction: Transaction = field(repr=False)
    untold: bool = False

    def __post_init__(self) -> None:
        if not self.transaction.committed or not self.compartments:
            raise NoEntryError("nothing of this was entered")

    @property
    def compartments(self) -> frozenset[str]:
        """What the entry says was opened."""
        return frozenset(part for draft in self._entries() for part in _parts(draft))

    def with_keys(self, held: Held) -> Opened:
        """Return the same opening with newer keys of the same case."""
        return dataclasses.replace(self, held=held)

    def read(self, subject: str, record: Record) -> dict[str, Any]:
        """Decrypt one record; returns its content.

        Args:
            subject: testimony id, or case id for `work`.
            record: of it, as stored.

        Raises:
            NoEntryError: the entry does not name its part, or is of another case.
            NoGrantError: no key of it is held.
            SealError, FormatError: as `packet.open_record`.
        """
        work = record.compartment is Compartment.WORK
        own = self.held.line.id if work else self.held.testimony
        of_this = {self.held.line.id, self.held.testimony}
        if subject not in of_this or record.compartment not in self.compartments:
            raise NoEntryError("nothing of this was entered")
        if subject != own:
            raise FormatError("a record of the case's other half")
        seeds = self.held.work if work else self.held.seeds
        key = seeds.key(record.compartment, record.epoch)
        if key is None:
            raise NoGrantError
        return open_record(subject, record, key)

    def _entries(self) -> Iterator[Draft]:
        of_this = {"case": self.held.line.id, "testimony": self.held.testimony}
        for draft in self.transaction.drafts:
            if draft.kind in {REVEAL, IDENTITY_OPENED} and _covers(draft.subject, of_this):
                yield draft


def _covers(subject: Mapping[str, str], of_this: Mapping[str, str]) -> bool:
    return all(subject.get(name) == value for name, value in of_this.items())


def _parts(draft: Draft) -> tuple[str, ...]:
    if draft.kind == IDENTITY_OPENED:
        return (Compartment.IDENTITY,)
    named = draft.detail.get("compartments")
    return tuple(named) if isinstance(named, (list, tuple)) else ()
