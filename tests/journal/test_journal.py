import multiprocessing
import threading

import pytest
from sqlalchemy import func, select

from tests.support.exported import exported
from vault import clock
from vault.agents.vault_keys import VaultKeys
from vault.errors import (
    ConflictError,
    FormatError,
    LedgerError,
    LockedError,
    NotFoundError,
    StorageError,
)
from vault.journal import Draft, Filter, Journal
from vault.journal.signing import sign_head
from vault.ledger.checkpoint import open_checkpoint
from vault.ledger.entry import Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.verify import verify_export
from vault.storage.tables.cases import outbox, tombstones
from vault.storage.tables.ledger import checkpoints, ledger_entries, ledger_head

ANNA, BOLAT = "a" * 32, "b" * 32
CASE, OTHER = "1" * 32, "2" * 32


def verified(journal, **held):
    export = exported(journal)
    return verify_export(
        export.entries,
        export.leaf_hashes,
        export.checkpoints,
        journal.verifier().vkey(),
        **held,
    )


def log(journal, *times, kind="list", actor=ANNA, **fields):
    with journal.transaction() as transaction:
        for _ in times or (1,):
            transaction.log(kind, actor, **fields)


def rows(database, table):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_empty_journal_has_no_checkpoint(journal):
    assert journal.size() == 0
    assert journal.latest_checkpoint() is None
    assert journal.checkpoint() is None
    assert verified(journal).entries == 0


def test_effect_and_entry_stand_together(journal, database):
    with journal.transaction() as transaction:
        transaction.connection.execute(tombstones.insert().values(key=b"k"))
        transaction.log("erased", "system")
    assert rows(database, tombstones) == 1
    assert journal.size() == 1


def test_neither_stands_when_the_block_raises(journal, database):
    def work():
        with journal.transaction() as transaction:
            transaction.connection.execute(tombstones.insert().values(key=b"k"))
            transaction.log("erased", "system")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert rows(database, tombstones) == 0
    assert journal.size() == 0


@pytest.mark.parametrize(
    "change",
    [
        tombstones.insert().values(key=b"new"),
        tombstones.update().values(key=b"other"),
        tombstones.delete(),
    ],
)
def test_a_change_without_an_entry_is_refused_and_undone(journal, database, change):
    with journal.transaction() as transaction:
        transaction.connection.execute(tombstones.insert().values(key=b"k"))
        transaction.log("erased", "system")
    with pytest.raises(LedgerError), journal.transaction() as transaction:
        transaction.connection.execute(change)
    with database.read() as connection:
        assert connection.execute(select(tombstones.c.key)).scalars().all() == [b"k"]
    assert journal.size() == 1


def test_a_transaction_that_did_nothing_needs_no_entry(journal):
    with journal.transaction() as transaction:
        transaction.connection.execute(select(outbox)).all()
        transaction.connection.execute(tombstones.delete())
    assert journal.size() == 0


def test_reading_for_somebody_is_logged_without_changing_anything(journal):
    log(journal, kind="search", detail={"count": 3})
    assert [entry.kind for entry in journal.read()] == ["search"]


def test_a_malformed_entry_is_refused_where_it_is_logged(journal, database):
    def work():
        with journal.transaction() as transaction:
            transaction.connection.execute(tombstones.insert().values(key=b"k"))
            with pytest.raises(FormatError):
                transaction.log("no.such.kind", ANNA)
            transaction.log("list", "a typed name")

    with pytest.raises(FormatError):
        work()
    assert rows(database, tombstones) == 0


def test_every_commit_ends_in_a_checkpoint_of_its_size(journal):
    for size in (1, 2, 3):
        log(journal)
        checkpoint = open_checkpoint(journal.latest_checkpoint(), journal.verifier())
        assert checkpoint.size == size
    report = verified(journal)
    assert (report.entries, report.verified, report.checkpoints) == (3, 3, 3)


def test_several_entries_of_one_transaction_share_a_checkpoint(journal):
    log(journal, 1, 2, 3, 4, 5)
    assert verified(journal).verified == 5
    assert len(exported(journal).checkpoints) == 1


def test_a_checkpoint_of_the_same_size_is_not_made_twice(journal, database):
    log(journal)
    assert journal.checkpoint() == journal.latest_checkpoint()
    assert rows(database, checkpoints) == 1


def test_the_log_goes_on_after_a_restart(journal, database, agent):
    log(journal, 1, 2, 3)
    database.dispose()
    later = Journal(database, agent, "vault.example/log")
    log(later, 1, 2)
    assert verified(later).verified == 5


