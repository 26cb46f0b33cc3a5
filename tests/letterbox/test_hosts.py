"""Letterboxes of other hosts: what a slot moves and copies, and what a bad one can do."""

from __future__ import annotations

import os
import secrets
import shutil
import threading

import pytest

from tests.support.erased import Killed
from vault.crypto.seal import OpeningKey, seal, sealed_for
from vault.errors import SettingError
from vault.letterbox import Letterbox, files, hosts
from vault.settings import load

LIMIT = 262_144
NAME = "0123456789abcdef" * 2


@pytest.fixture
def settings(tmp_path):
    return told(tmp_path, "b", "c")


def told(folder, *names):
    others = [str(folder / name) for name in names]
    bounds = {"others": others, "disk_reserve": 0, "packet_limit": LIMIT}
    return load(folder, {"ledger": {"origin": "test.invalid"}, "letterbox": bounds}).letterbox


@pytest.fixture
def b(tmp_path, settings):
    return Letterbox(tmp_path / "b", settings)


@pytest.fixture
def c(tmp_path, settings):
    return Letterbox(tmp_path / "c", settings)


@pytest.fixture
def hub(tmp_path, settings, b, c):
    hub = hosts.Hub(tmp_path / "own", settings, tmp_path / "hosts")
    slot(hub)
    assert hub.hosts.behind() == (0, 2)
    return hub


def slot(hub, erased=lambda _locator: False):
    hub.hosts.fetch()
    hub.hosts.give(erased)


def sealed(key):
    return seal(key.public, b"test", secrets.token_bytes(100))


def put_box(hub, key=None):
    """Write a box; returns its name and what stands in it."""
    data = sealed(key or OpeningKey.generate())
    hub.put_box(sealed_for(data).hex(), data)
    return sealed_for(data).hex(), data


def away(tmp_path, name="b"):
    (tmp_path / name).rename(tmp_path / "elsewhere")
    (tmp_path / name).mkdir()  # as a place is where nothing is mounted


def back(tmp_path, name="b"):
    shutil.rmtree(tmp_path / name)
    (tmp_path / "elsewhere").rename(tmp_path / name)


# --- packets -------------------------------------------------------------------------------------


def test_packets_of_every_host_are_moved_under_their_own_names(hub, b, c):
    names = {b.put_packet(b"one"): b"one", c.put_packet(b"two"): b"two"}
    slot(hub)
    assert {name: hub.packet(name) for name in hub.waiting()} == names
    assert b.waiting() == c.waiting() == []


