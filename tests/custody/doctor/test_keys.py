"""The vault's keys: their memory, and the age of the recovery key."""

from __future__ import annotations

import pytest

from vault import clock
from vault.agents import memory

DAY = 86_400


@pytest.mark.parametrize(
    ("state", "swap", "well", "said"),
    [
        (memory.LOCKED, True, True, "found"),
        (memory.OPEN, False, True, "open"),
        (memory.OPEN, True, False, "swapped"),
        (memory.DUMPS, False, False, "dumps"),
    ],
)
def test_memory_that_may_reach_a_disk_is_a_warning(
    finding, monkeypatch, no_swap, state, swap, well, said
):
    monkeypatch.setattr(memory, "state", lambda: state)
    if swap:
        no_swap.write_text("Filename\n/swapfile file 1 0 -2\n")
    found = finding("memory")
    assert (found.well, found.said) == (well, said)


@pytest.mark.parametrize(("days", "said"), [(0, "found"), (365, "found"), (366, "old")])
def test_a_recovery_key_older_than_a_year_is_a_warning(finding, monkeypatch, days, said):
    now = clock.now() + days * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    found = finding("recovery")
    assert (found.well, found.said) == (said == "found", said)
