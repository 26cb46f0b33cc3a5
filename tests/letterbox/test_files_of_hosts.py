"""Sealed files at other hosts: brought whole, over several slots if they must; no other is kept."""

import os
import time

import pytest

from vault import clock
from vault.crypto.suite import sha256
from vault.letterbox import Letterbox, hosts
from vault.letterbox.files import PIECE
from vault.letterbox.uploads import Uploads
from vault.packet.files import SealedFile
from vault.settings import load

NAME = "ab" * 16
DATA = os.urandom(3 * PIECE + 5)


@pytest.fixture
def settings(tmp_path):
    others = [str(tmp_path / name) for name in "bc"]
    bounds = {"others": others, "disk_reserve": 0}
    uploads = {"reserve_percent": 0}
    return load(tmp_path, {"ledger": {"origin": "x"}, "letterbox": bounds, "uploads": uploads})


@pytest.fixture
def hub(tmp_path, settings, at):
    return hosts.Hub(tmp_path / "own", settings.letterbox, tmp_path / "hosts")


@pytest.fixture
def own(tmp_path, settings):
    return Uploads(tmp_path / "own", settings.uploads)


@pytest.fixture
def at(tmp_path, settings):
    for name in "bc":
        Letterbox(tmp_path / name, settings.letterbox)
    return {name: Uploads(tmp_path / name, settings.uploads) for name in "bc"}


def file(data=DATA):
    return SealedFile(NAME, len(data), sha256(data))


def below(tmp_path):
    return [
        path.name for name in ("files", "scratch") for path in (tmp_path / "own" / name).iterdir()
    ]


def test_a_file_is_brought_from_where_it_is(hub, own, at):
    at["c"].put(NAME, [DATA])
    hub.hosts.bring([file()], own)
    assert b"".join(own.read(NAME)) == DATA


def test_what_takes_too_long_goes_on_where_it_was_left(hub, own, at, tmp_path, monkeypatch):
    at["b"].put(NAME, [DATA])
    ticks = iter(range(1000))
    monkeypatch.setattr("vault.letterbox.uploads.time.monotonic", lambda: next(ticks))
    with (tmp_path / "b" / "files" / NAME).open("rb") as source:
        assert not own.bring(source, "b", file(), 2)
        (half,) = below(tmp_path)
        assert (tmp_path / "own" / "scratch" / half).stat().st_size == 2 * PIECE
        assert own.bring(source, "b", file(), 100)
    assert b"".join(own.read(NAME)) == DATA
    assert below(tmp_path) == [NAME]


def test_another_file_of_its_name_is_thrown_away_and_the_right_one_comes(hub, own, at, tmp_path):
    at["b"].put(NAME, [bytes(len(DATA))])
    hub.hosts.bring([file()], own)
    assert below(tmp_path) == []
    at["c"].put(NAME, [DATA])
    hub.hosts.bring([file()], own)
    assert b"".join(own.read(NAME)) == DATA


def test_more_than_was_named_is_not_read(hub, own, at, tmp_path):
    at["b"].put(NAME, [DATA, DATA])
    hub.hosts.bring([file()], own)
    assert b"".join(own.read(NAME)) == DATA


@pytest.mark.parametrize("put", ["link", "pipe", "folder"])
def test_what_is_no_ordinary_file_is_left_alone(hub, own, at, tmp_path, put):
    path = tmp_path / "b" / "files" / NAME
    (tmp_path / "secret").write_bytes(DATA)
    {
        "link": lambda: path.symlink_to(tmp_path / "secret"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[put]()
    at["c"].put(NAME, [DATA])
    began = time.monotonic()
    hub.hosts.bring([file()], own)
    assert time.monotonic() - began < 60
    assert b"".join(own.read(NAME)) == DATA


@pytest.mark.parametrize("put", ["link", "pipe"])
def test_what_was_planted_where_a_file_is_copied_to_is_not_written_to(hub, own, at, tmp_path, put):
    secret = tmp_path / "secret"
    secret.write_bytes(b"")
    list_of_b = hosts._list_of(str(tmp_path / "b"))
    planted = tmp_path / "own" / "scratch" / f"{NAME}.{list_of_b}"
    {"link": lambda: planted.symlink_to(secret), "pipe": lambda: os.mkfifo(planted)}[put]()
    at["b"].put(NAME, [DATA])
    hub.hosts.bring([file()], own)
    assert secret.read_bytes() == b""
    assert own.names() == []
    at["c"].put(NAME, [DATA])
    hub.hosts.bring([file()], own)
    assert own.names() == [NAME]


def test_a_host_that_is_away_holds_no_file_up(hub, own, at, tmp_path):
    (tmp_path / "b").rename(tmp_path / "away")
    at["c"].put(NAME, [DATA])
    hub.hosts.bring([file()], own)
    assert own.names() == [NAME]


def test_a_day_later_what_nobody_sent_there_is_gone_and_what_is_wanted_stays(
    hub, own, at, monkeypatch
):
    other = "cd" * 16
    at["b"].put(NAME, [DATA])
    at["b"].put(other, [b"never sent"])
    now = clock.now()
    for days, left in ((1, 2), (2, 1)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + days * clock.DAY)
        hub.hosts.fetch()
        hub.hosts.sweep([NAME])
        assert len(at["b"].names()) == left
    assert at["b"].names() == [NAME]


def test_while_packets_are_still_there_nothing_is_swept(hub, at, monkeypatch):
    at["b"].put(NAME, [DATA])
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 3 * clock.DAY)
    monkeypatch.setattr(hosts.Host, "fetch", lambda *_: False)
    hub.hosts.fetch()
    hub.hosts.sweep([])
    assert at["b"].names() == [NAME]
