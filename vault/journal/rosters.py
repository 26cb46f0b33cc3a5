"""The newest roster of the vault side, verified once and not believed to have gone back.

Two things remember which version there was, so that the database alone cannot take one back: the
entry of its publication in the access log, and the file `roster.seen` beside the pinned root key.
The file is the stronger one, because nobody who only writes to the database reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault import canonical
from vault.errors import FormatError, NotOpenYetError, RosterError, StorageError
from vault.ledger.entry import Entry
from vault.ledger.note import NoteVerifier
from vault.letterbox import files
from vault.roster.chain import Pin, verify_history
from vault.roster.rules import check_members
from vault.settings import roles
from vault.storage.tables.ledger import ledger_entries
from vault.storage.tables.people import rosters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    from vault.roster.model import Roster
    from vault.storage.engine import Database

ROOT_PUBLIC = "root.public"
SEEN = "roster.seen"
MAX_SEEN = 1_000

_columns = rosters.c
_ANNOUNCED = (
    select(ledger_entries.c.leaf)
    .where(ledger_entries.c.kind == "roster.published")
    .order_by(ledger_entries.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
# Asked before almost everything that anybody does, so in one statement that is made once.
_STATE = select(func.count(), func.max(_columns.version), _ANNOUNCED).select_from(rosters)


@dataclass(frozen=True)
class _State:
    """What is read each time: how many rosters, the newest version, the leaf that announced it."""

    count: int
    version: int | None
    announced: bytes | None


class Rosters:
    """The signed rosters of one vault.

    Args:
        database: the vault's.
        keys: the folder with the pinned root key and `roster.seen`.
    """

    def __init__(self, database: Database, keys: Path) -> None:
        self._database = database
        self._keys = keys
        self._verified: tuple[_State, Mapping[bytes, Roster], Roster] | None = None

    def root_public(self) -> bytes:
        """Return the pinned root key, 32 bytes: a file, so that no write to the database moves it.

        Raises:
            StorageError: it is missing or unreadable.
        """
        try:
            return bytes.fromhex((self._keys / ROOT_PUBLIC).read_text("ascii"))
        except (OSError, ValueError) as error:
            raise StorageError("the pinned root key cannot be read") from error

    def chain(self) -> list[bytes]:
        """Return all signed rosters, oldest first."""
        with self._database.read() as connection:
            return _chain(connection)

    def first_ledger_key(self) -> NoteVerifier:
        """Return the key that the access log began with, as the first roster names it.

        Raises:
            NotOpenYetError, RosterError, StorageError: as `newest`.
        """
        first = next(iter(self.history().values()))
        return NoteVerifier.parse(first.ledger)

    def newest(self) -> Roster:
        """Return the newest roster, verified from the pinned root key.

        The whole chain is verified when the process first asks, and again whenever the number of
        rosters, the newest version or the entry that announced it is another. Between, a row that
        was changed in place is not noticed; nor is it believed: the answer stays the one verified.

        Raises:
            NotOpenYetError: there never was one.
            RosterError: the chain does not verify, or was rolled back.
            StorageError: the pinned root key or the version seen cannot be read or kept.
        """
        return self._read()[-1]

    def history(self) -> Mapping[bytes, Roster]:
        """Return every roster there was, by its hash, verified with the newest one.

        Raises:
            NotOpenYetError, RosterError, StorageError: as `newest`.
        """
        return self._read()[1]

    def _read(self) -> tuple[_State, Mapping[bytes, Roster], Roster]:
        with self._database.read() as connection:
            state = _state(connection)
            if self._verified is not None and self._verified[0] == state:
                return self._verified
            chain = _chain(connection)
        history = self._verify(chain, state)
        self._verified = state, {roster.hash: roster for roster in history}, history[-1]
        return self._verified

    def _verify(self, chain: list[bytes], state: _State) -> list[Roster]:
        pin = self._pin()
        if not chain and state.announced is None and not pin.version:
            raise NotOpenYetError
        history = verify_history(chain, pin)
        roster = check_members(history[-1], roles())
        _check_announced(roster, state.announced)
        if roster.version > self._pin().version:  # read again: another process may have seen more
            seen = {"version": roster.version, "hash": canonical.b64(roster.hash)}
            files.write(self._keys / SEEN, canonical.dumps(seen), self._keys)
        return history

    def _pin(self) -> Pin:
        root, seen = self.root_public(), files.read(self._keys / SEEN, MAX_SEEN)
        if seen is None:
            return Pin(root)
        try:
            value = canonical.loads_object(seen, frozenset({"version", "hash"}))
            if type(value["version"]) is not int or value["version"] < 1:
                raise FormatError("version")
            return Pin(root, value["version"], canonical.unb64(value["hash"], 32))
        except FormatError as error:
            raise RosterError("the version seen before cannot be read") from error


def _state(connection: Connection) -> _State:
    """Return the state; the leaf is found by a column that no hash covers, so it proves nothing."""
    return _State(*connection.execute(_STATE).one())


def _chain(connection: Connection) -> list[bytes]:
    return list(connection.execute(select(_columns.document).order_by(_columns.version)).scalars())


def _check_announced(roster: Roster, leaf: bytes | None) -> None:
    """Refuse a roster older than, or another than, the one that the log last saw published."""
    if leaf is None:
        return
    try:
        entry = Entry.parse(leaf)
        version, digest = entry.detail["version"], bytes.fromhex(entry.subject["roster"])
    except (FormatError, KeyError, ValueError) as error:
        raise RosterError("the entry of its publication cannot be read") from error
    if not isinstance(version, int):
        raise RosterError("the entry of its publication cannot be read")
    if version > roster.version or (version == roster.version and digest != roster.hash):
        raise RosterError("not the version that was last published")
