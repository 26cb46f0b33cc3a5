"""Coming says so: alike for both receipts of a testimony, and for words without a box."""

from __future__ import annotations

import pytest

from tests.support.house import STORY
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.letterbox import files


@pytest.fixture
def receipts(house):
    """The witness's own, the second, and one of nobody; what is made once is made."""
    send_id = house.tell.new_send_id()
    house.tell.send("victim", "ru", STORY, send_id)
    house.come_back.visited(Receipt.generate())
    own, second = (house.tell.receipt_of(send_id, second=of) for of in (False, True))
    return own, second, Receipt.generate()


def test_as_much_is_opened_and_written_for_each(house, receipts, monkeypatch):
    done, opening, writing = [], OpeningKey.open, files._write_synced

    def opened(self, sealed, context):
        done.append(("opened", len(sealed)))
        return opening(self, sealed, context)

    def written(path, data, *, durable):
        done.append(("written", len(data), durable))
        return writing(path, data, durable=durable)

    monkeypatch.setattr(OpeningKey, "open", opened)
    monkeypatch.setattr(files, "_write_synced", written)
    works = []
    for receipt in receipts:
        done.clear()
        house.come_back.visited(receipt)
        works.append(list(done))
    own, second, nobody = works
    assert own == second == nobody
    assert [what for what, *_ in own] == ["opened", "opened", "opened", "written"]


def test_a_second_time_before_the_slot_as_much_is_done_again(house, receipts, monkeypatch):
    own, *_ = receipts
    house.come_back.visited(own)
    waiting, written, writing = house.letterbox.waiting(), [], files._write_synced

    def count(path, data, *, durable):
        written.append(len(data))
        return writing(path, data, durable=durable)

    monkeypatch.setattr(files, "_write_synced", count)
    house.come_back.visited(own)
    assert house.letterbox.waiting() == waiting
    assert len(written) == 1


def test_no_packet_is_lost_for_it_when_the_name_is_taken(house, receipts):
    own, *_ = receipts
    house.come_back.visited(own)
    before = {name: house.letterbox.packet(name) for name in house.letterbox.waiting()}
    house.come_back.visited(own)
    assert {name: house.letterbox.packet(name) for name in house.letterbox.waiting()} == before
