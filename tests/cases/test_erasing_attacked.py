"""Deletion attacked: by packets, by the letterbox, by clocks, by being killed in between."""

from __future__ import annotations

import fcntl
import os

import pytest

from tests.support.attacks import rows
from tests.support.erased import (
    DELAY,
    SWEPT,
    Killed,
    ask,
    box,
    due_days,
    given_house,
    instruct,
    is_there,
    kinds,
    stop,
)
from tests.support.house import STORY, House
from vault import canonical, clock
from vault.cases.ending import erasing, stopping
from vault.errors import StorageError
from vault.letterbox import files
from vault.packet import deletion as asked
from vault.storage.tables.cases import deletions, grants, testimonies
from vault.testimony.boxes import box_locator


@pytest.fixture
def given(tmp_path, monkeypatch):
    with given_house(tmp_path, monkeypatch) as house:
        yield house


def killed_after_the_keys(house, monkeypatch):
    """Ask, and let the vault be killed on the day when the keys are gone and no row yet."""

    def cut(*_):
        raise Killed

    ask(house)
    house.collect()
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_close_box", cut)
        with pytest.raises(Killed):
            house.pass_days(DELAY)
    assert not is_there(house)
    assert rows(house, grants)


# --- killed in between, and what comes then ------------------------------------------------------


def test_a_release_that_comes_when_the_keys_are_gone_stops_no_slot(given, monkeypatch):
    killed_after_the_keys(given, monkeypatch)
    assert given.come_back.release(given.receipt, box(given).identity.stand) is True
    other = given.send()
    assert box(given).erased is not None
    assert not any(row.subject == given.testimony for row in rows(given, grants))
    assert given.come_back.open(other).erased is None
    given.collect()
    assert given.letterbox.waiting() == []


def test_an_allowance_that_comes_when_the_keys_are_gone_stops_no_slot(tmp_path, monkeypatch):
    house = House.found(tmp_path, erasure={"delay_days": 0}).staff()
    receipt = house.send({**STORY, "consent": {"C01": "yes", "C02": "not_yet"}})
    ask(house, receipt)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_close_box", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            house.collect()
    house.come_back.allow(receipt)
    house.collect()
    assert box(house, receipt).erased is not None
    house.close()


def test_a_stop_that_comes_when_the_keys_are_gone_comes_too_late_and_all_is_swept(
    given, monkeypatch
):
    """Otherwise the witness would be told that it was kept, and nobody could open it."""
    killed_after_the_keys(given, monkeypatch)
    assert stop(given) is True
    given.collect()
    assert box(given).erased is not None
    assert all(rows(given, table) == [] for table in SWEPT)


# --- the letterbox in the hands of somebody else -------------------------------------------------


def test_a_file_of_what_was_sent_that_cannot_be_written_holds_nobody_else_up(given):
    """An intake host that was taken over puts a folder in its place."""
    other = given.send()
    ask(given), ask(given, other)
    given.collect()
    path = given.letterbox._path(box_locator(given.receipt), "sent")
    path.unlink()
    path.mkdir()
    given.pass_days(DELAY)
    assert not is_there(given)
    assert given.come_back.open(other).erased is not None
    assert box(given).erased is not None
    assert kinds(given, "erased") == ["erased"] * 2


