"""A letterbox in other hands: one spoilt path must not stop what else waits."""

from __future__ import annotations

import pytest

from tests.support.house import House
from vault.cases.lists import inbox
from vault.packet import format as packets


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path).staff()
    yield house
    house.close()


def loop(path):
    path.unlink()
    path.symlink_to(path)


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [loop, folder])
@pytest.mark.parametrize("kind", ["box", "sent"])
def test_a_spoilt_path_among_the_boxes_stops_no_slot(house, spoil, kind):
    house.tell.send("victim", "ru", {"story": "one", "consent": {"C01": "yes", "C02": "yes"}}, "")
    (name,) = house.letterbox.waiting()
    first = packets.parse(house.letterbox.packet(name)).boxes[0]
    boxes = house.letterbox._boxes
    for one in ("box", "sent"):
        (boxes / f"{first.locator}.{one}").unlink()
        (boxes / f"{first.locator}.{one}").touch()
    spoil(boxes / f"{first.locator}.{kind}")
    house.collect()
    receipt = house.send()
    assert house.come_back.open(receipt)
    assert len(inbox.new_cases(house.vault, house.actors["officer"])) == 2
    assert {one.name for one in house.letterbox._in.iterdir()} <= {name}
