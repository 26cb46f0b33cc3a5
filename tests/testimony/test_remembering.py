"""What was sent, remembered beside the box: no line is lost, whoever writes at the same moment."""

from __future__ import annotations

import threading

from vault.crypto.receipt import Receipt
from vault.letterbox import Letterbox
from vault.packet import identity, sent
from vault.testimony import boxes

RECEIPT, DAY = Receipt(b"1" * 16), "2026-11-26"


def letterbox(house):
    """Return another process's view of the same folder."""
    return Letterbox(house.settings.paths.letterbox, house.settings.letterbox)


def test_pages_sent_together_take_no_line_away_from_each_other(house):
    withdrawn = identity.item(RECEIPT, identity.WITHDRAWN, 2, "ab" * 16, DAY)
    added = [sent.SentItem("addendum", DAY, f"{at:032x}", bytes(16)) for at in range(15)]
    begin = threading.Barrier(len(added) + 1)

    def remember(item):
        own = letterbox(house)
        begin.wait()
        boxes.remember_sent(own, RECEIPT, item)

    threads = [threading.Thread(target=remember, args=(one,)) for one in (*added, withdrawn)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = boxes.read_sent(letterbox(house), RECEIPT)
    assert set(kept) == {*added, withdrawn}
    assert identity.standing(RECEIPT, kept).epoch == 2


def test_the_same_line_is_kept_once(house):
    item = identity.item(RECEIPT, identity.RELEASED, 1, "ab" * 16, DAY)
    for _ in range(3):
        boxes.remember_sent(letterbox(house), RECEIPT, item)
    assert boxes.read_sent(letterbox(house), RECEIPT) == (item,)


def test_who_waits_is_let_in_when_another_fails(house):
    own = letterbox(house)
    try:
        with own.one_at_a_time():
            raise RuntimeError
    except RuntimeError:
        pass
    with letterbox(house).one_at_a_time():
        assert own.waiting() == []
