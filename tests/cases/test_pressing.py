"""Being pressed since: told at the top of the case, urgent on the list, and it deletes nothing."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.support.house import STORY
from vault import clock
from vault.cases.ending import deleting, erasing
from vault.cases.holders import assign
from vault.cases.holders.access import hold
from vault.cases.lists import inbox
from vault.cases.model import RecordView
from vault.cases.reveal import open_case
from vault.cases.reveal.pressing import urgency_in
from vault.cases.reveal.reading import pressed_in, urgency_of
from vault.crypto.receipt import Receipt
from vault.journal.reading import Filter
from vault.keyring.compartments import Compartment
from vault.packet.format import Addendum, Instruction, parse
from vault.resources import resource

TAKEN_BACK = {
    "kind": ["delete", "pressure"],
    "withdrawal": {
        "asked_to_sign": "yes",
        "signed": "yes",
        "deadline": "до пятницы",
        "text_offered": "Претензий не имею, прошу всё удалить.",
    },
    "happened_since": "Заберите и удалите всё, что я писал.",
}


def view(answers, form="followup", **changes):
    made = RecordView(
        "aa" * 16, Compartment.ACCOUNT, "addendum", "2026-11-24", "witness", form, answers=answers
    )
    return dataclasses.replace(made, **changes)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"kind": ["pressure"]}, ("reprisal",)),
        ({"happened_since": "Пришли."}, ("reprisal",)),
        ({"risk": ["new_charge"]}, ("reprisal",)),
        ({"withdrawal": {"asked_to_sign": "yes"}}, ("reprisal",)),
        ({"withdrawal": {"asked_to_sign": True}}, ("reprisal",)),
        ({"withdrawal": {"signed": "not_yet", "deadline": "Friday"}}, ("reprisal", "deadline")),
        ({"withdrawal": {"signed": "yes", "deadline": "Friday"}}, ("reprisal",)),
        ({"withdrawal": {"deadline": "Friday"}}, ("deadline",)),
        ({"withdrawal": {"text_offered": "x"}}, ("reprisal",)),
        ({"kind": ["news", "correction"]}, ()),
        ({"risk": []}, ()),
        ({"happened_since": " \n"}, ()),
        ({"withdrawal": {"asked_to_sign": "no", "signed": "no"}}, ()),
        ({"withdrawal": {"anticipatory_statement": "yes"}}, ()),
        ({"story": "x"}, ()),
        ({"kind": "pressure", "risk": "x", "withdrawal": ["signed"], "happened_since": 5}, ()),
    ],
    ids=str,
)
def test_what_is_urgent_is_read_from_what_was_answered(answers, expected):
    assert urgency_in(view(answers)) == expected


def test_threats_told_with_the_account_are_part_of_it_but_an_offer_is_news():
    assert urgency_in(view({"risk": ["threat_419"]}, "victim")) == ()
    assert urgency_in(view({"risk": ["withdraw_offer"]}, "relative")) == ("reprisal",)


@pytest.mark.parametrize("changes", [{"origin": "unproven"}, {"origin": "member"}], ids=str)
def test_what_is_of_neither_receipt_says_nothing(changes):
    assert pressed_in([view(TAKEN_BACK, **changes)]) == ()


def test_another_compartment_says_nothing():
    assert urgency_in(view(TAKEN_BACK, compartment=Compartment.MEDICAL)) == ()


def test_a_later_answer_that_all_is_well_takes_nothing_back():
    well = view({"kind": ["news"], "withdrawal": {"asked_to_sign": "no"}}, day="2026-11-25")
    assert urgency_of([view(TAKEN_BACK), well]) == ("reprisal",)
    assert [one.day for one in pressed_in([view(TAKEN_BACK), well])] == ["2026-11-24"]


def test_pressure_stands_before_what_was_ticked_as_urgent_and_the_newest_first():
    ticked = view({"urgency_self": ["child", "reprisal"]}, day="2026-11-23")
    later = view({"kind": ["pressure"]}, day="2026-11-26", origin="second")
    assert urgency_of([ticked, view(TAKEN_BACK), later]) == ("reprisal", "child")
    days = [one.day for one in pressed_in([view(TAKEN_BACK), later])]
    assert days == ["2026-11-26", "2026-11-24"]


def test_the_synthetic_testimony_says_what_is_expected_of_it():
    folder = resource("intake_forms") / "demo_testimonies.json"
    (told,) = (t for t in json.loads(folder.read_text("utf-8")) if t["form"] == "followup")
    assert urgency_in(view(told["answers"])) == ("reprisal", "deadline")


# --- in the house --------------------------------------------------------------------------------


def given(house):
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    known = {line.id for line in inbox.new_cases(house.vault, officer)}
    send_id = house.tell.new_send_id()
    own = house.tell.send("victim", "ru", STORY, send_id).receipt
    second = house.tell.receipt_of(send_id, second=True)
    house.collect()
    (case,) = {line.id for line in inbox.new_cases(house.vault, officer)} - known
    assign.give(house.vault, officer, case, lawyer.id, None)
    return own, second, case


def says(house, receipt, answers):
    house.come_back.add(receipt, "ru", answers, house.come_back.new_send_id())
    packets = [parse(house.letterbox.packet(name)) for name in house.letterbox.waiting()]
    house.collect()
    return packets


@pytest.mark.parametrize("which", [0, 1])
def test_the_lawyer_sees_it_first_and_the_list_says_that_it_is_urgent(house, which):
    *receipts, case = given(house)
    says(house, receipts[which], TAKEN_BACK)
    lawyer = house.actors["lawyer"]
    (told,) = open_case(house.vault, lawyer, case).pressed
    assert told.origin == ("receipt", "second")[which]
    (line,) = (line for line in inbox.my_cases(house.vault, lawyer) if line.id == case)
    assert line.summary.urgency == ("reprisal",)


def test_the_log_says_of_it_what_it_says_of_any_addendum(house):
    found = []
    for answers in (TAKEN_BACK, {"story": "Ещё."}):
        own, _, case = given(house)
        says(house, own, answers)
        entries = house.vault.journal.read(Filter(case=case))
        found.append([(entry.kind, entry.actor, dict(entry.detail)) for entry in entries])
    assert found[0] == found[1]


@pytest.mark.parametrize("which", [0, 1])
def test_withdrawing_a_complaint_never_deletes_from_the_vault(house, monkeypatch, which):
    *receipts, case = given(house)
    packets = says(house, receipts[which], TAKEN_BACK)
    assert [type(packet) for packet in packets] == [Addendum]
    assert not any(isinstance(packet, Instruction) for packet in packets)
    lawyer = house.actors["lawyer"]
    held = hold(house.vault, lawyer, case)
    assert deleting.look(house.vault, held.line, held.testimony) is None
    later = clock.now() + 20 * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    assert erasing.erase_due(house.vault) == 0
    assert house.come_back.open(receipts[0]).erased is None


def test_words_without_a_box_that_say_so_delete_nothing_either(house):
    stranger = Receipt.generate()
    says(house, stranger, TAKEN_BACK)
    assert house.come_back.open(stranger).deletion.asked is None
