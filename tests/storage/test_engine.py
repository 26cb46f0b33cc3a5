import multiprocessing
import os
import secrets
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, func, select

from vault.errors import (
    BusyError,
    ConflictError,
    LockedError,
    StorageError,
    WrongDatabaseKeyError,
)
from vault.storage.engine import Database

# Some fork on purpose while a thread runs; Python 3.12 and later warns of that.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

KEY = bytes(range(32))
METADATA = MetaData()
THINGS = Table(
    "things", METADATA, Column("id", Integer, primary_key=True), Column("body", LargeBinary)
)
PARTS = Table("parts", METADATA, Column("thing", ForeignKey("things.id"), nullable=False))


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "t.db", lambda: KEY, create=True, busy_seconds=2)
    with database.write() as connection:
        METADATA.create_all(connection)
    yield database
    database.dispose()


def write(database, *rows):
    with database.write() as connection:
        for row in rows:
            add(connection, **row)


def count(database):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(THINGS)).scalar_one()


def add(connection, **values):
    connection.execute(THINGS.insert().values(**values))


def pragma(database, name):
    with database.read() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_what_is_written_is_there_after_reopening(database):
    with database.write() as connection:
        add(connection, id=1, body=b"x")
    database.dispose()
    assert count(Database(database.path, lambda: KEY)) == 1


def test_the_file_and_its_log_hold_no_plaintext(database):
    marker = secrets.token_bytes(24)
    with database.write() as connection:
        add(connection, id=1, body=marker)
    files = list(database.path.parent.iterdir())
    assert len(files) == 3
    for file in files:
        content = file.read_bytes()
        assert marker not in content
        assert b"SQLite format" not in content


def test_plain_sqlite_cannot_open_the_file(database):
    with sqlite3.connect(database.path) as connection, pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT * FROM sqlite_master")
    connection.close()


def test_only_the_owner_may_read_the_files(database):
    with database.write() as connection:
        add(connection, id=1)
    for file in database.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_wrong_key_is_named_as_such(database):
    wrong = Database(database.path, lambda: bytes(32))
    with pytest.raises(WrongDatabaseKeyError) as caught, wrong.read():
        pass
    assert KEY.hex() not in str(caught.value)


def test_a_key_of_another_size_is_refused(database):
    with pytest.raises(WrongDatabaseKeyError), Database(database.path, lambda: b"x" * 31).read():
        pass


def test_a_damaged_file_is_not_opened(database):
    database.flush()
    database.dispose()
    content = bytearray(database.path.read_bytes())
    content[100] ^= 1
    database.path.write_bytes(content)
    with pytest.raises(WrongDatabaseKeyError), database.read():
        pass


def test_a_locked_agent_is_told_as_locked(tmp_path):
    def locked():
        raise LockedError

    database = Database(tmp_path / "t.db", locked, create=True)
    with pytest.raises(LockedError), database.read():
        pass


def test_a_lock_closes_what_is_open_with_the_next_question(tmp_path):
    locked = []
    database = Database(tmp_path / "t.db", lambda: KEY, locked=lambda: bool(locked), create=True)
    with database.read():
        pass
    assert open_files(database)
    locked.append(True)
    for ask in (database.read, database.write):
        with pytest.raises(LockedError), ask():
            pass
    with pytest.raises(LockedError):
        database.flush()
    assert not open_files(database)
    locked.clear()
    with database.write():
        pass


def test_a_missing_file_is_not_taken_for_an_empty_vault(tmp_path):
    with pytest.raises(StorageError, match="missing"), Database(tmp_path / "x", lambda: KEY).read():
        pass
    assert not (tmp_path / "x").exists()


def test_a_missing_folder_is_told(tmp_path):
    database = Database(tmp_path / "no" / "x.db", lambda: KEY, create=True)
    with pytest.raises(StorageError, match="cannot be made"), database.read():
        pass


def test_the_key_is_asked_for_every_connection_and_not_kept(tmp_path):
    asked = []
    database = Database(tmp_path / "t.db", lambda: asked.append(1) or KEY, create=True)
    with database.read(), database.read():
        pass
    assert len(asked) == 2
    with database.read():
        pass
    assert len(asked) == 2
    database.dispose()
    with database.read():
        pass
    assert len(asked) == 3
    assert KEY not in vars(database).values()
    assert repr(database) == "Database(t.db)"


def test_a_failed_transaction_leaves_nothing(database):
    with pytest.raises(ConflictError):
        write(database, {"id": 1}, {"id": 2}, {"id": 1})
    assert count(database) == 0


def test_an_error_of_the_caller_leaves_nothing_either(database):
    def work():
        with database.write() as connection:
            add(connection, id=1)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert count(database) == 0


def test_a_reader_cannot_write(database):
    with pytest.raises(StorageError, match="readonly"), database.read() as connection:
        add(connection, id=1)
    assert count(database) == 0


def test_a_connection_that_read_before_can_write_again(database):
    assert count(database) == 0
    with database.write() as connection:
        add(connection, id=1)
    assert count(database) == 1


def test_a_reader_sees_one_snapshot(database):
    with database.read() as reader:
        query = select(func.count()).select_from(THINGS)
        assert reader.execute(query).scalar_one() == 0
        with database.write() as connection:
            add(connection, id=1)
        assert reader.execute(query).scalar_one() == 0
    assert count(database) == 1


def test_writers_hold_the_lock_before_their_first_statement(database):
    other = Database(database.path, lambda: KEY, busy_seconds=0.1)
    with database.write(), pytest.raises(BusyError), other.write():
        pass


def test_a_writer_inside_a_writer_is_busy_and_not_stuck(tmp_path):
    database = Database(tmp_path / "t.db", lambda: KEY, create=True, busy_seconds=0.1)
    with database.write(), pytest.raises(BusyError), database.write():
        pass
    with database.write():
        pass