def test_append_gives_the_places_inside_the_transaction_of_the_caller(journal, database):
    log(journal)
    with database.write() as connection:
        assert journal.append(connection, [Draft("list", ANNA), Draft("search", ANNA)]) == [1, 2]
        assert journal.append(connection, []) == []
        assert journal.append(connection, [Draft("list", BOLAT)]) == [3]
    assert verified(journal).unverified == 3
    journal.checkpoint()
    assert verified(journal).unverified == 0


def test_a_witness_is_dated_by_the_day_and_a_member_by_the_second(journal):
    log(journal, kind="intake", actor="witness")
    log(journal)
    log(journal, time="2026-11-22T10:15:00Z")
    first, second, third = journal.read()
    assert first.time == clock.day()
    assert len(second.time) == 20
    assert third.time == "2026-11-22T10:15:00Z"


def test_the_leaf_is_the_stored_bytes(journal):
    log(journal, subject={"case": CASE}, detail={"count": 1})
    export = exported(journal)
    entry = Entry.parse(export.entries[0])
    assert entry == journal.read()[0]
    assert entry.encode() == export.entries[0]
    assert leaf_hash(export.entries[0]) == export.leaf_hashes[0]


@pytest.fixture
def filled(journal):
    log(journal, subject={"case": CASE})
    log(journal, actor=BOLAT, subject={"case": OTHER})
    log(journal, kind="reveal", subject={"case": CASE, "testimony": "3" * 64})
    log(journal, kind="member.invited", actor=ANNA, subject={"member": BOLAT})
    log(journal, kind="intake", actor="witness", subject={"case": CASE})
    return journal


@pytest.mark.parametrize(
    ("chosen", "places"),
    [
        (None, [0, 1, 2, 3, 4]),
        (Filter(member=ANNA), [0, 2, 3]),
        (Filter(member=BOLAT), [1, 3]),
        (Filter(member="c" * 32), []),
        (Filter(case=CASE), [0, 2, 4]),
        (Filter(kind="list"), [0, 1]),
        (Filter(first=1, last=3), [1, 2, 3]),
        (Filter(member=ANNA, case=CASE, kind="reveal"), [2]),
        (Filter(member="witness"), [4]),
    ],
)
def test_entries_are_found_by_member_case_kind_and_place(filled, chosen, places):
    assert [entry.seq for entry in filled.read(chosen)] == places
    assert [entry.seq for entry in filled.read(chosen, newest_first=True)] == places[::-1]


def test_reading_is_bounded(filled):
    assert [entry.seq for entry in filled.read(limit=2)] == [0, 1]
    assert [entry.seq for entry in filled.read(limit=2, newest_first=True)] == [4, 3]
    assert filled.read(limit=0) == []


@pytest.mark.parametrize("seq", range(5))
def test_each_entry_has_a_proof_under_the_latest_checkpoint(filled, seq):
    proof = filled.inclusion_proof(seq)
    leaf = exported(filled).leaf_hashes[seq]
    assert proof.verify(leaf, filled.verifier()).size == 5
    with pytest.raises(LedgerError):
        proof.verify(leaf_hash(b"another"), filled.verifier())


@pytest.mark.parametrize("seq", [-1, 5, 2**53])
def test_there_is_no_proof_of_an_entry_that_is_not_there(filled, seq):
    with pytest.raises(NotFoundError):
        filled.inclusion_proof(seq)


def test_there_is_no_proof_without_a_checkpoint(journal):
    with pytest.raises(NotFoundError):
        journal.inclusion_proof(0)


class StopError(Exception):
    pass


class Unreachable:
    """An agent whose signing fails; everything else is the real one's."""

    def __init__(self, agent, error):
        self._agent, self._error = agent, error

    def ledger_public(self):
        return self._agent.ledger_public()

    def signed(self):
        return self._agent.signed()

    def sign_note(self, text, proof):
        assert not proof
        assert text.endswith(b"\n")
        raise self._error


def test_entries_stand_when_signing_must_wait(journal, database, agent, caplog):
    waiting = Journal(database, Unreachable(agent, LockedError()), "vault.example/log")
    log(waiting)
    assert journal.latest_checkpoint() is None
    assert "error.locked" in caplog.text
    with pytest.raises(LockedError):
        waiting.checkpoint()
    journal.checkpoint()
    assert verified(journal).verified == 1


