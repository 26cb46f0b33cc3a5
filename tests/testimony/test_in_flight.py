"""One page sent twice at the same moment: whatever was typed, none of it is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.house import STORY
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto.receipt import Receipt
from vault.letterbox import Letterbox
from vault.testimony import Outcome
from vault.testimony import in_flight as waiting
from vault.testimony.boxes import box_locator

ROUNDS = 20


def answers(number, which):
    return {**STORY, "story": f"round {number}, text {which}"}


def together(*acts):
    """Run acts in threads of their own that all begin at once; return what each returned."""
    barrier = threading.Barrier(len(acts), timeout=20)

    def begin(act):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def meeting(monkeypatch, parties=2):
    """Let `parties` requests meet when each found nothing before it and wants to put its packet."""
    barrier, true = threading.Barrier(parties, timeout=20), Letterbox.put_testimony
    met = set()

    def put(self, data, boxes):
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            barrier.wait()
        return true(self, data, boxes)

    monkeypatch.setattr(Letterbox, "put_testimony", put)


def kept(house):
    """Return all texts that the officer can read, by case."""
    officer, found = house.actors["officer"], []
    for line in inbox.new_cases(house.vault, officer):
        view = open_case(house.vault, officer, line.id)
        found.append(sorted(r.answers["story"] for r in view.records if r.answers))
    return sorted(found)


def test_two_texts_of_one_page_at_once_are_both_kept(house):
    for number in range(ROUNDS):
        send_id = house.tell.new_send_id()
        told = together(
            lambda n=number, s=send_id: house.tell.send("victim", "ru", answers(n, 1), s),
            lambda n=number, s=send_id: house.tell.send("victim", "ru", answers(n, 2), s),
        )
        same = told[0].receipt.entropy == told[1].receipt.entropy
        outcomes = {t.outcome for t in told}
        assert outcomes == ({Outcome.NEW, Outcome.ADDED} if same else {Outcome.NEW, Outcome.COPY})
    house.collect()
    texts = [text for case in kept(house) for text in case]
    assert sorted(texts) == sorted(
        answers(number, which)["story"] for number in range(ROUNDS) for which in (1, 2)
    )


def test_two_texts_that_both_found_nothing_before_them_have_the_same_words(house, monkeypatch):
    send_id = house.tell.new_send_id()
    meeting(monkeypatch)
    told = together(
        lambda: house.tell.send("victim", "ru", answers(0, 1), send_id),
        lambda: house.tell.send("victim", "ru", answers(0, 2), send_id),
    )
    assert {t.outcome for t in told} == {Outcome.NEW, Outcome.ADDED}
    assert told[0].receipt.entropy == told[1].receipt.entropy
    assert house.collect().accepted == 3
    assert kept(house) == [[answers(0, 1)["story"], answers(0, 2)["story"]]]


def test_a_double_click_is_one_testimony(house, monkeypatch):
    send_id = house.tell.new_send_id()
    meeting(monkeypatch, 3)
    told = together(*[lambda: house.tell.send("victim", "ru", STORY, send_id)] * 3)
    assert sorted(t.outcome for t in told) == [Outcome.NEW, Outcome.SAME, Outcome.SAME]
    assert len({t.receipt.entropy for t in told}) == 1
    assert house.collect().accepted == 1
    assert kept(house) == [[STORY["story"]]]


def test_a_testimony_collected_in_between_is_found_before_a_second_is_put(house, monkeypatch):
    """The packet is gone again when the second wants its place; the boxes tell."""
    send_id, true = house.tell.new_send_id(), Letterbox.put_testimony
    others = []

    def put(self, data, boxes):
        if not others:
            others.append(None)
            others.append(house.tell.send("victim", "ru", answers(0, 1), send_id))
            house.collect()
        return true(self, data, boxes)

    monkeypatch.setattr(Letterbox, "put_testimony", put)
    told = house.tell.send("victim", "ru", answers(0, 2), send_id)
    assert told.outcome is Outcome.ADDED
    assert told.receipt.entropy == others[1].receipt.entropy
    assert house.collect().accepted == 2
    assert kept(house) == [[answers(0, 1)["story"], answers(0, 2)["story"]]]


def test_when_the_other_request_never_ends_it_is_taken_under_new_words(house, monkeypatch):
    """The other died between its packet and its boxes."""
    monkeypatch.setattr(waiting, "STEPS", 2)
    send_id, true = house.tell.new_send_id(), Letterbox.put_first_boxes
    died = []

    def die_once(self, boxes):
        if not died:
            died.append(True)
            raise KeyboardInterrupt
        true(self, boxes)

    monkeypatch.setattr(Letterbox, "put_first_boxes", die_once)
    with pytest.raises(KeyboardInterrupt):
        house.tell.send("victim", "ru", answers(0, 1), send_id)
    told = house.tell.send("victim", "ru", answers(0, 2), send_id)
    assert told.outcome is Outcome.COPY
    assert house.tell.receipt_of(send_id).entropy != told.receipt.entropy
    assert house.collect().accepted == 2
    assert kept(house) == [[answers(0, 1)["story"]], [answers(0, 2)["story"]]]


def test_two_texts_added_at_once_without_a_box_are_both_taken(house, monkeypatch):
    receipt, send_id = Receipt.generate(), house.come_back.new_send_id()
    meeting(monkeypatch)
    outcomes = together(
        lambda: house.come_back.add(receipt, "ru", {"story": "one"}, send_id),
        lambda: house.come_back.add(receipt, "ru", {"story": "two"}, send_id),
    )
    assert outcomes == [Outcome.NEW, Outcome.NEW]
    assert house.letterbox.box(box_locator(receipt)) is not None
    assert house.collect().accepted == 2


def test_one_text_added_twice_at_once_without_a_box_is_taken_once(house, monkeypatch):
    receipt, send_id = Receipt.generate(), house.come_back.new_send_id()
    meeting(monkeypatch)
    outcomes = together(
        *[lambda: house.come_back.add(receipt, "ru", {"story": "one"}, send_id)] * 2
    )
    assert sorted(outcomes) == [Outcome.NEW, Outcome.SAME]
    assert house.collect().accepted == 1
