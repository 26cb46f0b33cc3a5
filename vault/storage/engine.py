"""One encrypted SQLite file: how it is opened, read and written.

SQLCipher 4 with a raw 32-byte key (https://www.zetetic.net/sqlcipher/sqlcipher-api/#PRAGMA_key),
asked anew for every connection and kept nowhere here. Reading and writing each have one way in:
`Database.read()` refuses every write, `Database.write()` takes the write lock before its first
statement. A transaction that reads first and then wishes to write, and loses, cannot be expressed.

Not handled here: what stands in the file (`tables`), how it came to be (`migrations`).
"""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from vault.errors import BusyError, ConflictError, LockedError, StorageError, WrongDatabaseKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY_SIZE = 32
BUSY_SECONDS = 10.0

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # what was answered is on the disk, also after a power cut
    "foreign_keys = ON",
    "secure_delete = ON",  # deleted rows are overwritten, for those who get the key later
    "temp_store = MEMORY",  # no plaintext in temporary files
    "trusted_schema = OFF",
)
_MODE = "vault_mode"


class Database:
    """One database file, opened lazily.

    Args:
        path: the file; its folder exists.
        key: gives the 32-byte raw key; asked once per connection, may raise LockedError.
        locked: asked before every transaction; if true, all idle connections are closed, with the
            keys that SQLCipher keeps for them, and LockedError is raised. Without it a connection
            that is open would outlive the lock.
        create: make the file (mode 0600) if it is missing; otherwise a missing file is an error,
            so that a wrong folder never looks like an empty vault.
        busy_seconds: how long to wait for another writer or a free connection.
    """

    def __init__(
        self,
        path: Path,
        key: Callable[[], bytes],
        *,
        locked: Callable[[], bool] | None = None,
        create: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.path = path
        self._key = key
        self._locked = locked
        self._create = create
        self._busy_seconds = busy_seconds
        self._begin_afresh()
        _DATABASES.add(self)

    def __repr__(self) -> str:
        return f"Database({self.path.name})"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot and refuses to write.

        Raises:
            LockedError: the key is not in memory.
            WrongDatabaseKeyError: the file does not open with the key.
            BusyError: no connection became free in time.
            StorageError: anything else the database refuses, writes included.
        """
        with self._transaction("read") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock; commit at the end, or nothing at all.

        Not re-entrant: a second `write()` inside the first waits for itself and ends in BusyError.

        Raises:
            BusyError: another writer did not finish in time.
            ConflictError: a row is already there, or points to nothing.
            StorageError: anything else, a full disk included; nothing was half-written.
        """
        # Within one process writers queue here, in turn; SQLite's own waiting is by chance.
        lock = self._writers
        if not lock.acquire(timeout=self._busy_seconds):
            raise BusyError(self.path.name)
        try:
            with self._transaction("write") as connection:
                yield connection
        finally:
            lock.release()

    def dispose(self) -> None:
        """Close every idle connection, and with it the key SQLCipher keeps for it."""
        self._engine.dispose()

    def flush(self) -> None:
        """Move the write-ahead log into the file and empty it, so that what was deleted is gone.

        Raises:
            BusyError: somebody reads an older snapshot.
        """
        with self._checked_out() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        if busy:
            raise BusyError(self.path.name)

    def copy_to(self, path: Path) -> Path:
        """Write what the database holds at one moment to a new file under the same key.

        SQLite's online backup, in one step: others read and write meanwhile, and the copy is what
        one of their commits left (https://sqlite.org/c3ref/backup_finish.html).

        Raises:
            LockedError: the key is not in memory.
            StorageError: it could not be read or written; what was half-written is removed.
        """
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise StorageError(f"{self.path.name} cannot be copied") from error
        try:
            self._copy_into(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _copy_into(self, path: Path) -> None:
        with self._checked_out() as connection:
            source: Any = connection.connection.driver_connection
            copy = _keyed(path, self._key(), self._busy_seconds)
            try:
                source.backup(copy)
            except sqlcipher.Error as error:
                raise _translated(error, self.path.name) from None
            finally:
                copy.close()

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[Connection]:
        with self._checked_out() as connection:
            connection.execution_options(**{_MODE: mode})
            with connection.begin():
                yield connection

    @contextmanager
    def _checked_out(self) -> Iterator[Connection]:
        if self._locked is not None and self._locked():
            self.dispose()
            raise LockedError
        try:
            with self._engine.connect() as connection:
                yield connection
        except PoolTimeoutError:
            raise BusyError(self.path.name) from None
        except SQLAlchemyError as error:
            # `from None`: SQLAlchemy's errors hold the parameters of the statement.
            raise StorageError(f"{self.path.name}: {type(error).__name__}") from None

    def _begin_afresh(self) -> None:
        self._process = os.getpid()
        self._writers = threading.Lock()
        self._engine = self._make_engine()

    def _make_engine(self) -> Engine:
        engine = create_engine(
            "sqlite://",
            module=sqlcipher,
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=4,
            max_overflow=12,
            pool_timeout=self._busy_seconds,
            hide_parameters=True,
        )
        event.listen(engine, "begin", _begin)
        event.listen(engine, "handle_error", self._translate)
        event.listen(engine, "before_cursor_execute", self._refuse_after_fork)
        return engine

    def _connect(self) -> Any:
        if self._create:
            self._make_file()
        elif not self.path.exists():
            raise StorageError(f"{self.path.name} is missing")
        connection: Any = None
        try:
            connection = _keyed(self.path, self._key(), self._busy_seconds)
            # The key is only tried when a page is read.
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlcipher.Error as error:
            _close(connection)
            raise _translated(error, self.path.name) from None
        except BaseException:
            _close(connection)
            raise
        return connection

    def _make_file(self) -> None:
        try:
            self.path.touch(mode=0o600)
        except OSError as error:
            raise StorageError(f"{self.path.name} cannot be made") from error

    def _translate(self, context: Any) -> StorageError | BusyError | None:
        error = context.original_exception
        if isinstance(error, sqlcipher.Error):
            raise _translated(error, self.path.name)
        return None

    def _refuse_after_fork(self, connection: Connection, *_: Any) -> None:
        # Only reached by a transaction that was open while its own thread forked.
        if connection.info.setdefault("process", os.getpid()) != os.getpid():
            raise StorageError("a connection does not cross a fork")


def rekey(path: Path, old: bytes, new: bytes) -> None:
    """Encrypt a database that nobody else has open under another key, and read all of it back.

    Not for a file that counts: whatever stops this leaves one that neither key may open.

    Args:
        path: the file, a copy.
        old: its raw key, 32 bytes.
        new: the raw key it gets, 32 bytes.

    Raises:
        WrongDatabaseKeyError: `old` does not open it.
        StorageError: it could not be written, or does not read back.
    """
    try:
        with closing(_keyed(path, old, BUSY_SECONDS)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            # SQLCipher cannot change the key of pages that still stand in a write-ahead log.
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            connection.execute(f"PRAGMA rekey = \"x'{new.hex()}'\"")
        with closing(_keyed(path, new, BUSY_SECONDS)) as connection:
            broken = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            sound = connection.execute("PRAGMA integrity_check").fetchall()
    except sqlcipher.Error as error:
        raise _translated(error, path.name) from None
    if broken or sound != [("ok",)]:
        raise StorageError(f"{path.name} does not read back under its new key")


def _keyed(path: Path, key: bytes, busy_seconds: float) -> Any:
    """Return a connection that was given its key; the key is only tried when a page is read."""
    connection: Any = sqlcipher.connect(
        str(path),
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        # First of all: SQLCipher would otherwise write what goes wrong to standard error.
        connection.execute("PRAGMA cipher_log_level = NONE")
        if len(key) != KEY_SIZE:
            raise WrongDatabaseKeyError(path.name)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    """Begin every transaction of this program: the only place that does."""
    writing = connection.get_execution_options().get(_MODE) == "write"
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _translated(error: Exception, name: str) -> StorageError | BusyError:
    # SQLite's messages name tables, columns and states, never values.
    message = str(error)
    if "file is not a database" in message or "file is encrypted" in message:
        return WrongDatabaseKeyError(name)
    if "locked" in message or "busy" in message:
        return BusyError(name)
    if isinstance(error, sqlcipher.IntegrityError):
        return ConflictError(f"{name}: {message}")
    return StorageError(f"{name}: {message}")


def _close(connection: Any) -> None:
    if connection is not None:
        connection.close()


# SQLite forbids even closing a connection in another process than the one that opened it
# (https://sqlite.org/howtocorrupt.html, section 2.6). So the parent closes what is idle before it
# forks, and the child starts with a pool of its own.
_DATABASES: weakref.WeakSet[Database] = weakref.WeakSet()


def _before_fork() -> None:
    for database in list(_DATABASES):
        database.dispose()


def _after_fork() -> None:
    for database in list(_DATABASES):
        database._begin_afresh()  # noqa: SLF001 - the other half of the class, at module level


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
