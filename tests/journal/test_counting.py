"""Counting refusals takes no time, loses nothing, and holds only so much."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from vault.errors import StorageError
from vault.journal import counting
from vault.journal.counting import RefusalCounter
from vault.journal.refusals import Refusal

ANNA, BOLAT = "a" * 32, "b" * 32


class Written:
    """Takes what a counter writes; refuses while told to."""

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


def anna(kind="refused"):
    return Refusal.now(kind, ANNA)


def test_counting_writes_nothing_itself(written):
    counter = RefusalCounter(written, pause=60)
    for _ in range(1000):
        counter.add(anna())
    assert written.batches == []


def test_a_thousand_refusals_are_written_together_a_moment_later(written):
    counter = RefusalCounter(written, pause=0.05)
    refusal = anna()
    for _ in range(1000):
        counter.add(refusal)
    assert written.done.wait(10)
    counter.flush()
    assert sum(batch[refusal] for batch in written.batches) == 1000
    assert len(written.batches) <= 3


def test_one_thread_writes_for_all_and_ends_when_nothing_is_left(written):
    before = threading.active_count()
    counter = RefusalCounter(written, pause=0.05)
    for _ in range(100):
        counter.add(anna())
    assert threading.active_count() <= before + 1
    assert written.done.wait(10)
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    written.done.clear()
    counter.add(anna())
    assert written.done.wait(10)


def test_what_could_not_be_written_is_kept(written):
    counter = RefusalCounter(written, pause=60)
    written.refuse = True
    counter.add(anna())
    for _ in range(2):
        with pytest.raises(StorageError):
            counter.flush()
    written.refuse = False
    counter.add(anna())
    counter.flush()
    assert written.batches == [{anna(): 2}]


def test_a_thread_that_fails_tries_again_but_not_for_ever(written, monkeypatch):
    monkeypatch.setattr(counting, "ATTEMPTS", 3)
    before = threading.active_count()
    counter = RefusalCounter(written, pause=0.01)
    written.refuse = True
    counter.add(anna())
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    written.refuse = False
    counter.flush()
    assert written.batches == [{anna(): 1}]


def test_beyond_its_bound_everybody_counts_as_nobody(written, monkeypatch):
    monkeypatch.setattr(counting, "MAX_WAITING", 2)
    counter = RefusalCounter(written, pause=60)
    for member in (ANNA, BOLAT, "c" * 32, "d" * 32, ANNA):
        counter.add(Refusal.now("refused", member))
    counter.flush()
    (batch,) = written.batches
    assert {refusal.member: times for refusal, times in batch.items()} == {
        ANNA: 2,
        BOLAT: 1,
        None: 2,
    }


def test_many_threads_lose_no_count(written):
    counter = RefusalCounter(written, pause=0.001)

    def count():
        for _ in range(500):
            counter.add(anna())

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counter.flush()
    assert sum(sum(batch.values()) for batch in written.batches) == 2000


AT_EXIT = """
import os, sys
from vault.journal.counting import RefusalCounter
from vault.journal.refusals import Refusal
def write(counts):
    os.write(1, f"{os.getpid() == main} {sum(counts.values())};".encode())
main = os.getpid()
counter = RefusalCounter(write, pause=60)
counter.add(Refusal.now("refused", "a" * 32))
if sys.argv[1] == "fork" and os.fork() == 0:
    counter.add(Refusal.now("refused", "a" * 32))
    counter.add(Refusal.now("refused", "a" * 32))
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
