"""Adding: what says what is allowed goes with an instruction, and nothing else does."""

import pytest

from tests.support.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House.found(tmp_path_factory.mktemp("adding")).staff()
    yield house
    house.close()


@pytest.mark.parametrize(
    ("answers", "packets"),
    [
        ({"story": "more"}, 1),
        ({"consent": {"C07": "yes"}}, 2),
        ({"consent": {"C07": "no"}, "story": "more"}, 2),
        ({"who_writes": "self"}, 2),
    ],
)
def test_what_the_gate_weighs_is_told_to_the_vault_as_well(house, answers, packets):
    receipt, back = house.send(), house.come_back
    send_id = back.new_send_id()
    for _ in range(2):  # the same page again is the same
        back.add(receipt, "ru", answers, send_id)
    assert len(house.letterbox.waiting()) == packets
    assert house.collect().accepted == packets
