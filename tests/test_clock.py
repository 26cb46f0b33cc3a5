"""The clock: what nobody can set tells when somebody set the other."""

import time

import pytest

from vault import clock


@pytest.mark.parametrize("seconds", [0, 3_600, -900_000])
def test_a_clock_that_is_put_right_is_not_suspected(monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    assert not clock.was_set_forward()


def test_one_that_is_set_forward_by_days_is(monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 2 * clock.DAY)
    assert clock.was_set_forward()
