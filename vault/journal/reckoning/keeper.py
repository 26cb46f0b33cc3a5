"""The reckoning of one vault: goes on from where it stood, no entry before it is proven.

What is shown as a number comes from leaves under a signed checkpoint, never from a column that no
hash covers. What was counted is kept in memory, and from time to time in the database under a MAC
by a key that no database holds: whoever only writes there can lose it, not bend it.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from vault import canonical
from vault.crypto import suite
from vault.errors import (
    BusyError,
    FormatError,
    LedgerError,
    SignatureError,
    StorageError,
)
from vault.journal.drafts import read_head
from vault.journal.reckoning import proven
from vault.journal.reckoning.rules import parse
from vault.journal.reckoning.sums import Sums
from vault.journal.reckoning.watch import Watch
from vault.ledger.merkle import Frontier
from vault.ledger.note import NoteVerifier
from vault.ledger.succession import Succession
from vault.storage.tables.ledger import checkpoints, reckoning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from vault.agents.api import VaultAgent
    from vault.journal.journal import Journal
    from vault.storage.engine import Database

FORMAT = "witness-vault/reckoning/v1"
LABEL = "reckoning"
# How many entries are proven and counted at once, at most unless one commit held more.
STEP = 20_000
# How many older ones are proven again at each look, somewhere in the log.
AGAIN = 1_000
# After how many new ones what was counted is kept.
KEEP_EVERY = 5_000

_size = checkpoints.c.size


@dataclass
class State:
    """What was counted so far, and up to where it is proven."""

    frontier: Frontier
    keys: Succession
    sums: Sums
    watch: Watch


@dataclass(frozen=True)
class Fault:
    """The log does not verify; `seq` is the first entry at fault, where it can be named."""

    seq: int | None


@dataclass(frozen=True)
class Look:
    """What one look found.

    Attributes:
        state: as far as the log is proven.
        fault: why it is not proven further.
        again: which older entries were proven once more: the first, and where it ends.
        newer: how many entries no checkpoint covers yet.
    """

    state: State
    fault: Fault | None = None
    again: tuple[int, int] = (0, 0)
    newer: int = 0


@dataclass
class Reckoning:
    """The reckoning of one log in one process.

    Args:
        journal: the log.
        database: where it is stored.
        agent: holds the key of the MAC.
        zone: where the organisation is: its days and hours.
        lines: what is worth a question, as the settings state it.

    Raises:
        SettingError: a line is no rule.
    """

    journal: Journal
    database: Database
    agent: VaultAgent
    zone: ZoneInfo
    lines: Sequence[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _state: State | None = None
    _kept: int = 0

    def __post_init__(self) -> None:
        self._rules = parse(self.lines)

    @contextmanager
    def look(self) -> Iterator[Look]:
        """Count what is new, prove something old again, and give what is known.

        Nobody else counts while the block lasts.

        Raises:
            LockedError, BusyError, StorageError: the log cannot be read now.
        """
        with self._lock:
            self.journal.settle()
            with self.database.read() as connection:
                state = self._state = self._state or self._begin(connection)
                found = self._advanced(connection, state)
            self._keep_if_due(state)
            yield found

    def _advanced(self, connection: Connection, state: State) -> Look:
        head = read_head(connection).size
        try:
            self._advance(connection, state)
            again = self._prove_again(connection, state)
        except LedgerError as error:
            return Look(state, Fault(error.seq), newer=head - state.frontier.size)
        except (SignatureError, FormatError):
            return Look(state, Fault(None), newer=head - state.frontier.size)
        return Look(state, None, again, head - state.frontier.size)

    def _advance(self, connection: Connection, state: State) -> None:
        newest = connection.execute(select(func.max(_size))).scalar_one() or 0
        if newest < state.frontier.size:
            raise LedgerError(f"entry {newest} was dropped", seq=newest)
        while state.frontier.size < newest:
            end = _end_of_part(connection, state.frontier.size, STEP)
            part = proven.prove(connection, state.frontier, end, state.keys, self.zone)
            for entry in part.entries:
                state.sums.add(entry)
                state.watch.add(entry)
            state.frontier, state.keys = part.frontier, part.keys

    def _prove_again(self, connection: Connection, state: State) -> tuple[int, int]:
        """Prove a part of what was counted once more: by chance which; all of it, if it is short.

        Raises:
            LedgerError, SignatureError, FormatError: as `proven.prove`.
        """
        size = state.frontier.size
        if size == 0:
            return (0, 0)
        first = 0 if size <= AGAIN else _begin_of_part(connection, secrets.randbelow(size))
        key = state.keys.at(first)
        before = proven.frontier_at(connection, first, key) if first else Frontier()
        end = min(size, _end_of_part(connection, first, AGAIN))
        proven.prove(connection, before, end, state.keys, self.zone)
        return (first, end)

    def _begin(self, connection: Connection) -> State:
        """Return what was kept, if it is ours and of this log; else nothing counted yet."""
        empty = State(
            Frontier(), Succession(self.journal.first_verifier()), Sums(), Watch(self._rules)
        )
        row = connection.execute(select(reckoning)).one_or_none()
        if row is None or not hmac.compare_digest(row.mac, self._mac(row.state)):
            return empty
        state = self._parsed(json.loads(row.state), empty.keys.first)
        if state is None or not _is_of(connection, state):
            return empty
        self._kept = state.frontier.size
        return state

    def _keep_if_due(self, state: State) -> None:
        if state.frontier.size < self._kept + KEEP_EVERY:
            return
        data = self._encoded(state)
        row = {"size": state.frontier.size, "state": data, "mac": self._mac(data)}
        try:
            with self.database.write() as connection:
                connection.execute(reckoning.delete())
                connection.execute(reckoning.insert().values(id=1, **row))
        except (BusyError, StorageError):
            return  # it is only quicker with it; the next look tries again
        self._kept = state.frontier.size

    def _mac(self, data: bytes) -> bytes:
        return suite.mac(self.agent.subkey(LABEL), FORMAT.encode() + b"\x00" + data)

    def _terms(self) -> list[Any]:
        """Return what the numbers depend on besides the log."""
        return [FORMAT, self.zone.key, list(self.lines)]

    def _encoded(self, state: State) -> bytes:
        held = {
            "terms": self._terms(),
            "frontier": canonical.b64(state.frontier.encode()),
            "first": state.keys.first.vkey(),
            "keys": [[begin, key.vkey()] for begin, key in state.keys.changes],
            "sums": state.sums.to_json(),
            "watch": state.watch.to_json(),
        }
        return json.dumps(held, separators=(",", ":")).encode()

    def _parsed(self, held: dict[str, Any], first: NoteVerifier) -> State | None:
        if (held["terms"], held["first"]) != (self._terms(), first.vkey()):
            return None
        changes = tuple((begin, NoteVerifier.parse(key)) for begin, key in held["keys"])
        return State(
            Frontier.parse(canonical.unb64(held["frontier"])),
            Succession(first, changes),
            Sums.from_json(held["sums"]),
            Watch.from_json(self._rules, held["watch"]),
        )


def _is_of(connection: Connection, state: State) -> bool:
    """Say whether the log still holds the checkpoint at which the counting stood."""
    size = state.frontier.size
    try:
        return proven.signed(connection, size, state.keys.at(size)).root == state.frontier.root()
    except (LedgerError, SignatureError, FormatError):
        return False


def _begin_of_part(connection: Connection, seq: int) -> int:
    """Return the size of the last checkpoint at or before an entry; 0 if there is none."""
    found: int | None = connection.execute(select(func.max(_size)).where(_size <= seq)).scalar_one()
    return found or 0


def _end_of_part(connection: Connection, first: int, most: int) -> int:
    """Return the size of the last checkpoint at most so many entries on, else of the next one."""
    beyond = _size > first
    last = select(func.max(_size)).where(beyond, _size <= first + most)
    following = select(func.min(_size)).where(beyond)
    found: int = connection.execute(last).scalar_one() or connection.execute(following).scalar_one()
    return found
