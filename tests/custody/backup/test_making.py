"""Making backups: what is in which, while everybody goes on, and nothing half-made."""

from __future__ import annotations

import fcntl
import io
import os
import stat
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from tests.processes.served import wait_until
from tests.support.house import STORY
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages
from vault.crypto import stream
from vault.custody import backup, keys
from vault.custody.backup import container, held
from vault.custody.backup.header import LABEL, MAIN, SHORT_LIVED, read_header
from vault.errors import BackupError, BusyError, InputError, LockedError, StorageError
from vault.storage.engine import Database
from vault.storage.tables.cases import testimonies

DAY = 86_400
GO_ON = 20
BEFORE = 2  # what `house` begins with: one taken, one waiting


def names_in(path, house):
    with path.open("rb") as file:
        sealed = read_header(file)
        opened = stream.decrypt(sealed.file_key(house.vault.agent.subkey(LABEL)), [file.read()])
        return [
            item.name for item in container.unpack(opened, sealed.header.kind, container.nowhere)
        ]


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def test_what_is_in_which(house, pair):
    main, short = names_in(pair.main, house), names_in(pair.short, house)
    assert main == [
        "intake/root",
        "keys/custody.key",
        "keys/root.public",
        "keys/roster.seen",
        "keys/vault.key",
        "keys/vault.spare",
        "settings.toml",
        "vault/vault.db",
    ]
    kinds = {name.rpartition("/")[0] for name in short}
    assert kinds == {"vault", "letterbox/in", "letterbox/boxes"}
    assert "vault/erasure.db" in short
    assert sum(name.startswith("letterbox/in/") for name in short) == 1
    assert sum(name.endswith(".box") for name in short) == 4


def test_every_other_file_of_the_vault_is_in_the_main_one(house, stick):
    blob = house.settings.paths.vault / "blobs" / "ab" / "cd12"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"sealed")
    main, _ = backup.create(house.vault, stick)
    blob.unlink()
    assert "vault/blobs/ab/cd12" in names_in(main.path, house)


def test_nothing_of_it_can_be_read_and_only_the_owner_may_try(pair):
    for path in pair.paths:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        data = path.read_bytes()
        for clear in (b"SQLite", b"Lawyer", "забрали".encode(), b"test.invalid"):
            assert clear not in data


def test_what_leads_out_of_the_letterbox_is_not_copied_and_stops_nothing(house, stick):
    packets = house.settings.paths.letterbox / "in"
    link, pipe = packets / ("ab" * 16), packets / ("cd" * 16)
    link.symlink_to(house.settings.paths.keys / "vault.key")
    os.mkfifo(pipe)
    try:
        (short,) = backup.create(house.vault, stick, short_lived_only=True)
    finally:
        link.unlink()
        pipe.unlink()
    assert {f"letterbox/in/{name}" for name in ("ab" * 16, "cd" * 16)}.isdisjoint(
        names_in(short.path, house)
    )


def test_a_file_exchanged_for_a_link_meanwhile_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"of the vault")
    (tmp_path / "packet").symlink_to(tmp_path / "secret")
    with pytest.raises(StorageError):
        list(container.pack({"letterbox/in/" + "ab" * 16: tmp_path / "packet"}, lambda _: None))


def test_nothing_is_left_where_it_was_held(house, pair):
    for folder in (house.settings.paths.vault, house.settings.paths.letterbox):
        assert [p.name for p in folder.glob("backup-*")] in ([], ["backup-lock"])


def test_what_an_earlier_one_left_is_swept(house, stick):
    paths = house.settings.paths
    for folder in (paths.vault, paths.letterbox):
        (folder / "backup-0123").mkdir()
        (folder / "backup-0123" / "vault.db").write_bytes(b"left")
    half = stick / f"witness-vault-{keys.owner_of(house.settings)[:8]}-main-2026-01-01-00.half"
    half.write_bytes(b"left")
    backup.create(house.vault, stick, short_lived_only=True)
    assert not half.exists()
    assert not (paths.vault / "backup-0123").exists()
    assert not (paths.letterbox / "backup-0123").exists()


def test_it_needs_a_folder_and_not_one_of_the_vault(house, tmp_path):
    for folder in (tmp_path / "missing", house.settings.paths.root, house.settings.paths.keys):
        with pytest.raises(InputError):
            backup.create(house.vault, folder)
    assert not (tmp_path / "missing").exists()