def test_too_many_connections_are_busy(tmp_path):
    database = Database(tmp_path / "t.db", lambda: KEY, create=True, busy_seconds=0.05)
    opened = [database.read() for _ in range(16)]
    for reader in opened:
        reader.__enter__()
    with pytest.raises(BusyError), database.read():
        pass
    for reader in opened:
        reader.__exit__(None, None, None)


def test_no_concurrent_write_is_lost(database):
    def work():
        for _ in range(10):
            with database.write() as connection:
                size = connection.execute(select(func.count()).select_from(THINGS)).scalar_one()
                add(connection, id=size)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 60


def test_a_second_row_with_the_same_key_is_a_conflict(database):
    with pytest.raises(ConflictError):
        write(database, {"id": 1}, {"id": 1})


def test_a_row_that_points_to_nothing_is_a_conflict(database):
    with pytest.raises(ConflictError), database.write() as connection:
        connection.execute(PARTS.insert().values(thing=5))


def test_errors_carry_no_values(database):
    row = {"id": 1, "body": b"a plain secret"}
    with pytest.raises(ConflictError) as caught:
        write(database, row, row)
    told: BaseException | None = caught.value
    while told is not None:
        assert "secret" not in f"{told!s}{told!r}{vars(told)!r}"
        told = told.__cause__


def test_values_of_an_unknown_kind_are_not_told_either(database):
    with pytest.raises(StorageError) as caught, database.write() as connection:
        add(connection, id=1, body="a plain secret")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_full_disk_is_a_storage_error(database):
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4")
    with pytest.raises(StorageError, match="full") as caught:
        write(database, {"id": 1, "body": bytes(100_000)})
    assert not isinstance(caught.value, BusyError)
    assert count(database) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("busy_timeout", 2000),
        ("cipher_use_hmac", "1"),
    ],
)
def test_every_connection_is_set_up_alike(database, name, value):
    assert pragma(database, name) == value


def test_flush_empties_the_write_ahead_log(database):
    log = database.path.with_name("t.db-wal")
    with database.write() as connection:
        add(connection, id=1)
    assert log.stat().st_size > 0
    database.flush()
    assert log.stat().st_size == 0


def test_flush_says_when_a_reader_stands_in_the_way(database):
    hasty = Database(database.path, lambda: KEY, busy_seconds=0.1)
    with database.read() as reader:
        reader.execute(select(THINGS)).all()
        write(database, {"id": 1})
        with pytest.raises(BusyError):
            hasty.flush()
    hasty.flush()
    hasty.dispose()


def open_files(database):
    targets = (os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())
    return [target for target in targets if target.startswith(str(database.path))]


def in_child(work):
    """Run `work` in a forked process; return its exit code."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(20)
    return process.exitcode


def test_no_idle_connection_crosses_a_fork(database):
    assert count(database) == 0
    assert open_files(database)

    def child():
        assert not open_files(database)
        with database.write() as connection:
            add(connection, id=1)

    assert in_child(child) == 0
    assert count(database) == 1


def test_a_child_does_not_inherit_the_lock_of_a_writer(database):
    inside, done = threading.Event(), threading.Event()

    def writer():
        with database.write() as connection:
            inside.set()
            done.wait(20)
            add(connection, id=1)

    def child():
        assert count(database) == 0

    thread = threading.Thread(target=writer)
    thread.start()
    inside.wait(20)
    exit_code = in_child(child)
    done.set()
    thread.join()
    assert exit_code == 0
    assert count(database) == 1


def test_an_open_transaction_does_not_go_on_in_a_child(database):
    with database.write() as connection:
        add(connection, id=1)

        def child():
            try:
                add(connection, id=2)
            except StorageError:
                os._exit(7)

        assert in_child(child) == 7
    assert count(database) == 1


def test_a_copy_is_what_one_commit_left_while_others_write(database, tmp_path):
    """Each commit adds a pair; a copy never holds half of one."""
    stop = threading.Event()

    def add_pairs():
        number = 0
        while not stop.is_set():
            with database.write() as connection:
                for _ in range(2):
                    number += 1
                    add(connection, id=number, body=secrets.token_bytes(2000))

    writer = threading.Thread(target=add_pairs)
    writer.start()
    try:
        sizes = []
        for number in range(5):
            path = database.copy_to(tmp_path / f"copy-{number}.db")
            copy = Database(path, lambda: KEY)
            sizes.append(count(copy))
            with copy.read() as connection:
                check = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            assert check == "ok"
            copy.dispose()
    finally:
        stop.set()
        writer.join(10)
    assert all(size % 2 == 0 for size in sizes)
    assert sizes == sorted(sizes)


def test_a_copy_opens_with_the_same_key_only_and_holds_no_plaintext(database, tmp_path):
    write(database, {"id": 1, "body": b"a story in clear"})
    path = database.copy_to(tmp_path / "copy.db")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"a story in clear" not in path.read_bytes()
    assert [p.name for p in tmp_path.glob("copy*")] == ["copy.db"]
    with pytest.raises(WrongDatabaseKeyError):
        count(Database(path, lambda: bytes(32)))


def test_a_copy_is_never_written_over_another_file(database, tmp_path):
    (tmp_path / "copy.db").write_bytes(b"mine")
    with pytest.raises(StorageError):
        database.copy_to(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"mine"


def test_a_copy_that_fails_is_removed(database, tmp_path):
    with pytest.raises(StorageError):
        database.copy_to(tmp_path / "missing" / "copy.db")
    database._locked = lambda: True
    with pytest.raises(LockedError):
        database.copy_to(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
