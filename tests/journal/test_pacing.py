"""At once while commits are rare; in a burst one for many, and none later than the pause."""

from __future__ import annotations

import time

import pytest

from tests.journal.conftest import ORIGIN
from tests.support.exported import exported
from vault.errors import LedgerError, StorageError
from vault.journal import Journal
from vault.journal.pacing import Paced
from vault.ledger.verify import verify_export
from vault.storage.tables.ledger import checkpoints

LONG = 60


class Done:
    """Counts how often it was done; refuses while told to."""

    def __init__(self):
        self.times, self.refuse = 0, None

    def __call__(self):
        if self.refuse:
            raise self.refuse
        self.times += 1


@pytest.fixture
def done():
    return Done()


def until(true):
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_without_a_pause_each_is_done_at_once(done):
    paced = Paced(done, 0)
    for times in range(1, 4):
        paced.ask()
        assert done.times == times


def test_the_first_is_done_at_once_and_a_burst_once_for_all(done):
    paced = Paced(done, 1.0)
    for _ in range(100):
        paced.ask()
    assert done.times == 1
    until(lambda: done.times == 2)
    time.sleep(0.3)
    assert done.times == 2


def test_what_waits_can_be_done_now_and_then_nothing_waits(done):
    paced = Paced(done, LONG)
    paced.ask()
    paced.settle()
    assert done.times == 1
    paced.ask()
    paced.settle()
    paced.settle()
    assert done.times == 2


def test_who_asks_is_told_of_a_failure_and_a_thread_that_fails_ends_quietly(done, caplog):
    done.refuse = LedgerError()
    with pytest.raises(LedgerError):
        Paced(done, LONG).ask()
    done.refuse = None
    paced = Paced(done, 0.5)
    paced.ask()
    paced.ask()
    done.refuse = StorageError()
    until(lambda: "error.storage" in caplog.text)


# --- checkpoints ---------------------------------------------------------------------------------


def burst(journal, count=20):
    for _ in range(count):
        with journal.transaction() as transaction:
            transaction.log("signin", "a" * 32)


def signed(database):
    with database.read() as connection:
        return len(connection.execute(checkpoints.select()).all())


def test_a_burst_shares_a_checkpoint_and_whoever_reads_finds_all_of_it_covered(database, agent):
    journal = Journal(database, agent, ORIGIN, pause=LONG)
    burst(journal)
    assert signed(database) == 1
    export = exported(journal)
    vkey = journal.verifier().vkey()
    report = verify_export(export.entries, export.leaf_hashes, export.checkpoints, vkey)
    assert (report.verified, report.unverified) == (20, 0)
    assert signed(database) == 2


@pytest.mark.parametrize(
    "read",
    [
        lambda journal: journal.latest_checkpoint(),
        lambda journal: journal.inclusion_proof(19),
        lambda journal: journal.verify(),
    ],
)
def test_every_way_to_read_a_checkpoint_covers_what_was_committed_before(database, agent, read):
    journal = Journal(database, agent, ORIGIN, pause=LONG)
    burst(journal)
    read(journal)
    assert signed(database) == 2


def test_a_burst_is_covered_within_the_pause_by_itself(database, agent):
    journal = Journal(database, agent, ORIGIN, pause=0.2)
    burst(journal)
    until(lambda: journal.size() == 20 and signed(database) >= 2)
    assert journal.verify().unverified == 0
