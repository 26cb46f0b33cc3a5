"""Somebody came with the second words: the lawyer learns it, the database alone tells nobody."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.house import STORY
from vault import clock
from vault.cases import reveal
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.receipt import Receipt
from vault.errors import StorageError
from vault.packet import visit
from vault.packet.build import build_instruction
from vault.packet.open_box import open_box
from vault.storage.tables.cases import cases, records, testimonies, tombstones, visits
from vault.testimony.boxes import box_locator


def tell_and_give(house):
    send_id = house.tell.new_send_id()
    house.receipt = house.tell.send("victim", "ru", STORY, send_id).receipt
    house.second = house.tell.receipt_of(send_id, second=True)
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case = line.id
    assign.give(
        house.vault,
        house.actors["officer"],
        line.id,
        house.actors["lawyer"].id,
        house.actors["deputy"].id,
    )
    house.collect()


@pytest.fixture
def given(house):
    """A house where one testimony was sent, and given to lawyer and deputy."""
    return house.after(tell_and_give)


def come(house, receipt):
    house.come_back.visited(receipt)
    return house.collect()


def opened(house, who="lawyer"):
    return reveal.open_case(house.vault, house.actors[who], house.case)


def listed(house, who="lawyer"):
    (line,) = inbox.my_cases(house.vault, house.actors[who])
    return line


def entries(house, kind="box.visited"):
    return [entry for entry in house.vault.journal.read() if entry.kind == kind]


def later(monkeypatch, days):
    moment = clock.now() + days * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: moment)


def add(house, receipt, story="more"):
    back = house.come_back
    back.add(receipt, "ru", {"story": story}, back.new_send_id())
    house.collect()


def second_box(house):
    return house.letterbox.box(box_locator(house.second))


# --- what the lawyer learns --------------------------------------------------------------------


def test_the_case_says_on_which_day_somebody_came_with_the_second_words(given):
    come(given, given.second)
    assert opened(given).forced == (clock.day(),)


def test_of_visits_with_the_own_words_the_case_says_nothing(given):
    come(given, given.receipt)
    assert opened(given).forced == ()
    assert listed(given).forced is None


def test_the_list_says_it_before_anybody_opens_the_case(given):
    come(given, given.second)
    assert listed(given).forced == clock.day()
    assert listed(given, "deputy").forced == clock.day()


def test_the_list_says_it_still_after_the_case_was_opened_and_its_summary_kept(given):
    opened(given)
    come(given, given.second)
    assert listed(given).forced == clock.day()
    assert listed(given).forced == clock.day()


def test_an_officer_who_opened_the_account_sees_it_in_the_list_of_new_ones(house):
    send_id = house.tell.new_send_id()
    house.tell.send("victim", "ru", STORY, send_id)
    house.come_back.visited(house.tell.receipt_of(send_id, second=True))
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert line.forced is None  # nothing was opened, so nobody could tell
    assert reveal.open_case(house.vault, house.actors["officer"], line.id).forced
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert line.forced == clock.day()


def test_each_day_is_named_and_the_list_names_the_last(given, monkeypatch):
    come(given, given.second)
    first = clock.day()
    later(monkeypatch, 2)
    come(given, given.second)
    assert opened(given).forced == (first, clock.day())
    assert listed(given).forced == clock.day()


def test_what_is_added_with_the_own_words_since_is_marked_and_what_was_before_is_not(
    given, monkeypatch
):
    add(given, given.receipt, "before")
    later(monkeypatch, 1)
    come(given, given.second)
    add(given, given.receipt, "since")
    marked = {
        record.answers["story"]: record.after_forced
        for record in opened(given).records
        if "story" in record.answers
    }
    assert marked == {STORY["story"]: False, "before": False, "since": True}


def test_what_arrives_since_is_marked_though_it_names_an_earlier_day(given, monkeypatch):
    """A packet maker writes into the record whatever day it likes."""
    come(given, given.second)
    back = given.come_back
    with monkeypatch.context() as patched:
        patched.setattr(clock, "day", lambda *_: "2026-01-01")
        back.add(given.receipt, "ru", {"story": "backdated"}, back.new_send_id())
    given.collect()
    (record,) = [r for r in opened(given).records if r.answers.get("story") == "backdated"]
    assert (record.day, record.after_forced) == ("2026-01-01", True)


def test_the_second_box_is_that_of_the_first_day_however_often_it_is_written(given, monkeypatch):
    """Nobody writes an unopened box again: a later day in it would say that there is another."""
    first = open_box(given.second, second_box(given))
    later(monkeypatch, 5)
    before = second_box(given)
    opened(given), given.collect()
    assert second_box(given) != before
    now = open_box(given.second, second_box(given))
    assert now.current == first.current
    assert now.current.day == now.fixed.day


def test_what_is_added_with_the_second_words_is_marked_as_theirs(given):
    add(given, given.second)
    case = opened(given)
    (record,) = (r for r in case.records if r.kind == "addendum")
    assert (record.origin, record.after_forced) == ("second", False)
    assert rows(given, visits) == []  # the signal was held back
    assert case.forced == (clock.day(),)


# --- what nobody else learns -------------------------------------------------------------------


def test_both_receipts_leave_the_same_but_for_bytes_that_look_random(given):
    def left():
        kept = (visits, records, testimonies, tombstones, cases)
        return [len(rows(given, table)) for table in kept]

    before = left()
    come(given, given.receipt)
    own = left()
    come(given, given.second)
    second = left()
    assert [b - a for a, b in zip(before, own, strict=True)] == [1, 0, 0, 1, 0]
    assert [b - a for a, b in zip(own, second, strict=True)] == [1, 0, 0, 1, 0]
    own_entry, second_entry = entries(given)
    for entry in (own_entry, second_entry):
        assert (entry.subject, entry.detail, entry.actor) == ({}, {"count": 1}, "system")


def test_a_kept_visit_names_no_day_and_no_receipt(given):
    come(given, given.second)
    (row,) = rows(given, visits)
    assert row._fields == ("proof", "subject")
    assert len(row.proof) == 32


def test_a_visit_is_no_activity_of_the_case(given, monkeypatch):
    (before,) = rows(given, cases)
    later(monkeypatch, 1)
    come(given, given.second)
    assert rows(given, cases) == [before]
    assert listed(given).packets == 1


# --- bounds ------------------------------------------------------------------------------------


def test_many_visits_of_one_day_are_one_packet_one_row_and_one_entry(given):
    for _ in range(5):
        given.come_back.visited(given.second)
    assert len(given.letterbox.waiting()) == 1
    for _ in range(3):
        come(given, given.second)
    assert len(rows(given, visits)) == 1
    assert len(entries(given)) == 1


def test_words_that_open_no_box_leave_nothing_in_the_letterbox(given):
    folder = given.vault.settings.paths.letterbox
    before = sorted(folder.rglob("*"))
    given.come_back.visited(Receipt.generate())
    assert sorted(folder.rglob("*")) == before


def test_a_visit_of_an_unknown_receipt_is_refused_though_it_names_the_testimony(given):
    (row,) = rows(given, testimonies)
    stranger = Receipt.generate()
    made = build_instruction(
        visit.secret(stranger, clock.day()),
        stranger,
        row.id,
        given.letterbox.roster().collector,
        instruction=visit.instruction(stranger, row.id, clock.day()),
        day=clock.day(),
    )
    given.letterbox.put_packet(made.encode())
    assert given.collect().refused == 1
    assert rows(given, visits) == []


def test_a_visit_in_the_slot_of_the_testimony_is_taken_whatever_comes_first(house):
    send_id = house.tell.new_send_id()
    house.tell.send("victim", "ru", STORY, send_id)
    house.come_back.visited(house.tell.receipt_of(send_id, second=True))
    assert house.collect().refused == 0
    assert len(rows(house, visits)) == 1


def test_a_full_disk_keeps_nobody_from_their_box(given, monkeypatch):
    def full(*_, **__):
        raise StorageError("the disk is full")

    monkeypatch.setattr(type(given.letterbox), "put_visit", full)
    given.come_back.visited(given.receipt)
    assert given.letterbox.waiting() == []


def test_a_planted_row_without_the_key_says_nothing(given):
    (row,) = rows(given, testimonies)
    with given.vault.database.write() as connection:
        connection.execute(visits.insert().values(proof=bytes(32), subject=row.id))
    assert opened(given).forced == ()
    assert listed(given).forced is None
