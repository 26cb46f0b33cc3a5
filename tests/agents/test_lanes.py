"""A lane lets a few attempts through, then one every so often; the table is bounded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vault.agents.lanes import Lanes
from vault.errors import FormatError

EVERY, BURST = 600, 10


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lanes(clock):
    return Lanes(clock, most=5)


def taken(lanes, times, lane="a", every=EVERY, burst=BURST):
    return sum(lanes.take(lane, every, burst) for _ in range(times))


def test_so_many_at_once_and_no_more(lanes):
    assert taken(lanes, 50) == BURST


def test_then_one_each_time_that_has_passed(lanes, clock):
    taken(lanes, 50)
    for _ in range(5):
        clock.now += EVERY
        assert taken(lanes, 50) == 1
    clock.now += EVERY * 3
    assert taken(lanes, 50) == 3


def test_an_untouched_lane_saves_no_more_than_its_burst(lanes, clock):
    taken(lanes, 1)
    clock.now += EVERY * 1000
    assert taken(lanes, 50) == BURST


def test_what_is_refused_costs_nothing(lanes, clock):
    taken(lanes, 5000)
    clock.now += EVERY
    assert taken(lanes, 1) == 1


def test_what_is_given_back_can_be_taken_again(lanes):
    taken(lanes, BURST)
    lanes.give_back("a", EVERY)
    assert taken(lanes, 50) == 1


def test_giving_back_what_was_not_taken_saves_up_nothing(lanes):
    for _ in range(50):
        lanes.give_back("a", EVERY)
    taken(lanes, 1)
    for _ in range(50):
        lanes.give_back("a", EVERY)
    assert taken(lanes, 50) == BURST


def test_lanes_do_not_touch_each_other(lanes):
    taken(lanes, 50, "a")
    assert taken(lanes, 50, "b") == BURST


def test_without_a_time_there_is_no_limit_and_nothing_is_remembered(lanes):
    assert taken(lanes, 1000, every=0, burst=1) == 1000
    assert lanes._full_at == {}


def test_a_full_table_refuses_new_lanes_and_forgets_none_that_counts(lanes, clock):
    for name in "abcde":
        taken(lanes, 50, name)
    assert taken(lanes, 1, "f") == 0
    assert taken(lanes, 50, "a") == 0
    clock.now += EVERY * BURST
    assert taken(lanes, 50, "f") == BURST
    assert len(lanes._full_at) <= 5


def test_many_at_once_get_no_more(lanes):
    start = threading.Barrier(8)

    def take(_):
        start.wait(10)
        return taken(lanes, 50)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == BURST


@pytest.mark.parametrize(
    "wrong", [("x" * 101, 1, 1), ("a", -1, 1), ("a", 86_401, 1), ("a", 1, 0), ("a", 1, 10_001)]
)
def test_what_is_out_of_bounds_is_refused(lanes, wrong):
    with pytest.raises(FormatError):
        lanes.take(*wrong)