@pytest.mark.parametrize("step", ["taken", "removed"])
def test_killed_in_between_loses_and_doubles_nothing(hub, b, monkeypatch, step):
    name = b.put_packet(b"one")

    def dies(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        if step == "taken":
            patched.setattr(files, "sync_directory", dies)
        else:
            patched.setattr(hosts.Path, "unlink", dies)
        patched.setattr(hosts, "_tried", lambda act, host, until, _done: act(host, until))
        patched.setattr(threading, "excepthook", lambda _args: None)
        hub.hosts.fetch()
    assert b.packet(name) == b"one"
    slot(hub)
    assert (hub.waiting(), hub.packet(name), b.waiting()) == ([name], b"one", [])
    assert not list(b._refused.iterdir())


def test_another_packet_of_the_same_name_is_set_aside_where_it_came_from(hub, b):
    (hub._in / NAME).write_bytes(b"own")
    (b._in / NAME).write_bytes(b"other")
    slot(hub)
    assert hub.packet(NAME) == b"own"
    assert (b.waiting(), (b._refused / NAME).read_bytes()) == ([], b"other")


def test_what_is_too_large_is_set_aside_where_it_came_from(hub, b):
    (b._in / NAME).write_bytes(bytes(LIMIT + 1))
    slot(hub)
    assert (hub.waiting(), b.waiting()) == ([], [])
    assert (b._refused / NAME).exists()


def test_a_slot_takes_so_many_packets_and_bytes_and_goes_on_at_the_next(hub, b, monkeypatch):
    monkeypatch.setattr(hosts, "MAX_PACKETS", 3)
    for _ in range(5):
        b.put_packet(b"x")
    slot(hub)
    assert len(hub.waiting()) == 3
    assert hub.hosts.behind() == (1, 2)
    monkeypatch.setattr(hosts, "MAX_BYTES", 0)
    slot(hub)
    assert len(hub.waiting()) == 4
    slot(hub)
    assert hub.hosts.behind() == (0, 2)
    assert (len(hub.waiting()), b.waiting()) == (5, [])


def test_of_a_listing_without_end_only_the_beginning_is_read(hub, b, monkeypatch):
    monkeypatch.setattr(hosts, "MAX_LISTED", 10)
    for number in range(30):
        (b._in / f"other-{number}").touch()
    read = []
    real = hosts._NAME.fullmatch

    class Counted:
        @staticmethod
        def fullmatch(name):
            read.append(name)
            return real(name)

    monkeypatch.setattr(hosts, "_NAME", Counted)
    slot(hub)
    assert len(read) == 10


# --- boxes ---------------------------------------------------------------------------------------


def test_a_box_the_file_of_what_was_sent_and_the_chain_go_to_every_host(hub, b, c):
    locator, data = put_box(hub)
    hub.put_sent(locator, b"emptied")
    hub.publish_chain([b"one"])
    slot(hub)
    for host in (b, c):
        assert (host.box(locator), host.sent(locator)) == (data, b"emptied")
        assert host.chain() == b"one\n"


def test_what_was_sent_at_a_host_stays_when_its_box_is_written_anew(hub, b, c):
    locator, _ = put_box(hub)
    b.put_sent(locator, b"sent at b")
    (hub._boxes / f"{locator}.sent").write_bytes(b"first")
    slot(hub)
    assert (b.sent(locator), c.sent(locator)) == (b"sent at b", b"first")


def test_a_host_that_was_away_holds_nobody_up_and_is_given_the_newest_of_each(hub, b, c, tmp_path):
    key = OpeningKey.generate()
    put_box(hub, key)
    slot(hub)
    away(tmp_path)
    put_box(hub, key)
    slot(hub)
    locator, newest = put_box(hub, key)
    hub.put_sent(locator, b"emptied")
    slot(hub)
    assert c.box(locator) == newest
    assert hub.hosts.behind() == (1, 2)
    assert not list((tmp_path / "b").iterdir())
    back(tmp_path)
    slot(hub)
    assert (b.box(locator), b.sent(locator)) == (newest, b"emptied")
    assert hub.hosts.behind() == (0, 2)


def test_a_slot_touches_only_what_changed(hub, b):
    first, _ = put_box(hub)
    slot(hub)
    (b._boxes / f"{first}.box").unlink()
    second, _ = put_box(hub)
    slot(hub)
    assert (b.box(first), b.box(second) is None) == (None, False)


def test_a_new_host_and_every_host_after_a_restore_is_given_everything(hub, b, tmp_path, settings):
    locator, data = put_box(hub)
    hub.put_sent(locator, b"emptied")
    other, _ = put_box(hub)
    hub.publish_chain([b"one"])
    for one in (locator, other):
        (b._boxes / f"{one}.sent").write_bytes(b"sent at b")
    shutil.rmtree(tmp_path / "hosts")
    again = hosts.Hub(tmp_path / "own", settings, tmp_path / "hosts")
    assert again.hosts.behind() == (2, 2)
    slot(again, erased=lambda one: one == locator)
    assert (b.box(locator), b.sent(locator), b.chain()) == (data, b"emptied", b"one\n")
    assert b.sent(other) == b"sent at b"
    assert again.hosts.behind() == (0, 2)


def test_a_host_that_was_no_longer_named_is_new_when_it_is_named_again(hub, b, tmp_path, settings):
    slot(hosts.Hub(tmp_path / "own", told(tmp_path, "c"), tmp_path / "hosts"))
    locator, data = put_box(hosts.Hub(tmp_path / "own", told(tmp_path), tmp_path / "none"))
    slot(hosts.Hub(tmp_path / "own", settings, tmp_path / "hosts"))
    assert b.box(locator) == data


def test_killed_while_giving_a_box_is_given_at_the_next_slot(hub, b, monkeypatch, tmp_path):
    locator, data = put_box(hub)

    def dies(*_args):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(hosts.Host, "_copy", dies)
        patched.setattr(threading, "excepthook", lambda _args: None)
        hub.hosts.give(bool)
    assert b.box(locator) is None
    slot(hosts.Hub(tmp_path / "own", told(tmp_path, "b", "c"), tmp_path / "hosts"))
    assert b.box(locator) == data


def test_what_is_written_while_it_is_given_is_given_again(hub, b, monkeypatch):
    key, real = OpeningKey.generate(), hosts.Host._copy
    put_box(hub, key)
    newer, once = [], iter("1")

    def copies(host, name, *folders):
        real(host, name, *folders)
        if next(once, ""):
            newer.append(put_box(hub, key))

    monkeypatch.setattr(hosts.Host, "_copy", copies)
    slot(hub), slot(hub)
    ((locator, data),) = newer
    assert b.box(locator) == data


# --- a host in bad hands -------------------------------------------------------------------------


def a_link(path, target):
    shutil.rmtree(path)
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["in", "refused", "boxes", "roster", "scratch"])
def test_a_folder_that_is_a_link_leads_nowhere_and_stops_no_other(hub, b, c, tmp_path, name):
    aim = tmp_path / "aim"
    aim.mkdir()
    (aim / NAME).write_bytes(b"not its own")
    a_link(tmp_path / "b" / name, aim)
    taken = c.put_packet(b"x")
    locator, data = put_box(hub)
    hub.publish_chain([b"one"])
    slot(hub)
    assert [path.name for path in aim.iterdir()] == [NAME]
    assert NAME not in hub.waiting()
    assert taken in hub.waiting()
    assert c.box(locator) == data
    assert hub.hosts.behind() == (1, 2)