def test_two_at_once_are_refused(house, stick):
    with (house.settings.paths.vault / "backup-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusyError):
            backup.create(house.vault, stick)
    assert list(stick.iterdir()) == []


@pytest.mark.parametrize("step", ["stream.encrypt", "container.pack", "_sync", "held_still"])
def test_a_backup_that_fails_leaves_nothing(house, stick, monkeypatch, step):
    def fail(*_):
        raise OSError("no room") if step == "_sync" else StorageError("no room")

    monkeypatch.setattr(f"vault.custody.backup.making.{step}", fail)
    with pytest.raises(StorageError):
        backup.create(house.vault, stick)
    assert list(stick.iterdir()) == []


def test_a_disk_that_does_not_give_back_what_was_written_is_refused(house, stick, monkeypatch):
    encrypt = stream.encrypt

    def worn(key, chunks):
        for piece in encrypt(key, chunks):
            yield piece[:-1] + bytes([piece[-1] ^ 1])

    monkeypatch.setattr("vault.custody.backup.making.stream.encrypt", worn)
    with pytest.raises(StorageError, match="another disk"):
        backup.create(house.vault, stick)
    assert list(stick.iterdir()) == []


def test_a_vault_that_lacks_a_file_makes_no_backup_that_cannot_be_restored(house, stick):
    path = house.settings.paths.root / "settings.toml"
    text = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(BackupError, match=r"settings\.toml is missing"):
            backup.create(house.vault, stick)
    finally:
        path.write_bytes(text)
    assert list(stick.iterdir()) == []


def test_a_locked_vault_makes_none(house, stick, passphrase):
    opened = keys.open_vault_keys(house.settings, passphrase, LocalKdf())
    house.vault.agent.lock()
    try:
        with pytest.raises(LockedError):
            backup.create(house.vault, stick)
    finally:
        opened.open(house.vault.agent)
    assert list(stick.iterdir()) == []


def test_intake_keeps_its_reserve(house, stick, monkeypatch):
    usage = held.shutil.disk_usage(stick)
    monkeypatch.setattr(held.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StorageError, match="reserve"):
        backup.create(house.vault, stick)


def test_it_is_in_the_log_before_and_after(house, stick):
    backup.create(house.vault, stick, short_lived_only=True)
    begun, made = house.vault.journal.read()[-2:]
    assert (begun.kind, made.kind) == ("backup", "backup.made")
    assert begun.subject == made.subject
    assert tuple(made.detail["kinds"]) == (SHORT_LIVED,)


def test_expired_short_lived_ones_are_removed_and_nothing_else(house, stick, monkeypatch):
    old = backup.create(house.vault, stick)
    junk = stick / old[1].path.name.replace("short-lived-2", "short-lived-1")
    junk.write_bytes(b"not a backup")
    now = clock.now() + 15 * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    backup.create(house.vault, stick, short_lived_only=True)
    assert [item.path.exists() for item in old] == [True, False]
    assert junk.exists()


def test_a_changed_last_day_makes_nobody_remove_anything(house, stick, monkeypatch):
    (made,) = backup.create(house.vault, stick, short_lived_only=True)
    data = made.path.read_bytes()
    made.path.write_bytes(data.replace(made.last_day.encode(), b"2020-01-01", 1))
    backup.create(house.vault, stick, short_lived_only=True)
    assert made.path.exists()


def test_progress_ends_at_the_whole(house, stick):
    told = []
    backup.create(house.vault, stick, progress=lambda *state: told.append(state))
    assert told[0][0] == "copying"
    for kind in (MAIN, SHORT_LIVED):
        done = [state for state in told if state[0] == kind]
        assert done[-1][1] == done[-1][2] > 0


# --- while everybody goes on ---------------------------------------------------------------------


def test_while_packets_arrive_and_are_taken_none_is_in_neither(house, stick, tmp_path, passphrase):
    """Whatever was sent before the backup began is in the database or still waits."""
    with going_on(house) as sent:
        for number in range(3):
            wait_until(lambda number=number: len(sent) >= GO_ON * (number + 1))
            before = len(sent) + BEFORE
            (stick / str(number)).mkdir()
            made = backup.create(house.vault, stick / str(number))
            target = tmp_path / f"new-{number}"
            restored = backup.restore([m.path for m in made], target, passphrase, LocalKdf())
            assert restored.fault is None
            assert restored.closed == 0
            assert in_database(house, target) + restored.waiting >= before


@contextmanager
def going_on(house):
    """Let witnesses send and the collector run, without a pause; gives what was sent so far."""
    sent, stop = [], threading.Event()

    def again_and_again(act):
        while not stop.is_set():
            act()

    def send():
        house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
        sent.append(1)

    threads = [threading.Thread(target=again_and_again, args=[a]) for a in (send, house.collect)]
    for thread in threads:
        thread.start()
    try:
        yield sent
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


def test_a_reply_delivered_meanwhile_is_in_the_box_that_is_kept(house, stick, monkeypatch):
    """The database of the copy no longer has it in its outbox, so the box must have it."""
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    case = inbox.new_cases(house.vault, officer)[0].id
    assign.give(house.vault, officer, case, lawyer.id, None)
    house.collect()
    messages.reply(house.vault, lawyer, case, "We read it.")
    before = contents(house.settings.paths.letterbox)
    copy_to = Database.copy_to

    def deliver_first(database, path):
        house.collect()
        return copy_to(database, path)

    monkeypatch.setattr(Database, "copy_to", deliver_first)
    _, short = backup.create(house.vault, stick)
    after = contents(house.settings.paths.letterbox)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed
    key, kept = house.vault.agent.subkey(LABEL), {}

    @contextmanager
    def keep(name):
        kept[name] = io.BytesIO()
        yield kept[name]

    with short.path.open("rb") as file:
        sealed = read_header(file)
        opened = stream.decrypt(sealed.file_key(key), [file.read()])
        container.unpack(opened, SHORT_LIVED, keep)
    assert all(kept[f"letterbox/boxes/{name}"].getvalue() == after[name] for name in changed)


def contents(letterbox):
    return {path.name: path.read_bytes() for path in (letterbox / "boxes").glob("*.box")}


def in_database(house, folder):
    from vault import settings as settings_module
    from vault.journal.vault import Vault

    vault = Vault(settings_module.load(folder), house.vault.agent, LocalKdf())
    with vault.database.read() as connection:
        ids = connection.execute(select(testimonies.c.id)).scalars().all()
    vault.close()
    return len(ids)


def test_memory_does_not_grow_with_what_is_copied(house, stick):
    import tracemalloc

    big = house.settings.paths.vault / "blobs" / "big"
    big.parent.mkdir(exist_ok=True)
    with big.open("wb") as file:
        for _ in range(64):
            file.write(bytes(1024 * 1024))
    try:
        tracemalloc.start()
        main, _ = backup.create(house.vault, stick)
        key = house.vault.agent.subkey(LABEL)
        assert backup.verify(main.path, lambda _: key).size > 64_000_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
        big.unlink()
