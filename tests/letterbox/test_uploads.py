"""Sealed files in the letterbox: whole or not at all, never so many that words have no room."""

import hashlib
import os
import shutil
import threading
from itertools import pairwise

import pytest

from vault import clock, settings
from vault.errors import BusyError, ConflictError, FormatError, NoRoomError, StorageError
from vault.letterbox.uploads import ASK_EVERY, COPYING, LEAST, Uploads
from vault.packet.files import SealedFile

NAME, OTHER = "ab" * 16, "cd" * 16


@pytest.fixture
def made(tmp_path):
    def make(**bounds):
        chosen = {"ledger": {"origin": "x"}, "uploads": {"reserve_percent": 0, **bounds}}
        return Uploads(tmp_path / "letterbox", settings.load(tmp_path, chosen).uploads)

    return make


@pytest.fixture
def uploads(made):
    return made()


def everything(uploads):
    root = uploads._files.parent
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_a_file_is_there_whole_and_dated_by_the_day(uploads):
    uploads.put(NAME, [b"one", b"two"])
    assert b"".join(uploads.read(NAME)) == b"onetwo"
    assert uploads.names() == [NAME]
    status = (uploads._files / NAME).stat()
    assert status.st_mtime == clock.seconds_of(clock.day())
    assert status.st_mode & 0o777 == 0o600


def test_a_large_file_does_not_fill_the_memory_of_the_machine(uploads, monkeypatch):
    told, real = [], os.posix_fadvise

    def noted(descriptor, start, size, advice):
        told.append((start, size, advice))
        real(descriptor, start, size, advice)

    monkeypatch.setattr(os, "posix_fadvise", noted)
    pieces = [bytes([number]) * 1_000_000 for number in range(30)]
    uploads.put(NAME, pieces)
    assert b"".join(uploads.read(NAME)) == b"".join(pieces)
    sizes = [size for start, size, advice in told if (start, advice) == (0, os.POSIX_FADV_DONTNEED)]
    assert len(sizes) == len(told) == 6
    assert all(later - earlier < 10_000_000 for earlier, later in pairwise([0, *sizes[:3]]))


def test_what_is_said_of_a_file_here_is_true(uploads):
    uploads.put(NAME, [b"one", b"two"])
    assert uploads.sealed(NAME) == SealedFile(NAME, 6, hashlib.sha256(b"onetwo").digest())
    with pytest.raises(StorageError):
        uploads.sealed(OTHER)


def test_a_name_is_used_once(uploads):
    uploads.put(NAME, [b"one"])
    with pytest.raises(ConflictError):
        uploads.put(NAME, [b"two"])
    assert b"".join(uploads.read(NAME)) == b"one"


def test_what_breaks_off_leaves_nothing(uploads):
    def broken():
        yield b"half"
        raise FormatError("broke off")

    with pytest.raises(FormatError):
        uploads.put(NAME, broken())
    assert everything(uploads) == []


@pytest.mark.parametrize("name", ["", "../x", "AB" * 16, "ab" * 15, NAME + "\n", "/etc/passwd"])
def test_any_other_name_is_refused(uploads, name):
    for act in (lambda: uploads.put(name, [b"x"]), lambda: list(uploads.read(name))):
        with pytest.raises(FormatError):
            act()


def test_a_link_that_was_put_there_is_not_followed(uploads, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (uploads._files / NAME).symlink_to(tmp_path / "secret")
    with pytest.raises(StorageError):
        list(uploads.read(NAME))


def test_files_wait_while_the_disk_has_less_free_than_the_share_for_words(made, tmp_path):
    disk = shutil.disk_usage(tmp_path)
    leaving = disk.total // 20  # five in a hundred
    made(reserve_percent=1, budget=disk.total).check_room(disk.free - leaving)
    with pytest.raises(NoRoomError):
        made(reserve_percent=10, budget=disk.total).check_room(disk.free - leaving)


def test_many_small_files_leave_the_disk_a_share_of_its_names_for_words(made, monkeypatch):
    real = os.statvfs

    def few_names(path, free=30):
        told = list(real(path))
        told[5:8] = 1000, free, free  # f_files, f_ffree, f_favail
        return os.statvfs_result(told)

    monkeypatch.setattr(os, "statvfs", few_names)
    made(reserve_percent=1).put(NAME, [b"x"])
    with pytest.raises(NoRoomError):
        made(reserve_percent=3).put(OTHER, [b"x"])
    monkeypatch.setattr(os, "statvfs", lambda path: few_names(path, 0))
    with pytest.raises(NoRoomError):
        made(reserve_percent=0).put(OTHER, [b"x"])


def test_all_that_waits_together_has_a_budget(made):
    small = made(budget=2 * ASK_EVERY)
    small.put(NAME, [b"x" * (ASK_EVERY - LEAST), b"x"])
    with pytest.raises(NoRoomError):
        small.put(OTHER, [b"x"] * 20)
    assert everything(small) == [NAME]


def test_of_small_files_no_more_wait_than_can_be_counted_quickly(made):
    small, most = made(budget=2 * ASK_EVERY), ASK_EVERY // LEAST
    for n in range(most):
        small.put(f"{n:032x}", [b"x"])
    with pytest.raises(NoRoomError):
        small.put(OTHER, [b"x"])
    assert len(everything(small)) == most


def test_room_is_asked_for_again_while_a_file_grows(made):
    small = made(budget=2 * ASK_EVERY)
    pieces = (b"x" * (1 << 20) for _ in range(40))
    with pytest.raises(NoRoomError):
        small.put(NAME, pieces)
    assert everything(small) == []
    assert 0 < sum(1 for _ in pieces) < 40


def test_a_full_disk_leaves_nothing(uploads, monkeypatch):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal = pytest.importorskip("signal")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(StorageError):
            uploads.put(NAME, (b"x" * 65_536 for _ in range(64)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert everything(uploads) == []


def test_only_so_many_send_at_one_time_and_a_place_becomes_free(made):
    uploads = made(at_once=2)
    with uploads.place(), uploads.place(), pytest.raises(BusyError), uploads.place():
        pass
    with uploads.place(), uploads.place():
        pass


def test_whoever_holds_all_places_for_sending_keeps_nobody_from_having_copies_made(made):
    uploads = made(at_once=1)
    with uploads.place(), uploads.place(COPYING), pytest.raises(BusyError), uploads.place(COPYING):
        pass


def test_the_end_of_a_process_frees_its_place(made):
    uploads = made(at_once=1)
    child = os.fork()
    if child == 0:
        uploads.place().__enter__()
        os._exit(0)
    os.waitpid(child, 0)
    with uploads.place():
        pass


def test_a_day_later_what_no_packet_names_is_swept(uploads, monkeypatch):
    uploads.put(NAME, [b"named"])
    uploads.put(OTHER, [b"forgotten"])
    (uploads._scratch / "cut").write_bytes(b"half")
    assert uploads.sweep({NAME}) == 0
    now = clock.now()
    for days, left in ((1, 3), (2, 1)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + days * clock.DAY)
        uploads.sweep({NAME})
        assert len(everything(uploads)) == left
    assert uploads.names() == [NAME]


def test_what_is_being_sent_is_not_swept(uploads):
    begun, go = threading.Event(), threading.Event()

    def slow():
        yield b"half"
        begun.set()
        go.wait(10)
        yield b"whole"

    sending = threading.Thread(target=uploads.put, args=(NAME, slow()))
    sending.start()
    begun.wait(10)
    uploads.sweep(())
    go.set()
    sending.join(10)
    assert b"".join(uploads.read(NAME)) == b"halfwhole"
