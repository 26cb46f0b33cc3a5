"""Two intake hosts of one vault: told at one, answered at both, erased at both."""

from __future__ import annotations

import os
import shutil
import time
from types import SimpleNamespace

import pytest

from tests.support.erased import DELAY, given_house
from tests.support.house import FORMS, STORY, House
from vault import clock
from vault.cases.arriving import accept
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages
from vault.crypto import stream
from vault.custody import doctor
from vault.letterbox import Letterbox
from vault.letterbox.hosts import Hub
from vault.letterbox.uploads import Uploads
from vault.packet.build import Beside
from vault.packet.deletion import open_certificate
from vault.packet.files import SealedFile
from vault.testimony import Return, Tell, attaching
from vault.testimony.boxes import box_locator, read_sent
from vault.testimony.chosen import Chosen, made


def other(house, folder):
    """Give the vault another intake host, whose letterbox is carried to `folder`."""
    bounds = dict(house.settings.letterbox.__dict__, others=(str(folder),))
    settings = type(house.settings.letterbox)(**bounds)
    paths = house.settings.paths
    letterbox = Letterbox(folder, settings, folder.with_name("pins"))
    letterbox.pins.pin_root(house.vault.root_public())
    house.vault.__dict__["letterbox"] = Hub(paths.letterbox, settings, paths.hosts)
    house.collect()
    given = house.intake_agent, FORMS, house.settings
    return SimpleNamespace(
        letterbox=letterbox, tell=Tell(letterbox, *given), come_back=Return(letterbox, *given)
    )


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path / "vault").staff()
    yield house
    house.close()


def finding(house, name="hosts"):
    (found,) = doctor.examine(house.vault, only=[name])
    return found.well, found.said


def test_told_at_one_host_answered_at_both(house, tmp_path):
    b = other(house, tmp_path / "b")
    receipt = b.tell.send("victim", "ru", STORY, b.tell.new_send_id()).receipt
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    lawyer = house.actors["lawyer"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, None)
    messages.reply(house.vault, lawyer, line.id, "We read it.")
    house.collect()
    for host in (house, b):
        assert [one.text for one in host.come_back.open(receipt).replies] == ["We read it."]
    assert b.letterbox.waiting() == house.letterbox.waiting() == []


def test_what_was_told_at_the_vaults_own_host_is_read_at_the_other(house, tmp_path):
    b = other(house, tmp_path / "b")
    receipt = house.send()
    assert b.come_back.open(receipt)
    b.come_back.add(receipt, "ru", STORY, b.come_back.new_send_id())
    assert house.collect().accepted == 2  # what was added, and what it allows


def film_at(house, folder, b):
    """A film that somebody sends at another host."""
    receipt, uploads = house.send(), Uploads(folder, house.settings.uploads)
    came = attaching.receive(uploads, None, ("film", [b"film"] * 1000), (10_000, 0))
    chosen = Chosen(keep="original", kind="recording", may_see="lawyer", case_file=False)
    beside = made(uploads, None, [came], [chosen])
    b.come_back.attach(receipt, "ru", beside, b.come_back.new_send_id())
    return came


def is_stored(house, came):
    (stored,) = house.settings.paths.files.iterdir()
    return b"".join(stream.decrypt(came.key, [stored.read_bytes()])).startswith(b"film" * 1000)


def test_a_file_that_was_sent_at_another_host_comes_at_the_same_slot(house, tmp_path):
    b = other(house, tmp_path / "b")
    came = film_at(house, tmp_path / "b", b)
    house.collect()
    assert is_stored(house, came)
    assert finding(house, "attached") == (True, "found")


def test_another_file_of_its_name_in_the_vaults_own_letterbox_does_not_keep_it_away(
    house, tmp_path
):
    b = other(house, tmp_path / "b")
    came = film_at(house, tmp_path / "b", b)
    Uploads(house.settings.paths.letterbox, house.settings.uploads).put(came.id, [b"another"])
    house.collect()
    assert is_stored(house, came)
    assert finding(house, "attached") == (True, "found")