def sign_and_stop(journal, database, agent, *lost):
    """Sign, and come to a stop before the checkpoint is kept, and `lost` entries with it."""
    with database.write() as connection:
        journal.append(connection, lost)
        sign_head(connection, agent, "vault.example/log")
        raise StopError


def test_after_entries_that_were_signed_and_are_gone_no_other_ones_are_signed(
    journal, database, agent
):
    log(journal)
    with pytest.raises(StopError):
        sign_and_stop(journal, database, agent, Draft("list", ANNA))
    assert agent.signed() == 2
    with pytest.raises(LedgerError):
        log(journal, 1, 2, 3)


def test_a_checkpoint_that_was_signed_and_not_kept_is_followed(journal, database, agent):
    """As after a crash between the two: the entries stand."""
    log(journal)
    with database.write() as connection:
        journal.append(connection, [Draft("list", ANNA)])
    with pytest.raises(StopError):
        sign_and_stop(journal, database, agent)
    log(journal, 1, 2, 3)
    assert verified(journal).verified == 5


def test_what_an_agent_signed_long_before_is_followed_too(journal, database, agent):
    """Another process with the same key signed since."""
    log(journal, 1, 2, 3)
    other = VaultKeys("vault.example/log")
    other.unlock(b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32)
    log(Journal(database, other, "vault.example/log"), 1, 2)
    log(journal)
    assert verified(journal).verified == 6


def test_an_entry_taken_out_before_a_checkpoint_covered_it_is_missed(database, agent):
    """In a burst there is a moment for that; head and entries agree afterwards."""
    paced = Journal(database, agent, "vault.example/log", pause=60)
    log(paced)
    with database.read() as connection:
        head = connection.execute(select(ledger_head)).one()
    log(paced, kind="reveal")
    with database.write() as connection:
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq == head.size))
        connection.execute(ledger_head.update().values(size=head.size, frontier=head.frontier))
    with pytest.raises(LedgerError):
        paced.checkpoint()
    for count in (1, 2):
        with pytest.raises(LedgerError):
            log(paced, *range(count))
    assert paced.size() == head.size


def test_what_other_processes_append_goes_on_from_it(database, agent):
    one, other = (Journal(database, agent, "vault.example/log", pause=60) for _ in range(2))
    for _ in range(3):
        log(one, 1, 2)
        log(other)
    one.checkpoint()
    assert verified(other).verified == 9


def test_nothing_is_logged_after_the_commit(journal):
    with journal.transaction() as transaction:
        transaction.log("list", ANNA)
    with pytest.raises(LedgerError):
        transaction.log("reveal", ANNA, {"case": CASE})
    assert [draft.kind for draft in transaction.drafts] == ["list"]


def test_an_agent_that_refuses_to_sign_is_never_passed_over(database, agent):
    refusing = Journal(database, Unreachable(agent, LedgerError()), "vault.example/log")
    with pytest.raises(LedgerError):
        log(refusing)


def test_nothing_is_done_while_the_vault_is_locked(journal, agent):
    log(journal)
    agent.lock()
    with pytest.raises(LockedError):
        log(journal)
    with pytest.raises(LockedError):
        journal.read()


def test_a_transaction_inside_a_transaction_is_refused(agent, database):
    database._busy_seconds = 0.05
    journal = Journal(database, agent, "vault.example/log")

    def work():
        with journal.transaction() as outer:
            outer.log("list", ANNA)
            log(journal)

    with pytest.raises(Exception, match="Too much is asked"):
        work()
    assert journal.size() == 0


def test_a_conflict_leaves_no_entry(journal, database):
    def work():
        with journal.transaction() as transaction:
            transaction.log("erased", "system")
            for _ in range(2):
                transaction.connection.execute(tombstones.insert().values(key=b"k"))

    with pytest.raises(ConflictError):
        work()
    assert journal.size() == 0
    assert rows(database, tombstones) == 0


def test_concurrent_appends_are_all_kept_and_verify(journal):
    failed = []

    def work(member):
        try:
            for _ in range(20):
                log(journal, actor=member)
        except StorageError as error:
            failed.append(error)

    members = [format(number, "032x") for number in range(8)]
    threads = [threading.Thread(target=work, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    report = verified(journal)
    assert (report.entries, report.verified) == (160, 160)
    assert [len(journal.read(Filter(member=member))) for member in members] == [20] * 8


def test_several_processes_append_to_one_log(journal):
    fork = multiprocessing.get_context("fork")

    def work():
        for _ in range(10):
            log(journal)

    workers = [fork.Process(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    work()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    report = verified(journal)
    assert (report.entries, report.verified) == (40, 40)
