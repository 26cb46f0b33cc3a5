"""What is new since a member looked last, and the order in which things were said within a day."""

from __future__ import annotations

import pytest

from tests.support.attacks import drop, give, give_a_story, insert, rows, stored_testimony
from vault.cases.holders import assign
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.suite import random
from vault.storage.tables.cases import records, summaries


def both_open_it(house):
    give_a_story(house)
    for who in ("lawyer", "deputy"):
        open_case(house.vault, house.actors[who], house.case)


@pytest.fixture
def case(house):
    """A case given to lawyer and deputy, both of whom have opened it."""
    return house.after(both_open_it).case


def add(house, *stories, **more):
    for story in stories:
        back = house.come_back
        said = {"story": story, **more}
        back.add(house.receipt, "ru", said, back.new_send_id())
    house.collect()


def reply(house, case, text, who="lawyer"):
    messages.reply(house.vault, house.actors[who], case, text)


def look(house, case, who="lawyer"):
    """What the conversation says, and what of everything is marked."""
    view = open_case(house.vault, house.actors[who], case)
    said = [
        record.text or record.answers.get("story")
        for record in view.records
        if record.kind in {"addendum", "reply"} and record.compartment == "account"
    ]
    new = {record.text or record.answers.get("story") for record in view.records if record.new}
    return said, new


# --- what is new ---------------------------------------------------------------------------------


def test_what_came_since_the_last_look_is_marked_once(house, case):
    add(house, "первое")
    look(house, case)
    add(house, "второе", "третье")
    assert look(house, case)[1] == {"второе", "третье"}
    assert look(house, case)[1] == set()


def test_at_the_first_look_nothing_is_marked_since_all_is_new(house):
    house.receipt, case = give(house, "another story")
    add(house, "первое")
    assert look(house, case)[1] == set()


def test_each_member_has_their_own_marks(house, case):
    add(house, "первое")
    look(house, case)
    assert look(house, case, "deputy")[1] == {"первое"}


def test_a_reply_of_a_colleague_is_new_and_ones_own_is_not(house, case):
    reply(house, case, "моё")
    assert look(house, case)[1] == set()
    reply(house, case, "заместителя", "deputy")
    assert look(house, case)[1] == {"заместителя"}


def test_what_somebody_answered_without_looking_stays_new(house, case):
    add(house, "первое")
    reply(house, case, "ответ на прежнее")
    assert look(house, case)[1] == {"первое"}


def test_answers_of_a_module_are_new_in_their_part_as_well(house, case):
    back = house.come_back
    back.add(house.receipt, "ru", {"safe_now": "no"}, back.new_send_id())
    house.collect()
    view = open_case(house.vault, house.actors["lawyer"], case)
    assert [dict(record.answers) for record in view.records if record.new] == [{"safe_now": "no"}]


def test_whoever_gets_the_case_later_has_no_marks_of_somebody_else(house, case):
    add(house, "первое")
    assign.set_deputy(house.vault, house.actors["lawyer"], case, None)
    assert look(house, case)[1] == {"первое"}


def test_without_a_summary_nothing_is_marked(house, case):
    add(house, "первое")
    drop(house, summaries, case_id=case, member_id=house.actors["lawyer"].id)
    assert look(house, case)[1] == set()


# --- who spoke when ------------------------------------------------------------------------------


def test_within_a_day_the_conversation_stands_in_its_order(house, case):
    add(house, "1")
    reply(house, case, "2")
    add(house, "3")
    add(house, "4")
    reply(house, case, "5", "deputy")
    add(house, "6")
    assert look(house, case)[0] == list("123456")


def test_several_of_one_slot_keep_the_order_in_which_they_were_written(house, case):
    add(house, *"abcdefgh")
    assert look(house, case)[0] == list("abcdefgh")


def test_where_log_and_records_do_not_agree_the_days_alone_decide(house, case):
    add(house, "1")
    reply(house, case, "2")
    add(house, "3")
    testimony = stored_testimony(house, case).id
    (answer,) = rows(house, records, subject=testimony, kind="reply")
    drop(house, records, id=answer.id)
    assert look(house, case)[0] == ["1", "3"]


def test_a_planted_record_neither_hides_nor_moves_what_was_said(house, case):
    add(house, "1")
    reply(house, case, "2")
    add(house, "3")
    testimony = stored_testimony(house, case).id
    insert(
        house,
        records,
        id=random(16).hex(),
        subject=testimony,
        compartment="account",
        epoch=1,
        kind="addendum",
        sealed=random(5000),
        mac=random(32),
        author=None,
        slot_day="2026-01-01",
    )
    assert sorted(text for text in look(house, case)[0] if text) == ["1", "2", "3"]
