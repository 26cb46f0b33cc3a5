"""A vault on a machine without swap, and one check at a time."""

from __future__ import annotations

import pytest

from vault.agents import memory
from vault.custody import doctor
from vault.custody.doctor import machine


@pytest.fixture(autouse=True)
def no_swap(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "SWAPS", tmp_path / "swaps")
    return tmp_path / "swaps"


@pytest.fixture(autouse=True)
def hardened(monkeypatch):
    """Let this process pass for an agent."""
    monkeypatch.setattr(memory, "state", lambda: memory.LOCKED)


@pytest.fixture
def finding(house):
    def find(name):
        (found,) = doctor.examine(house.vault, only=[name])
        return found

    return find
