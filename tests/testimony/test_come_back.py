"""Coming back: a box, no box and an unopened box look alike, and nothing added is lost."""

from __future__ import annotations

import pytest

from tests.support.attacks import give
from tests.support.house import STORY
from vault import canonical, clock
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, InputError, RosterExpiredError, SealError
from vault.testimony import Box, Outcome
from vault.testimony.boxes import Deleting, Keeping, box_locator

MORE = {"story": "Вспомнил ещё."}


def add(house, receipt, answers=MORE, send_id=None):
    back = house.come_back
    return back.add(receipt, "ru", answers, send_id or back.new_send_id())


def test_no_box_and_an_unopened_box_show_the_same(house):
    shown = [house.come_back.open(one) for one in (house.send(), Receipt.generate())]
    stands = [box.deletion.stand for box in shown]  # of the receipt, whether there is a box or not
    assert len({len(stand) for stand in stands}) == 1
    for box, stand in zip(shown, stands, strict=True):
        rule = Keeping(box.keeping.years, box.keeping.notice)
        assert box == Box(deletion=Deleting(may_ask=True, stand=stand), keeping=rule)


def test_after_adding_they_still_show_the_same(house):
    known, unknown = house.send(), Receipt.generate()
    for receipt in (known, unknown):
        assert add(house, receipt) is Outcome.NEW
    shown = [house.come_back.open(receipt) for receipt in (known, unknown)]
    assert [[s.kind for s in box.sent] for box in shown] == [["addendum"], ["addendum"]]
    assert shown[0].replies == shown[1].replies == ()


def test_what_is_added_without_a_box_is_kept_and_read_by_nobody_yet(house):
    receipt = Receipt.generate()
    assert add(house, receipt) is Outcome.NEW
    assert house.letterbox.box(box_locator(receipt))
    assert house.collect().accepted == 1
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert not line.readable


@pytest.mark.parametrize("known", [True, False])
def test_a_resend_changes_nothing(house, known):
    receipt = house.send() if known else Receipt.generate()
    send_id = house.come_back.new_send_id()
    outcomes = [add(house, receipt, MORE, send_id) for _ in range(3)]
    assert outcomes == [Outcome.NEW, Outcome.SAME, Outcome.SAME]
    assert house.collect().accepted == 1
    assert add(house, receipt, MORE, send_id) is Outcome.SAME


@pytest.mark.parametrize("known", [True, False])
def test_changed_text_of_the_same_page_is_kept_as_well(house, known):
    receipt = house.send() if known else Receipt.generate()
    send_id, other = house.come_back.new_send_id(), {"story": "И ещё одно."}
    outcomes = [add(house, receipt, answers, send_id) for answers in (MORE, other, other)]
    assert outcomes == [Outcome.NEW, Outcome.NEW, Outcome.SAME]
    assert house.collect().accepted == 2


def test_an_addendum_reads_as_it_was_typed(house):
    receipt = house.send()
    add(house, receipt)
    house.collect()
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    records = open_case(house.vault, officer, line.id).records
    assert [r.answers for r in records if r.kind == "addendum"] == [MORE]


def test_what_cannot_be_taken_writes_nothing(house):
    receipt = house.send()
    before = house.letterbox.sent(box_locator(receipt))
    for answers in ({"unknown": 1}, {"story": "nul\0"}, []):
        with pytest.raises(InputError):
            add(house, receipt, answers)
    assert house.letterbox.waiting() == []
    assert house.letterbox.sent(box_locator(receipt)) == before


def test_an_expired_roster_closes_the_way_back(house, monkeypatch):
    receipt = house.send()
    expires = clock.seconds_of(house.letterbox.roster().expires)
    monkeypatch.setattr("vault.clock.now", lambda: expires)
    with pytest.raises(RosterExpiredError):
        add(house, receipt)
    assert house.letterbox.waiting() == []


@pytest.mark.parametrize("damage", [b"", b"x" * 100, bytes(20_000)])
def test_a_damaged_box_is_said_and_never_taken_for_an_empty_one(house, damage):
    receipt = house.send()
    path = house.settings.paths.letterbox / "boxes" / f"{box_locator(receipt)}.box"
    path.write_bytes(damage)
    with pytest.raises((SealError, FormatError)):
        house.come_back.open(receipt)
    with pytest.raises((SealError, FormatError)):
        add(house, receipt)


def test_the_box_of_another_under_this_name_does_not_open(house):
    one, other = house.send(), house.send()
    folder = house.settings.paths.letterbox / "boxes"
    (folder / f"{box_locator(one)}.box").write_bytes(house.letterbox.box(box_locator(other)))
    with pytest.raises(SealError):
        house.come_back.open(one)


def test_a_damaged_file_of_what_was_sent_keeps_nobody_from_their_replies(house):
    receipt, case = give(house, "a story")
    messages.reply(house.vault, house.actors["lawyer"], case, "a reply")
    house.collect()
    house.letterbox.put_sent(box_locator(receipt), b"damaged")
    box = house.come_back.open(receipt)
    assert [reply.text for reply in box.replies] == ["a reply"]
    assert box.sent == ()
    assert add(house, receipt) is Outcome.NEW
    assert [s.kind for s in house.come_back.open(receipt).sent] == ["addendum"]


def test_many_addenda_keep_the_file_at_one_size(house):
    receipt = house.send()
    size = len(house.letterbox.sent(box_locator(receipt)))
    for number in range(25):
        add(house, receipt, {"story": f"part {number}"})
        assert len(house.letterbox.sent(box_locator(receipt))) == size
    assert house.collect().accepted == 25


def test_both_boxes_are_rewritten_together_at_equal_size(house):
    _, case = give(house, "a story")
    folder = house.settings.paths.letterbox / "boxes"
    before = {path.name: path.read_bytes() for path in folder.glob("*.box")}
    messages.reply(house.vault, house.actors["lawyer"], case, "a reply " * 3000)
    assert house.collect().boxes == 2
    after = {path.name: path.read_bytes() for path in folder.glob("*.box")}
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)
    assert len({len(data) for data in after.values()}) == 1


def test_addenda_after_the_assignment_go_to_the_new_epoch(house):
    receipt, _ = give(house, "a story")
    house.collect()
    add(house, receipt)
    (name,) = house.letterbox.waiting()
    packet = canonical.loads(house.letterbox.packet(name))
    assert [record["epoch"] for record in packet["records"]] == [2, 2, 1]


def test_the_repr_of_a_box_holds_no_reply(house):
    receipt, case = give(house, STORY["story"])
    messages.reply(house.vault, house.actors["lawyer"], case, "only for you")
    house.collect()
    box = house.come_back.open(receipt)
    assert box.replies[0].text == "only for you"
    assert "only for you" not in repr(box)
