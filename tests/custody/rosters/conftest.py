"""A clock that stands still, and a vault in which whoever is added begins a day later."""

from __future__ import annotations

import pytest

from tests.support.house import House
from vault import clock


@pytest.fixture
def later(monkeypatch):
    """Let time pass; the clock stands still between."""
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def wait(seconds):
        moment[0] += seconds

    return wait


@pytest.fixture
def slow(tmp_path, later):
    """A vault with a delay, an administrator, an officer, a lawyer."""
    house = House.found(tmp_path, roster={"delay": clock.DAY})
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    yield house
    house.close()
