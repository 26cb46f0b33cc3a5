"""Said beforehand: if I take it back, I was forced. The lawyer sees it, whatever comes later."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.house import STORY
from vault.cases import reveal
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.model import RecordView
from vault.cases.reveal.reading import foretold_in
from vault.keyring.compartments import Compartment

ACCOUNT = Compartment.ACCOUNT
YES, NO, SILENT = (
    {"withdrawal": {"anticipatory_statement": said}} for said in (True, False, "not_sure")
)


def view(day, said, number=1, **changes):
    made = RecordView("aa" * 16, ACCOUNT, "addendum", day, "witness", answers=said, number=number)
    return dataclasses.replace(made, **changes)


def said(*views):
    return foretold_in(views)


def test_the_day_of_the_first_yes_stands():
    assert said(view("2026-11-24", YES), view("2026-11-25", YES, 2)) == ("2026-11-24", None)


@pytest.mark.parametrize("answer", [NO, SILENT])
def test_a_later_answer_takes_nothing_back_and_is_told(answer):
    views = view("2026-11-25", answer, 2), view("2026-11-24", YES)
    assert said(*views) == ("2026-11-24", "2026-11-25")


def test_of_one_day_the_order_of_sending_counts():
    assert said(view("2026-11-24", NO, 1), view("2026-11-24", YES, 2)) == ("2026-11-24", None)
    assert said(view("2026-11-24", NO, 2), view("2026-11-24", YES, 1))[1] == "2026-11-24"


def test_a_yes_given_again_after_another_answer_leaves_the_last_other_answer_told():
    days = view("2026-11-01", YES, 1), view("2026-11-02", NO, 2), view("2026-11-03", YES, 3)
    assert said(*days) == ("2026-11-01", "2026-11-02")


@pytest.mark.parametrize(
    "views",
    [
        (),
        (view("2026-11-24", NO),),
        (view("2026-11-24", {"story": "x"}),),
        (view("2026-11-24", {"withdrawal": ["anticipatory_statement"]}),),
        (view("2026-11-24", {"withdrawal": {"anticipatory_statement": ["yes"]}}),),
        (view("2026-11-24", {"withdrawal": {"anticipatory_statement": 1}}),),
        (view("2026-11-24", YES, origin="second"),),
        (view("2026-11-24", YES, origin="unproven"),),
        (view("2026-11-24", YES, compartment=Compartment.MEDICAL),),
    ],
    ids=str,
)
def test_silence_another_answer_and_another_origin_are_none(views):
    assert said(*views) is None


def test_who_opens_the_case_is_told_and_an_answer_with_the_second_words_changes_nothing(house):
    send_id = house.tell.new_send_id()
    told = house.tell.send("victim", "ru", STORY, send_id)
    second, back = house.tell.receipt_of(send_id, second=True), house.come_back
    back.add(told.receipt, "ru", {"withdrawal": {"anticipatory_statement": "yes"}}, "")
    back.add(second, "ru", {"withdrawal": {"anticipatory_statement": "no"}}, "")
    house.collect()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    day, otherwise = reveal.open_case(house.vault, lawyer, line.id).foretold
    assert (day, otherwise) == (line.day, None)
