"""Counting refusals takes no time, loses nothing, and holds only so much."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from vault import clock
from vault.errors import StorageError
from vault.journal import tally
from vault.journal.refusals import Refusal
from vault.journal.tally import Tally

ANNA, BOLAT = "a" * 32, "b" * 32


class Written:
    """Takes what a tally writes; refuses while told to."""

    def __init__(self):
        self.batches, self.refuse, self.done = [], False, threading.Event()

    def __call__(self, counts):
        if self.refuse:
            raise StorageError
        self.batches.append(dict(counts))
        self.done.set()


@pytest.fixture
def written():
    return Written()


@pytest.fixture(autouse=True)
def one_minute(monkeypatch):
    """Refusals are counted by the minute: of all tests here it is the same."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


def anna(kind="refused"):
    return Refusal.now(kind, ANNA)


def test_counting_writes_nothing_itself(written):
    held = Tally(written, pause=60)
    for _ in range(1000):
        held.add(anna())
    assert written.batches == []


def test_a_thousand_refusals_are_written_together_a_moment_later(written):
    held = Tally(written, pause=0.5)
    refusal = anna()
    for _ in range(1000):
        held.add(refusal)
    assert written.done.wait(10)
    held.flush()
    assert sum(batch[refusal] for batch in written.batches) == 1000
    assert len(written.batches) <= 3


def test_one_thread_writes_for_all_and_ends_when_nothing_is_left(written):
    before = threading.active_count()
    held = Tally(written, pause=0.05)
    for _ in range(100):
        held.add(anna())
    assert threading.active_count() <= before + 1
    assert written.done.wait(10)
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    written.done.clear()
    held.add(anna())
    assert written.done.wait(10)


def test_what_could_not_be_written_is_kept(written):
    held = Tally(written, pause=60)
    written.refuse = True
    held.add(anna())
    for _ in range(2):
        with pytest.raises(StorageError):
            held.flush()
    written.refuse = False
    held.add(anna())
    held.flush()
    assert written.batches == [{anna(): 2}]


def test_a_thread_that_fails_tries_again_but_not_for_ever(written, monkeypatch):
    monkeypatch.setattr(tally, "ATTEMPTS", 3)
    before = threading.active_count()
    held = Tally(written, pause=0.01)
    written.refuse = True
    held.add(anna())
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    written.refuse = False
    held.flush()
    assert written.batches == [{anna(): 1}]


def test_beyond_its_bound_everybody_counts_as_nobody(written, monkeypatch):
    monkeypatch.setattr(tally, "MAX_WAITING", 2)
    held = Tally(written, pause=60)
    for member in (ANNA, BOLAT, "c" * 32, "d" * 32, ANNA):
        held.add(Refusal.now("refused", member))
    held.flush()
    (batch,) = written.batches
    assert {refusal.member: times for refusal, times in batch.items()} == {
        ANNA: 2,
        BOLAT: 1,
        None: 2,
    }


def test_many_threads_lose_no_count(written):
    held = Tally(written, pause=0.001)

    def count():
        for _ in range(500):
            held.add(anna())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held.flush()
    assert sum(sum(batch.values()) for batch in written.batches) == 2000


AT_EXIT = """
import os, sys
from vault.journal.tally import Tally
from vault.journal.refusals import Refusal
def write(counts):
    os.write(1, f"{os.getpid() == main} {sum(counts.values())};".encode())
main = os.getpid()
held = Tally(write, pause=60)
held.add(Refusal.now("refused", "a" * 32))
if sys.argv[1] == "fork" and os.fork() == 0:
    held.add(Refusal.now("refused", "a" * 32))
    held.add(Refusal.now("refused", "a" * 32))
    sys.exit(0)
if sys.argv[1] == "fork":
    os.wait()
"""


@pytest.mark.parametrize(("how", "said"), [("alone", "True 1;"), ("fork", "False 2;True 1;")])
def test_it_is_written_when_the_process_ends_and_a_fork_counts_for_itself(how, said):
    done = subprocess.run(
        [sys.executable, "-c", AT_EXIT, how],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        timeout=60,
    )
    assert done.stdout == said
