"""Deletion: asked for by the receipt, stopped by it or by the lawyer, carried out for good."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from tests.support.attacks import change, rows
from tests.support.erased import (
    DELAY,
    SWEPT,
    Killed,
    add,
    ask,
    box,
    due_days,
    erasure_rows,
    given_house,
    instruct,
    is_there,
    kinds,
    pages_of,
    stop,
)
from tests.support.house import STORY, House
from vault import clock
from vault.cases import reveal
from vault.cases.ending import deleting, erasing, stopping
from vault.cases.holders.access import hold
from vault.cases.lists import inbox
from vault.cases.reveal.opening import opened_account
from vault.cases.written import messages
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.custody.rotation.changing import _seal_parts_anew
from vault.errors import ErasedError, NotFoundError, RefusedError
from vault.journal.vault import DATABASE_LABEL, ERASURE_LABEL
from vault.packet import deletion as asked
from vault.storage.tables.cases import (
    cases,
    deletions,
    grants,
    outbox,
    records,
    testimonies,
)
from vault.testimony.boxes import box_locator, look


@pytest.fixture
def given(tmp_path, monkeypatch):
    with given_house(tmp_path, monkeypatch) as house:
        yield house


# --- asked for and stopped -----------------------------------------------------------------------


def test_what_is_asked_shows_at_once_and_is_noted_at_the_slot_with_its_day(given):
    assert ask(given) is True
    shown = box(given).deletion
    assert (shown.asked, shown.may_ask, shown.late) == (clock.day(), False, False)
    assert shown.due == clock.day(clock.now() + DELAY * clock.DAY)
    assert rows(given, deletions) == []
    given.collect()
    assert due_days(given) == [shown.due]
    assert kinds(given, "erasure.asked") == ["erasure.asked"]
    assert is_there(given)


def test_asking_twice_in_two_windows_is_asked_once(given):
    stand = box(given).deletion.stand
    assert given.come_back.delete(given.receipt, stand) is True
    assert given.come_back.delete(given.receipt, stand) is True
    given.collect()
    assert kinds(given, "erasure.asked") == ["erasure.asked"]


def test_a_page_older_than_what_stands_does_nothing(given):
    old = box(given).deletion.stand
    ask(given), stop(given)
    assert given.come_back.delete(given.receipt, old) is False
    assert given.come_back.keep(given.receipt, old) is False
    given.collect()
    assert due_days(given) == []


def test_until_the_day_the_witness_stops_it_and_may_ask_again(given):
    ask(given)
    given.pass_days(DELAY - 1)
    assert stop(given) is True
    given.pass_days(30)
    assert is_there(given)
    assert kinds(given, "erasure.stopped", "erased") == ["erasure.stopped"]
    assert box(given).deletion.may_ask
    ask(given)
    given.collect()
    assert len(due_days(given)) == 1


def test_a_stop_of_the_last_slot_still_counts(given):
    ask(given)
    given.collect()
    stop(given)
    given.pass_days(DELAY)
    assert is_there(given)


def waiting_for(given, name):
    """Return the deletion that a member sees on the page of the case."""
    held = hold(given.vault, given.actors[name], given.case)
    return deleting.look(given.vault, held.line, held.testimony)


def test_the_order_in_which_a_slot_takes_them_does_not_matter(given):
    instruct(given, asked.keep(1))
    instruct(given, asked.delete(given.receipt, 1))
    assert due_days(given) == []
    instruct(given, asked.delete(given.receipt, 2))
    assert len(due_days(given)) == 1


def test_the_lawyer_or_the_deputy_sees_it_and_stops_it_and_the_box_says_so(given):
    for name in ("lawyer", "deputy"):
        ask(given)
        given.collect()
        seen = waiting_for(given, name)
        assert (seen.asked, seen.due, seen.second) == (clock.day(), due_days(given)[0], False)
        stopping.stop(given.vault, given.actors[name], given.case)
        given.collect()
        shown = box(given).deletion
        assert (shown.asked, shown.stopped, shown.may_ask) == (None, clock.day(), True)
    stopped = [e.actor for e in given.vault.journal.read() if e.kind == "erasure.stopped"]
    assert stopped == [given.actors[name].id for name in ("lawyer", "deputy")]
    given.pass_days(30)
    assert is_there(given)


def test_there_is_nothing_to_stop_where_nothing_was_asked(given):
    with pytest.raises(RefusedError):
        stopping.stop(given.vault, given.actors["lawyer"], given.case)
    with pytest.raises(NotFoundError):
        stopping.stop(given.vault, given.actors["officer"], given.case)
    assert "reveal" not in [e.kind for e in given.vault.journal.read()[-2:]]


# --- carried out ---------------------------------------------------------------------------------


def test_on_the_day_keys_grants_records_and_lists_are_gone_and_the_log_says_what_remains(given):
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    assert not is_there(given)
    assert erasure_rows(given) == []
    assert all(rows(given, table) == [] for table in SWEPT)
    (entry,) = [e for e in given.vault.journal.read() if e.kind == "erased"]
    assert entry.detail["records"] == 8
    assert entry.detail["until"] == clock.day(clock.now() + 14 * clock.DAY)
    (case,) = rows(given, cases)
    assert (case.status, case.opens_until) == ("erased", entry.detail["until"])
    for name in ("lawyer", "deputy", "officer"):
        with pytest.raises(NotFoundError):
            reveal.open_case(given.vault, given.actors[name], given.case)


def test_the_lawyers_list_says_when_and_until_when_a_backup_opens_it(given):
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    (line,) = inbox.my_cases(given.vault, given.actors["lawyer"])
    assert (line.status, line.active) == ("erased", clock.day())
    assert line.opens_until == clock.day(clock.now() + 14 * clock.DAY)
    assert (line.waiting, line.unread, line.readable) == (False, 0, False)


def test_the_box_says_when_and_takes_nothing_more(given):
    ask(given)
    given.collect()
    size = len(given.letterbox.box(box_locator(given.decoy)))
    given.pass_days(DELAY)
    shown = box(given)
    assert shown.erased.day == clock.day()
    assert shown.erased.until == clock.day(clock.now() + 14 * clock.DAY)
    assert (shown.replies, shown.openings, shown.sent) == ((), (), ())
    assert len(given.letterbox.box(box_locator(given.receipt))) == size
    with pytest.raises(ErasedError):
        add(given)
    with pytest.raises(ErasedError):
        given.come_back.delete(given.receipt, "")


def test_what_waits_in_the_letterbox_for_it_is_taken_and_leaves_nothing(given):
    ask(given)
    given.collect()
    back = given.come_back
    given.pass_days(DELAY)
    back.add(given.decoy, "ru", STORY, back.new_send_id())
    back.visited(given.decoy)
    before = given.entered()
    assert given.collect().refused == 0
    assert given.letterbox.waiting() == []
    assert all(rows(given, table) == [] for table in SWEPT)
    assert given.entered() == before


def test_a_replayed_packet_brings_back_neither_testimony_nor_box(given):
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    for receipt in (given.receipt, given.decoy):
        given.letterbox._path(box_locator(receipt), "box").unlink()
    given.letterbox.put_packet(given.packet)
    assert given.collect().dropped == 1
    assert rows(given, testimonies) == []
    assert not is_there(given)
    assert given.letterbox.box(box_locator(given.receipt)) is None


def test_without_a_delay_it_is_done_in_the_same_slot(tmp_path):
    house = House.found(tmp_path, erasure={"delay_days": 0}).staff()
    receipt = house.send()
    ask(house, receipt)
    house.collect()
    assert box(house, receipt).erased is not None
    house.close()


def test_one_that_nobody_was_allowed_to_read_is_erased_with_the_grants_held_in_its_box(tmp_path):
    house = House.found(tmp_path, erasure={"delay_days": 0}).staff()
    receipt = house.send({**STORY, "consent": {"C01": "yes", "C02": "not_yet"}})
    assert look(house.letterbox, receipt).content.fixed.held
    ask(house, receipt)
    house.collect()
    with pytest.raises(ErasedError):
        look(house.letterbox, receipt)
    with pytest.raises(ErasedError):
        house.come_back.allow(receipt)
    assert all(rows(house, table) == [] for table in SWEPT)
    house.close()


@pytest.mark.parametrize("step", ["_erase", "_close_box", "_flush"])
def test_killed_at_any_step_it_goes_on_at_the_next_slot(given, monkeypatch, step):
    real = getattr(erasing, step)

    def cut(*arguments):
        if step != "_flush":
            real(*arguments)
        raise Killed

    ask(given)
    given.collect()
    with monkeypatch.context() as patched:
        patched.setattr(erasing, step, cut)
        with pytest.raises(Killed):
            given.pass_days(DELAY)
    assert not is_there(given)  # the key goes first
    given.collect()
    assert box(given).erased is not None
    assert kinds(given, "erased") == ["erased"]
    assert all(rows(given, table) == [] for table in SWEPT)


# --- attacks -------------------------------------------------------------------------------------


def test_the_second_receipt_sees_the_same_and_erases_nothing(given):
    seen = {}
    for name, receipt in (("second", given.decoy), ("first", given.receipt)):
        before = box(given, receipt).deletion
        assert ask(given, receipt) is True
        given.collect()
        after = box(given, receipt).deletion
        seen[name] = [dataclasses.replace(one, stand="") for one in (before, after)]
    assert seen["first"] == seen["second"]
    assert kinds(given, "erasure.asked") == ["erasure.asked"] * 2
    one, other = rows(given, deletions)
    assert (one.day, one.due_day) == (other.day, other.due_day)
    assert len(one.sealed) == len(other.sealed)


def test_the_second_box_says_deleted_and_stays_so_whatever_is_written_later(given):
    ask(given, given.decoy)
    given.collect()
    given.pass_days(DELAY)
    assert is_there(given)
    assert kinds(given, "erased") == []
    certified = box(given, given.decoy).erased
    assert certified.day == clock.day()
    messages.reply(given.vault, given.actors["lawyer"], given.case, "Once more.")
    given.collect()
    assert box(given, given.decoy).erased == certified
    assert [reply.text for reply in box(given).replies][-1] == "Once more."


def test_the_lawyer_is_told_that_the_second_words_were_used_and_has_nothing_to_stop(given):
    ask(given, given.decoy)
    given.collect()
    assert waiting_for(given, "lawyer").second
    (line,) = inbox.my_cases(given.vault, given.actors["lawyer"])
    assert line.due is None
    with pytest.raises(RefusedError):
        stopping.stop(given.vault, given.actors["lawyer"], given.case)


def test_the_second_receipt_stops_nothing_of_the_first(given):
    ask(given)
    instruct(given, asked.keep(1), given.decoy)
    given.pass_days(DELAY)
    assert not is_there(given)


def test_after_the_first_erased_it_the_second_asks_stops_and_is_certified_as_ever(given):
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    ask(given, given.decoy)
    given.collect()
    assert len(due_days(given)) == 1
    stop(given, given.decoy)
    given.collect()
    assert due_days(given) == []
    ask(given, given.decoy)
    given.collect()
    given.pass_days(DELAY)
    assert box(given, given.decoy).erased.day == clock.day()
    assert all(rows(given, table) == [] for table in SWEPT)
    assert kinds(given, "erasure.asked", "erasure.stopped", "erased") == [
        "erasure.asked",
        "erased",
        "erasure.asked",
        "erasure.stopped",
        "erasure.asked",
    ]


def test_after_the_first_erased_it_the_second_that_waits_still_says_deleted(given):
    ask(given)
    ask(given, given.decoy)
    given.collect()
    given.pass_days(DELAY)
    certified = [box(given, receipt).erased for receipt in (given.receipt, given.decoy)]
    assert certified[0] == certified[1]
    assert certified[0].day == clock.day()
    assert kinds(given, "erased") == ["erased"]


def test_a_database_writer_makes_the_vault_erase_nothing_that_no_receipt_asked_for(given):
    """They may delete rows themselves; they cannot have the vault do it as if it were asked."""
    ask(given, given.decoy)
    given.collect()
    (row,) = rows(given, deletions)
    change(given, deletions, {}, packet="ab" * 16)
    given.pass_days(DELAY)
    change(given, deletions, {}, packet=row.packet, sealed=b"x" * len(row.sealed))
    given.collect()
    assert is_there(given)
    assert kinds(given, "erased") == []


def test_a_receipt_deletes_no_testimony_but_its_own(given):
    other = given.send()
    instruct(given, asked.delete(other, 1), other)
    assert rows(given, deletions) == []
    given.pass_days(DELAY)
    assert is_there(given)


def test_nothing_written_at_that_moment_stays(given):
    """Whoever had the case open when it was erased adds nothing to it."""
    lawyer = given.actors["lawyer"]
    held = hold(given.vault, lawyer, given.case)
    account = opened_account(given.vault, lawyer, held, "reply")
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    with given.vault.journal.transaction() as transaction, pytest.raises(NotFoundError):
        reveal.queue_boxes(given.vault, transaction, held, account)
    assert rows(given, outbox) == []


def test_the_whole_database_with_everybodys_keys_opens_nothing(given):
    ask(given)
    given.collect()
    before = {(r.id, r.sealed) for r in rows(given, grants)}
    kept = {(r.id, r.sealed) for r in rows(given, records)}
    assert before
    assert kept
    given.pass_days(DELAY)
    for name in ("vault.db", "erasure.db"):
        label = DATABASE_LABEL if name == "vault.db" else ERASURE_LABEL
        plain = pages_of(given, name, label)
        for _, sealed in before | kept:
            pieces = [sealed[at : at + 64] for at in range(0, len(sealed) - 64, 500)]
            assert not any(piece in plain for piece in (*pieces, sealed[-64:]))


def test_the_erasure_keys_are_on_no_page_and_in_no_log_of_writes(given):
    gone = [row.key for row in erasure_rows(given)]
    given.vault.erasure.flush()
    assert all(key in pages_of(given, "erasure.db", ERASURE_LABEL) for key in gone)
    ask(given)
    given.collect()
    given.pass_days(DELAY)
    plain = pages_of(given, "erasure.db", ERASURE_LABEL)
    assert not any(key in plain for key in gone)


def test_words_without_a_box_are_answered_alike(given):
    """Nothing is sent for them; what they see of asking and stopping is the same."""
    nobody = Receipt.generate()
    seen = {}
    for name, receipt in (("nobody", nobody), ("first", given.receipt)):
        shown = [box(given, receipt).deletion]
        assert ask(given, receipt) is True
        shown.append(box(given, receipt).deletion)
        assert stop(given, receipt) is True
        shown.append(box(given, receipt).deletion)
        seen[name] = [dataclasses.replace(one, stand="") for one in shown]
    assert seen["nobody"] == seen["first"]
    assert given.letterbox.box(box_locator(nobody)) is None
    assert len(given.letterbox.waiting()) == 2  # of the first receipt


def test_what_waits_is_sealed_anew_when_the_collectors_key_changes(given):
    ask(given)
    given.collect()
    seeds = given.vault.agent.collector_seeds()
    held = SimpleNamespace(collectors=(b"n" * 32, seeds[:32]))
    with given.vault.database.write() as connection:
        _seal_parts_anew(connection, held)
        newest = [OpeningKey(b"n" * 32)]
        (one,) = deleting.kept(connection, newest, given.testimony)
    assert (one.which, one.asks.number, one.waits) == (0, 1, True)
