"""Words without a box: the same work is done for them as for words with one."""

from __future__ import annotations

import pytest

from tests.support.house import STORY
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.testimony.nobodys import Nobody


@pytest.fixture
def opened(monkeypatch):
    """How many bytes each opening of a seal was asked to open."""
    sizes, true = [], OpeningKey.open

    def watched(self, sealed, context):
        sizes.append(len(sealed))
        return true(self, sealed, context)

    monkeypatch.setattr(OpeningKey, "open", watched)
    return sizes


@pytest.mark.parametrize("ask", ["open", "form"])
def test_as_much_is_opened_for_words_without_a_box_as_for_words_with_one(house, opened, ask):
    told = house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    back = house.come_back
    getattr(back, ask)(Receipt.generate())  # makes the box of nobody
    opened.clear()
    getattr(back, ask)(told.receipt)
    known = list(opened)
    opened.clear()
    getattr(back, ask)(Receipt.generate())
    assert opened == known
    assert len(known) >= 2


def test_nothing_is_opened_while_nobody_could_be_sealed_to(house, opened):
    class Empty:
        def holders(self, *_):
            return ()

    Nobody().open_box(Empty())
    Nobody().open_sent(Empty())
    assert opened == []


def test_the_box_of_nobody_is_made_once(house):
    nobody, roster = Nobody(), house.letterbox.roster()
    nobody.open_box(roster)
    made = nobody._made
    nobody.open_sent(roster)
    assert nobody._made is made