def test_files_of_packets_that_the_vault_cannot_take_yet_are_not_swept_at_their_host(
    house, tmp_path, monkeypatch
):
    b = other(house, tmp_path / "b")
    came = film_at(house, tmp_path / "b", b)
    now = clock.now()
    with monkeypatch.context() as before:
        before.setattr(accept.Taking, "take", lambda *_: accept.Outcome.WAITS)
        for days in (0, 3):
            before.setattr(clock, "now", lambda days=days: now + days * clock.DAY)
            house.collect()
    house.collect()
    assert is_stored(house, came)


@pytest.mark.parametrize("where", ["b", "own"])
def test_a_file_that_is_said_to_be_larger_than_any_takes_no_room(house, tmp_path, where):
    b = other(house, tmp_path / "b")
    limit = house.settings.uploads.size_limit
    receipt, name = house.send(), "ab" * 16
    folder = {"b": tmp_path / "b", "own": house.settings.paths.letterbox}[where]
    uploads = Uploads(folder, house.settings.uploads)
    uploads.put(name, [b"x"])
    os.truncate(folder / "files" / name, 2 * limit + 1)
    beside = Beside(files=(SealedFile(name, 2 * limit + 1, bytes(32)),))
    b.come_back.attach(receipt, "ru", beside, b.come_back.new_send_id())
    began = time.monotonic()
    house.collect()
    assert time.monotonic() - began < 20
    assert list((house.settings.paths.letterbox / "scratch").iterdir()) == []
    assert finding(house, "attached") == (False, "differ")


def test_a_new_roster_reaches_every_host(house, tmp_path):
    b = other(house, tmp_path / "b")
    house.add("second", "lawyer")
    house.collect()
    assert b.letterbox.roster().version == house.letterbox.roster().version


def test_a_host_that_was_away_during_an_erasure_is_brought_up_to_date(tmp_path, monkeypatch):
    with given_house(tmp_path / "vault", monkeypatch) as house:
        b = other(house, tmp_path / "b")
        locator = box_locator(house.receipt)
        assert b.come_back.open(house.receipt).replies
        b.come_back.add(house.receipt, "ru", STORY, b.come_back.new_send_id())
        house.collect()
        assert finding(house) == (True, "found")
        (tmp_path / "b").rename(tmp_path / "elsewhere")
        house.come_back.delete(house.receipt, house.come_back.open(house.receipt).deletion.stand)
        house.collect()
        house.pass_days(DELAY)
        assert finding(house) == (False, "behind")
        (tmp_path / "elsewhere").rename(tmp_path / "b")
        assert b.come_back.open(house.receipt).replies
        house.collect()
        assert b.come_back.open(house.receipt).erased
        assert open_certificate(house.receipt, b.letterbox.box(locator))
        assert read_sent(b.letterbox, house.receipt) == ()
        assert finding(house) == (True, "found")


def test_the_lists_lost_after_an_erasure_bring_nothing_back(tmp_path, monkeypatch):
    with given_house(tmp_path / "vault", monkeypatch) as house:
        b = other(house, tmp_path / "b")
        b.come_back.add(house.receipt, "ru", STORY, b.come_back.new_send_id())
        (tmp_path / "b").rename(tmp_path / "elsewhere")
        house.come_back.delete(house.receipt, house.come_back.open(house.receipt).deletion.stand)
        house.collect()
        house.pass_days(DELAY)
        shutil.rmtree(house.settings.paths.hosts)
        (tmp_path / "elsewhere").rename(tmp_path / "b")
        house.collect()
        assert b.come_back.open(house.receipt).erased
        assert read_sent(b.letterbox, house.receipt) == ()


def test_a_replayed_packet_of_a_host_is_taken_once(house, tmp_path):
    b = other(house, tmp_path / "b")
    b.tell.send("victim", "ru", STORY, b.tell.new_send_id())
    (name,) = b.letterbox.waiting()
    data = b.letterbox.packet(name)
    house.collect()
    (tmp_path / "b" / "in" / name).write_bytes(data)
    house.collect()
    assert len(inbox.new_cases(house.vault, house.actors["officer"])) == 1


def test_without_other_hosts_nothing_is_kept_about_any(house):
    house.send()
    assert not house.settings.paths.hosts.exists()
    assert finding(house) == (True, "none")