def test_links_folders_and_pipes_among_its_packets_are_left_lying(hub, b, tmp_path):
    (tmp_path / "secret").write_bytes(b"not its own")
    names = [f"{number}" * 32 for number in range(3)]
    (b._in / names[0]).symlink_to(tmp_path / "secret")
    (b._in / names[1]).mkdir()
    os.mkfifo(b._in / names[2])
    taken = b.put_packet(b"x")
    slot(hub)
    assert hub.waiting() == [taken]
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("kind", ["box", "sent"])
def test_a_spoilt_path_among_its_boxes_holds_up_no_other_box(hub, b, c, kind):
    spoilt, data = put_box(hub)
    hub.put_sent(spoilt, b"emptied")
    (b._boxes / f"{spoilt}.{kind}").mkdir()
    others = [put_box(hub) for _ in range(3)]
    slot(hub)
    assert all(b.box(locator) == data for locator, data in others)
    assert c.box(spoilt) == data
    assert hub.hosts.behind() == (1, 2)
    (b._boxes / f"{spoilt}.{kind}").rmdir()
    slot(hub)
    assert (b.box(spoilt), b.sent(spoilt)) == (data, b"emptied")


def test_a_link_or_a_huge_file_in_place_of_a_box_is_replaced(hub, b, tmp_path):
    (tmp_path / "secret").write_bytes(b"stays")
    linked, huge = put_box(hub), put_box(hub)
    (b._boxes / f"{linked[0]}.box").symlink_to(tmp_path / "secret")
    (b._boxes / f"{huge[0]}.box").write_bytes(bytes(LIMIT + 1))
    slot(hub)
    assert (tmp_path / "secret").read_bytes() == b"stays"
    assert [b.box(locator) for locator, _ in (linked, huge)] == [linked[1], huge[1]]


def test_a_lock_that_it_never_lets_go_of_holds_nobody_up(hub, b, c):
    locator, data = put_box(hub)
    with b.one_at_a_time(), files.locked(b._in):
        slot(hub)
    assert b.box(locator) == c.box(locator) == data


def test_a_host_that_hangs_holds_up_neither_the_slot_nor_the_others(hub, b, c, monkeypatch):
    monkeypatch.setattr(hosts, "SECONDS", 0.5)
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.1)
    wakes, real = threading.Event(), hosts._packets

    def hangs(folder):
        if folder.samefile(b._in):
            wakes.wait(30)
        return real(folder)

    taken = b.put_packet(b"x"), c.put_packet(b"y")
    monkeypatch.setattr(hosts, "_packets", hangs)
    hub.hosts.fetch()
    hub.hosts.give(bool)
    assert hub.hosts.behind() == (1, 2)
    assert hub.waiting() == [taken[1]]
    wakes.set()
    monkeypatch.undo()
    slot(hub)
    assert hub.waiting() == sorted(taken)


def test_a_host_that_is_the_vaults_own_letterbox_moves_nothing(tmp_path):
    settings = told(tmp_path, "own")
    hub = hosts.Hub(tmp_path / "own", settings, tmp_path / "hosts")
    name = hub.put_packet(b"x")
    slot(hub)
    assert hub.waiting() == [name]
    assert hub.hosts.behind() == (1, 1)


def test_a_folder_that_is_not_absolute_is_refused(tmp_path):
    with pytest.raises(SettingError, match=r"letterbox\.others"):
        load(tmp_path, {"letterbox": {"others": ["b"]}, "ledger": {"origin": "test.invalid"}})
