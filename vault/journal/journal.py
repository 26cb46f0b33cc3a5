"""No entry, no answer: what is done and that it was done are one commit."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vault import clock
from vault.errors import (
    AgentError,
    BusyError,
    LedgerError,
    NoEntryError,
    StorageError,
    WitnessVaultError,
    WrongDatabaseKeyError,
)
from vault.journal import cosigning, exporting, reading, refusals
from vault.journal.drafts import Draft, append, check_goes_on, read_head
from vault.journal.pacing import Paced
from vault.journal.reading import MAX_ROWS, Filter
from vault.journal.refusals import Refusal
from vault.journal.signing import sign_head
from vault.journal.tally import Tally
from vault.journal.transaction import Transaction
from vault.journal.whole import Whole
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import Frontier
from vault.ledger.note import Note, NoteVerifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from vault.agents.api import VaultAgent
    from vault.journal.cosigning import Seen
    from vault.ledger.entry import Entry
    from vault.ledger.offer import Offer
    from vault.ledger.proof import TlogProof
    from vault.ledger.verify import Report
    from vault.storage.engine import Database

_log = logging.getLogger(__name__)


class Journal:
    """The access log of one vault.

    Args:
        database: the vault's, migrated.
        agent: holds the ledger key.
        origin: the log's name.
        first: gives the key that the log began with, from somewhere the log cannot change; by
            default it is still the agent's.
        pause: seconds within which commits that follow each other share a checkpoint.
    """

    def __init__(
        self,
        database: Database,
        agent: VaultAgent,
        origin: str,
        first: Callable[[], NoteVerifier] | None = None,
        pause: float = 0,
    ) -> None:
        self._database = database
        self._agent = agent
        self._origin = origin
        self._first = first or self.verifier
        self._whole = Whole()
        self._refusals = Tally(self._write_refusals)
        self._signing = Paced(self.checkpoint, pause)
        self._closed = False
        self._written = Frontier()  # what this process has committed

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Do something and log it in one commit; then sign a checkpoint.

        Nothing of it stands if the block raises. Not re-entrant. Only what comes after the block
        may answer anybody.

        Raises:
            LedgerError: something was changed and nothing logged (nothing stands then); or, after
                the commit, the log does not follow from its last checkpoint: give no answer.
            NoEntryError: the log took no entry: read-only, full, damaged.
            LockedError, BusyError: it could not be committed now.
        """
        within = False
        try:
            with self._database.write() as connection:
                before = _changes(connection)
                transaction = Transaction(connection)
                within = True
                yield transaction
                within = False
                if not transaction.end() and _changes(connection) != before:
                    raise LedgerError("a change without an entry")
                check_goes_on(connection, self._written)
                append(connection, transaction.drafts)
                written = read_head(connection)
        except (BusyError, WrongDatabaseKeyError):
            raise
        except StorageError as error:
            if within:  # of what the caller did itself
                raise
            self._closed = True
            raise NoEntryError(error.detail) from None
        self._closed, transaction.committed = False, True
        self._written = max(self._written, written, key=lambda head: head.size)
        if transaction.drafts:
            self._checkpoint_later_if_not_now()

    @property
    def closed(self) -> bool:
        """Whether the log took no entry when this process last tried: then nothing is opened."""
        return self._closed

    def append(self, connection: Connection, drafts: Sequence[Draft]) -> list[int]:
        """Append inside the caller's own `Database.write()`; `checkpoint()` follows its commit."""
        return append(connection, drafts)

    def checkpoint(self) -> bytes | None:
        """Sign the committed head and return the note; None while there are no entries.

        Raises:
            LedgerError: what is stored does not follow from the last checkpoint; nothing is signed.
            LockedError, AgentError, BusyError, StorageError: it could not be signed or kept now.
        """
        # Under the write lock, so that two checkpoints never race; after the commit of the entries,
        # so that nothing is ever signed that a power cut could take back.
        with self._database.write() as connection:
            check_goes_on(connection, self._written)
            return sign_head(connection, self._agent, self._origin)

    def settle(self) -> None:
        """Sign now what this process has still to sign, if it can be."""
        try:
            self._signing.settle()
        except WitnessVaultError as error:
            _log.warning("no checkpoint was signed: %s", error.code)

    def count_refusal(self, kind: str, member: str | None = None) -> None:
        """Count a refused sign-in or request, in memory: takes no time and shows nothing.

        An entry for the first in a minute follows within about a second; see `tally`.

        Args:
            kind: `signin.refused` or `refused`.
            member: whose; None if nobody of that name exists.
        """
        self._refusals.add(Refusal.now(kind, member))

    def refusals_here(self) -> int:
        """Return how many refusals the thread that asks has counted."""
        return self._refusals.here()

    def write_refusals(self) -> None:
        """Write now what this process has counted.

        Raises:
            LockedError, BusyError, StorageError: it could not be written; it is kept.
        """
        self._refusals.flush()

    def flush_refusals(self) -> None:
        """Write "n more" for every minute that is over and had more than one refusal."""
        self.write_refusals()
        self._append(lambda connection: refusals.flush(connection, clock.now()))

    def size(self) -> int:
        """Return how many entries there are."""
        with self._database.read() as connection:
            return read_head(connection).size

    def verifier(self) -> NoteVerifier:
        """Return the key that checkpoints are signed with now; `vkey()` is its text form."""
        return NoteVerifier(self._origin, self._agent.ledger_public())

    def first_verifier(self) -> NoteVerifier:
        """Return the key that the log began with: what its auditors hold."""
        return self._first()

    def read(
        self, chosen: Filter | None = None, limit: int = MAX_ROWS, *, newest_first: bool = False
    ) -> list[Entry]:
        """Return entries; see `reading.read_entries`."""
        with self._database.read() as connection:
            return reading.read_entries(
                connection, chosen or Filter(), limit, newest_first=newest_first
            )

    def latest_checkpoint(self) -> bytes | None:
        """Return the newest signed checkpoint; None if nothing was signed yet."""
        with self._covered() as connection:
            return reading.last_checkpoint(connection)

    def checkpoint_to_keep(self) -> bytes | None:
        """Return the newest signed checkpoint, for somebody to keep; None if there is none yet.

        Raises:
            LedgerError: the agent signed a larger one since: somebody took it away, so that less
                would be kept.
        """
        self.settle()
        # Under the write lock: nobody has signed one that is not stored yet.
        with self._database.write() as connection:
            note, signed = reading.last_checkpoint(connection), self._agent.signed()
        size = 0 if note is None else Checkpoint.parse(Note.parse(note).text).size
        if size < signed:
            raise LedgerError(f"the checkpoint at {signed} entries is gone", seq=size)
        return note

    def inclusion_proof(self, seq: int, under: bytes | None = None) -> TlogProof:
        """Return the proof of one entry; see `reading.prove`."""
        with self._covered() as connection:
            return reading.prove(connection, seq, under)

    def consistency_proof(self, size: int, note: bytes) -> tuple[bytes, ...]:
        """Return the proof from the first `size` entries to a checkpoint; see `reading.follows`."""
        with self._database.read() as connection:
            return reading.follows(connection, size, note)

    def key_changes(self, size: int) -> tuple[bytes, ...]:
        """Return the leaves by which the log's own key was changed, among the first `size`."""
        with self._database.read() as connection:
            return reading.key_changes(connection, size)

    @contextmanager
    def exporting(self, since: bytes | None = None) -> Iterator[Mapping[str, Iterable[bytes]]]:
        """Give the files of an export, to be written while this is open; see `exporting.files`."""
        with self._covered() as connection:
            yield exporting.files(connection, self.first_verifier(), since)

    def offer(self, cosigner: str) -> Offer:
        """Return the newest checkpoint for a cosigner to sign; see `cosigning.offer`."""
        with self._covered() as connection:
            return cosigning.offer(connection, cosigner)

    def take_cosigned(
        self, note: bytes, cosigners: Sequence[NoteVerifier], actor: str
    ) -> list[Seen]:
        """Keep what cosigners signed under a checkpoint of this log; see `cosigning.take`."""
        with self.transaction() as transaction:
            return cosigning.take(transaction, note, cosigners, actor)

    def seen(self, cosigners: Sequence[NoteVerifier]) -> Seen | None:
        """Return what one of these cosigners saw last; see `cosigning.latest`."""
        with self._database.read() as connection:
            return cosigning.latest(connection, cosigners)

    def verify(self) -> Report:
        """Verify everything that is stored, just now; see `whole.Whole.verify`."""
        with self._covered() as connection:
            return self._whole.verify(
                connection, self.first_verifier().vkey(), self.verifier().vkey()
            )

    def _write_refusals(self, counted: Mapping[Refusal, int]) -> None:
        def drafts(connection: Connection) -> list[Draft]:
            found = [refusals.count(connection, *each) for each in counted.items()]
            return [draft for draft in found if draft]

        self._append(drafts)

    def _append(self, drafts_of: Callable[[Connection], list[Draft]]) -> None:
        with self._database.write() as connection:
            drafts = drafts_of(connection)
            append(connection, drafts)
        if drafts:
            self._checkpoint_later_if_not_now()

    def _checkpoint_later_if_not_now(self) -> None:
        try:
            self._signing.ask()
        except (AgentError, BusyError, StorageError) as error:
            # The entries stand; the next checkpoint covers them. To report a failure now would
            # say that nothing was done.
            _log.warning("no checkpoint was signed: %s", error.code)

    @contextmanager
    def _covered(self) -> Iterator[Connection]:
        """Give a connection to read by, after what this process has still to sign was signed."""
        self.settle()
        with self._database.read() as connection:
            yield connection


def _changes(connection: Connection) -> int:
    """Return how many rows this connection has ever inserted, updated or deleted."""
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)
