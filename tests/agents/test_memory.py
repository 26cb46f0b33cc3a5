"""What a process promises about its memory, asked of real processes."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from vault.agents import memory

RUN = """
import sys
from vault.agents import memory
{before}
memory.harden()
print(memory.lock(), memory.state(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hardened():
    """Start a process that hardens itself; return what it says of locking, and of its state."""
    running = []

    def start(before=""):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN.format(before=before)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return tuple(process.stdout.readline().split())

    yield start
    for process in running:
        process.communicate()


def test_no_core_dump_is_made_and_what_was_locked_is_known(hardened):
    assert hardened() in {("True", memory.LOCKED), ("False", memory.OPEN)}


def test_a_process_that_was_not_hardened_says_that_it_could_be_dumped(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert memory.state() == memory.DUMPS


def test_under_a_limit_nothing_is_locked_and_nothing_breaks(hardened):
    before = (
        "import resource\n"
        "memory._is_exempt = lambda: False\n"
        "resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))"
    )
    assert hardened(before) == ("False", memory.OPEN)


def test_without_a_limit_it_is_locked(monkeypatch):
    asked = []
    monkeypatch.setattr(memory, "_call", lambda *call: asked.append(call) or 0)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert memory.lock()
    assert asked == [("mlockall", 7)]


def test_a_system_that_refuses_is_no_reason_to_stop(monkeypatch, caplog):
    monkeypatch.setattr(memory, "_call", lambda *_: -1)
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    memory.harden()
    assert "cannot be kept from debuggers" in caplog.text
    monkeypatch.setattr(memory, "_is_exempt", lambda: True)
    assert not memory.lock()


@pytest.mark.parametrize(("mask", "exempt"), [(1 << 14, True), (1 << 13, False)])
def test_who_is_exempt_from_the_limit_is_read_from_the_kernel(monkeypatch, tmp_path, mask, exempt):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    assert not memory._is_exempt()  # where nothing is told
    (tmp_path / "status").write_text(f"Name:\tx\nCapEff:\t{mask:016x}\n")
    assert memory._is_exempt() is exempt
