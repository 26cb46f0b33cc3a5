"""The letterbox: opaque files, whole or not there, dated to the day, names that say nothing."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.house import STORY
from vault import canonical, clock
from vault.crypto.sign import SigningKey
from vault.errors import (
    ConflictError,
    FormatError,
    RosterError,
    StorageError,
    WitnessVaultError,
)
from vault.letterbox import Letterbox, files
from vault.packet.format import FirstBox
from vault.roster.chain import sign_roster
from vault.settings import Letterbox as Bounds

NAME = "0123456789abcdef" * 2


@pytest.fixture
def letterbox(tmp_path):
    return Letterbox(tmp_path / "letterbox", Bounds(0, 0, 131_072, ()))


def test_a_packet_comes_out_as_it_went_in(tmp_path):
    letterbox = Letterbox(tmp_path / "letterbox", Bounds(0, 0, 65_536, ()))

    @given(st.binary(max_size=2000))
    def check(data):
        name = letterbox.put_packet(data)
        assert letterbox.waiting() == [name]
        assert letterbox.packet(name) == data
        letterbox.remove_packet(name)
        assert letterbox.packet(name) is None

    check()


def test_removing_and_setting_aside_twice_is_harmless(letterbox):
    name = letterbox.put_packet(b"x")
    letterbox.set_aside(name)
    letterbox.set_aside(name)
    letterbox.remove_packet(name)
    assert letterbox.waiting() == []


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../etc/passwd", NAME + "\n", NAME[:-1], NAME.upper(), f"{NAME}/x", "0" * 33],
)
def test_only_names_of_the_letterbox_reach_a_file(letterbox, name):
    for act in (
        letterbox.packet,
        letterbox.remove_packet,
        letterbox.set_aside,
        letterbox.box,
        letterbox.sent,
        lambda n: letterbox.put_sent(n, b""),
    ):
        with pytest.raises(FormatError):
            act(name)


def test_a_packet_over_the_limit_is_refused(letterbox):
    letterbox.put_packet(b"x" * 131_072)
    with pytest.raises(StorageError):
        letterbox.put_packet(b"x" * 131_073)
    assert len(letterbox.waiting()) == 1


@pytest.mark.parametrize(("size", "taken"), [(900, True), (901, False)])
def test_a_packet_that_would_reach_into_the_disk_reserve_is_refused(
    tmp_path, monkeypatch, size, taken
):
    letterbox = Letterbox(tmp_path / "letterbox", Bounds(0, 100, 65_536, ()))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    if taken:
        letterbox.put_packet(bytes(size))
    else:
        with pytest.raises(StorageError):
            letterbox.put_packet(bytes(size))
    assert len(letterbox.waiting()) == taken


def test_taking_a_packet_does_not_count_what_waits(letterbox, monkeypatch):
    def counted(path):
        raise AssertionError("slow when much waits, and no bound on the disk")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", counted)
        patch.setattr(os, "scandir", counted)
        patch.setattr(os, "listdir", counted)
        letterbox.put_packet(b"x")
    assert len(letterbox.waiting()) == 1


# --- a testimony's place -------------------------------------------------------------------------


def first_boxes(letterbox_name=NAME):
    other = letterbox_name[::-1]
    return tuple(FirstBox(name, bytes(2000), b"sent") for name in sorted((letterbox_name, other)))


def test_a_testimony_lies_under_the_name_of_its_first_box(letterbox):
    boxes = first_boxes()
    letterbox.put_testimony(b"x", boxes)
    assert letterbox.waiting() == [boxes[0].locator]
    assert letterbox.has_boxes(box.locator for box in boxes)


def test_the_same_bytes_again_change_nothing(letterbox):
    letterbox.put_testimony(b"x", first_boxes())
    letterbox.put_testimony(b"x", first_boxes())
    assert len(letterbox.waiting()) == 1


def test_another_packet_with_these_boxes_is_refused_and_the_first_stays(letterbox):
    boxes = first_boxes()
    letterbox.put_testimony(b"x", boxes)
    with pytest.raises(ConflictError):
        letterbox.put_testimony(b"y", boxes)
    assert letterbox.packet(boxes[0].locator) == b"x"
    assert letterbox.has_boxes(box.locator for box in boxes)


def test_after_the_packet_was_taken_away_its_boxes_still_refuse_another(letterbox):
    boxes = first_boxes()
    letterbox.put_testimony(b"x", boxes)
    letterbox.remove_packet(boxes[0].locator)
    others = tuple(dataclasses.replace(box, sent=b"else") for box in boxes)
    with pytest.raises(ConflictError):
        letterbox.put_testimony(b"y", others)
    assert letterbox.waiting() == []
    assert letterbox.sent(boxes[0].locator) == b"sent"


def test_a_file_is_created_once_and_leaves_no_half(tmp_path):
    target = tmp_path / "in" / "file"
    target.parent.mkdir()
    files.create(target, b"first", tmp_path)
    with pytest.raises(ConflictError):
        files.create(target, b"second", tmp_path)
    assert target.read_bytes() == b"first"
    assert target.stat().st_nlink == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_file_whose_folder_cannot_be_synced_was_not_created(tmp_path, monkeypatch):
    def fail(path):
        raise OSError(28, "No space left on device")

    target = tmp_path / "in" / "file"
    target.parent.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(files, "sync_directory", fail)
        with pytest.raises(StorageError):
            files.create(target, b"first", tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["in"]


def test_every_file_is_dated_to_midnight_and_private(house):
    receipt = house.send(STORY)
    house.send(STORY)
    house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    house.come_back.open(receipt)
    midnight = clock.seconds_of(clock.day())
    folder = house.settings.paths.letterbox
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert len(found) > 10
    for path in found:
        assert path.stat().st_mtime == midnight
        if path.parent.name in {"in", "boxes"}:
            assert path.stat().st_atime == midnight, "a visit shows"
        assert path.stat().st_mode & 0o777 == files.PRIVATE
    for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        assert path.stat().st_mode & 0o777 == files.PRIVATE_DIRECTORY


@pytest.mark.parametrize("data", [b"", b"x", b"\x01" + bytes(5000)])
def test_a_box_whose_key_does_not_give_its_name_is_refused(letterbox, data):
    with pytest.raises(FormatError):
        letterbox.put_box(NAME, data)
    assert letterbox.box(NAME) is None


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_ordinary_file_is_not_read(letterbox, tmp_path, kind):
    path = tmp_path / "letterbox" / "boxes" / f"{NAME}.box"
    target = tmp_path / "secret"
    target.write_bytes(b"elsewhere")
    {"pipe": os.mkfifo, "link": lambda p: p.symlink_to(target), "folder": os.mkdir}[kind](path)
    with pytest.raises(StorageError):
        letterbox.box(NAME)


def test_a_write_replaces_in_one_step_and_leaves_no_half(letterbox, tmp_path):
    target, scratch = tmp_path / "file", tmp_path
    files.write(target, b"old", scratch)
    (tmp_path / "file2").mkdir()
    with pytest.raises(StorageError):
        files.write(tmp_path / "file2", b"new", scratch)
    files.write(target, b"new", scratch)
    assert target.read_bytes() == b"new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "file2", "intake", "letterbox"]


# --- the roster ----------------------------------------------------------------------------------


def own(house):
    """The folder of what intake pins: beside the letterbox, never in it."""
    return house.settings.paths.root / "intake"


def test_who_writes_to_the_letterbox_does_not_become_the_roster(house):
    theirs = SigningKey(bytes([7] * 32))
    forged = dataclasses.replace(house.vault.roster(), version=1, previous=None, root=theirs.public)
    folder = house.settings.paths.letterbox
    (folder / "roster" / "chain").write_bytes(sign_roster(forged, theirs) + b"\n")
    for name in ("root", "seen"):
        (folder / "roster" / name).write_bytes(canonical.b64(theirs.public).encode())
    with pytest.raises(RosterError):
        Letterbox(folder, house.settings.letterbox).roster()


@pytest.mark.parametrize("name", ["root", "seen", "chain"])
@pytest.mark.parametrize("data", [b"", b"junk", b'{"hash":"x","version":1}', "ж".encode()])
def test_damage_to_what_was_pinned_or_published_closes_intake(house, name, data):
    folder = house.settings.paths.letterbox / "roster" if name == "chain" else own(house)
    (folder / name).write_bytes(data)
    fresh = Letterbox(house.settings.paths.letterbox, house.settings.letterbox)
    with pytest.raises(RosterError):
        fresh.roster()


@pytest.mark.parametrize("version", ["1", None, [1], True, -1])
def test_a_version_seen_that_is_no_number_closes_intake(house, version):
    seen = {"hash": canonical.b64(bytes(32)), "version": version}
    path = own(house) / "seen"
    path.write_bytes(canonical.dumps(seen))
    fresh = Letterbox(house.settings.paths.letterbox, house.settings.letterbox)
    with pytest.raises(RosterError):
        fresh.roster()


def test_the_version_seen_outlives_the_process(house):
    paths, bounds = house.settings.paths, house.settings.letterbox
    newest = Letterbox(paths.letterbox, bounds).roster()
    chain = house.vault.chain()
    Letterbox(paths.letterbox, bounds).publish_chain(chain[:-2])
    with pytest.raises(RosterError):
        Letterbox(paths.letterbox, bounds).roster()
    Letterbox(paths.letterbox, bounds).publish_chain(chain)
    assert Letterbox(paths.letterbox, bounds).roster() == newest


def test_no_error_names_more_than_what_is_wrong(letterbox, tmp_path):
    with pytest.raises(WitnessVaultError) as caught:
        letterbox.put_packet(b"planted" * 20_000)
    assert "planted" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