def test_a_letterbox_that_is_never_let_go_stops_neither_erasing_nor_the_staff(given, monkeypatch):
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
    ask(given)
    given.collect()
    held = os.open(given.letterbox._boxes, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    given.pass_days(DELAY)
    os.close(held)
    assert not is_there(given)
    assert box(given).erased is not None


# --- floods of instructions ----------------------------------------------------------------------


def test_asking_and_stopping_for_ever_leaves_two_rows_of_each_receipt(given):
    for receipt in (given.receipt, given.decoy):
        for _ in range(6):
            ask(given, receipt), stop(given, receipt)
    given.collect()
    assert len(rows(given, deletions)) <= 4
    assert kinds(given, "erasure.asked", "erasure.stopped") != []
    assert due_days(given) == []
    for receipt in (given.receipt, given.decoy):
        assert box(given, receipt).deletion.may_ask


def test_one_number_sent_again_and_again_by_a_packet_maker_is_kept_once(given):
    for _ in range(5):
        instruct(given, asked.delete(given.receipt, 3))
        instruct(given, asked.keep(3))
    assert len(rows(given, deletions)) == 2
    assert due_days(given) == []


@pytest.mark.parametrize("order", ["0123", "3210", "1302", "2031"])
def test_whatever_the_order_the_highest_number_decides(tmp_path, order):
    house = House.found(tmp_path).staff()
    house.receipt = house.send()
    (house.testimony,) = [row.id for row in rows(house, testimonies)]
    said = (asked.delete(house.receipt, 1), asked.keep(1), asked.delete(house.receipt, 2))
    for place in order:
        instruct(house, (*said, asked.keep(2))[int(place)])
    assert due_days(house) == []
    instruct(house, asked.delete(house.receipt, 3))
    assert len(due_days(house)) == 1
    house.close()


@pytest.mark.parametrize(
    "instruction",
    [
        {"name": "delete", "number": 1, "box": None},
        {"name": "delete", "number": 1, "box": "A" * 1600},
        {"name": "delete", "number": True, "box": ""},
        {"name": "delete", "number": 65},
        {"name": "keep", "number": 0},
        {"name": "keep", "number": 1, "box": ""},
        {"name": ["delete"], "number": 1},
        {"name": {}, "number": 1},
        {},
    ],
)
def test_a_malformed_instruction_is_put_aside_and_the_slot_goes_on(given, instruction):
    assert instruct(given, instruction).refused == 1
    assert rows(given, deletions) == []
    assert is_there(given)


@pytest.mark.parametrize("key", [b"\0" * 1216, b"\xff" * 1216, b"\0" * 1184 + b"\1" + b"\0" * 31])
def test_a_box_key_to_which_nothing_can_be_sealed_holds_nobody_else_up(given, key):
    other = given.send()
    instruct(given, {**asked.delete(given.receipt, 1), "box": canonical.b64(key)})
    ask(given, other)
    given.collect()
    given.pass_days(DELAY)
    assert given.come_back.open(other).erased is not None


# --- clocks, and a vault that stood still --------------------------------------------------------


def test_after_a_month_under_lock_the_lawyer_still_has_a_day_to_stop_it(given):
    """A raid, or an administrator, keeps the vault locked while the delay runs out."""
    ask(given)
    given.collect()
    given.stand_still(30)
    given.collect()
    assert is_there(given)
    assert box(given).deletion.late
    stopping.stop(given.vault, given.actors["lawyer"], given.case)
    given.pass_days(30)
    assert is_there(given)


def test_after_a_month_under_lock_what_nobody_stops_is_erased_on_the_next_day(given):
    for receipt in (given.receipt, given.decoy):
        ask(given, receipt)
    given.collect()
    given.stand_still(30)
    given.stand_still(1)
    assert not is_there(given)
    assert [box(given, one).erased.day for one in (given.receipt, given.decoy)] == [clock.day()] * 2


def test_a_vault_that_is_open_once_a_week_erases_as_well(given):
    ask(given)
    given.collect()
    for _ in range(2):
        assert is_there(given)
        given.stand_still(DELAY)
    assert not is_there(given)


def test_a_clock_a_year_ahead_erases_nothing_early_and_put_right_it_is_done_on_its_day(given):
    ask(given)
    given.collect()
    (due,) = due_days(given)
    given.stand_still(365)
    given.stand_still(-365)
    assert (is_there(given), due_days(given)) == (True, [due])
    given.pass_days(DELAY - 1)
    assert is_there(given)
    given.stand_still(1)
    assert not is_there(given)


def test_a_clock_set_back_delays_it_and_forgets_nothing(given):
    ask(given)
    given.collect()
    given.stand_still(-30)
    given.pass_days(30)
    assert is_there(given)
    given.pass_days(DELAY)
    assert not is_there(given)


def test_what_could_not_be_done_goes_on_at_the_next_slot_of_the_same_day(given, monkeypatch):
    ask(given)
    given.collect()

    def refuse(*_):
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_erase", refuse)
        given.pass_days(DELAY)
    assert is_there(given)
    given.collect()
    assert not is_there(given)
