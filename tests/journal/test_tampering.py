"""Somebody writes to the database without holding a key. Nothing of it is ever signed."""

import pytest
from sqlalchemy import select

from tests.support.exported import exported
from vault.errors import LedgerError
from vault.journal import Draft
from vault.ledger.entry import Entry
from vault.ledger.merkle import Frontier, leaf_hash
from vault.ledger.verify import verify_export
from vault.storage.tables.ledger import checkpoints, ledger_entries, ledger_head

ANNA = "a" * 32
SIGNED, SIZE = 3, 6


@pytest.fixture
def journal(journal, database):
    """Three entries under a checkpoint, three more after it."""
    for number in range(SIZE):
        with database.write() as connection:
            journal.append(connection, [Draft("list", ANNA)])
        if number + 1 == SIGNED:
            journal.checkpoint()
    return journal


@pytest.fixture
def tamper(database):
    def execute(*statements):
        with database.write() as connection:
            for statement in statements:
                connection.execute(statement)

    return execute


def forged(seq):
    leaf = Entry(seq, "2026-11-22T10:15:00Z", "list", "b" * 32).encode()
    return {"leaf": leaf, "hash": leaf_hash(leaf)}


def at(seq):
    return ledger_entries.c.seq == seq


def hashes(database):
    with database.read() as connection:
        query = select(ledger_entries.c.hash).order_by(ledger_entries.c.seq)
        return list(connection.execute(query).scalars())


def head(leaves):
    frontier = Frontier.of(leaves)
    return ledger_head.update().values(size=frontier.size, frontier=frontier.encode())


def refused(journal, database):
    """Assert that nothing is signed, now or with the next entry; return the entry named."""
    with database.read() as connection:
        before = connection.execute(select(checkpoints)).all()
    with pytest.raises(LedgerError) as caught:
        journal.checkpoint()
    with pytest.raises(LedgerError), journal.transaction() as transaction:
        transaction.log("list", ANNA)
    with database.read() as connection:
        assert connection.execute(select(checkpoints)).all() == before
    return caught.value.seq


def test_an_untouched_log_is_signed(journal):
    assert journal.checkpoint() is not None


def test_a_changed_entry_is_named(journal, database, tamper):
    tamper(ledger_entries.update().where(at(4)).values(leaf=forged(4)["leaf"]))
    assert refused(journal, database) == 4


def test_a_changed_entry_with_its_hash_does_not_lead_to_the_head(journal, database, tamper):
    tamper(ledger_entries.update().where(at(4)).values(**forged(4)))
    refused(journal, database)


def test_a_dropped_entry_is_named(journal, database, tamper):
    tamper(ledger_entries.delete().where(at(4)))
    assert refused(journal, database) == 4


def test_a_dropped_end_is_seen(journal, database, tamper):
    tamper(ledger_entries.delete().where(at(5)))
    refused(journal, database)


def test_a_log_cut_back_behind_its_checkpoint_is_seen(journal, database, tamper):
    kept = hashes(database)[:2]
    tamper(ledger_entries.delete().where(ledger_entries.c.seq >= 2), head(kept))
    refused(journal, database)


def test_a_head_of_other_entries_is_seen(journal, database, tamper):
    tamper(head([leaf_hash(b"x")] * SIZE))
    refused(journal, database)


@pytest.mark.parametrize("values", [{"size": 5}, {"frontier": b"x"}, {"frontier": bytes(8)}])
def test_a_malformed_head_is_seen(journal, database, tamper, values):
    tamper(ledger_head.update().values(**values))
    refused(journal, database)


def test_a_deleted_head_is_seen(journal, database, tamper):
    tamper(ledger_head.delete())
    with pytest.raises(LedgerError):
        journal.checkpoint()


def test_history_behind_the_checkpoint_cannot_be_carried_into_a_new_one(journal, database, tamper):
    leaves = hashes(database)
    leaves[1] = forged(1)["hash"]
    values = forged(1) | {"hash": leaves[1]}
    tamper(
        ledger_entries.update().where(at(1)).values(**values),
        head(leaves),
        checkpoints.update().values(frontier=Frontier.of(leaves[:SIGNED]).encode()),
    )
    refused(journal, database)


@pytest.mark.parametrize("note", [b"", b"vault.example/log\n3\n"])
def test_a_malformed_checkpoint_is_seen(journal, database, tamper, note):
    tamper(checkpoints.update().values(note=note))
    refused(journal, database)


def test_a_checkpoint_whose_text_was_changed_is_seen(journal, database, tamper):
    note = journal.latest_checkpoint().replace(b"\n3\n", b"\n2\n")
    tamper(checkpoints.update().values(note=note))
    refused(journal, database)


@pytest.mark.parametrize("frontier", [b"", bytes(8), Frontier.of([bytes(32)] * 3).encode()])
def test_a_frontier_that_was_not_signed_is_seen(journal, database, tamper, frontier):
    tamper(checkpoints.update().values(frontier=frontier))
    refused(journal, database)


def test_a_log_rewritten_with_all_its_checkpoints_deleted_is_not_signed_again(
    journal, database, tamper
):
    """The agent remembers what it signed last."""
    journal.checkpoint()
    leaves = hashes(database)
    leaves[1] = forged(1)["hash"]
    tamper(
        ledger_entries.update().where(at(1)).values(**(forged(1) | {"hash": leaves[1]})),
        head(leaves),
        checkpoints.delete(),
    )
    with pytest.raises(LedgerError):
        journal.checkpoint()


def test_an_old_copy_of_the_database_put_back_is_not_signed_on(journal, database, tamper):
    kept = hashes(database)[:SIGNED]
    journal.checkpoint()
    tamper(
        ledger_entries.delete().where(ledger_entries.c.seq >= SIGNED),
        checkpoints.delete().where(checkpoints.c.size > SIGNED),
        head(kept),
    )
    with pytest.raises(LedgerError), journal.transaction() as transaction:
        transaction.log("list", ANNA)


def test_what_was_changed_behind_the_checkpoint_is_found_by_the_verifier(journal, tamper):
    journal.checkpoint()
    tamper(ledger_entries.update().where(at(1)).values(leaf=forged(1)["leaf"]))
    export = exported(journal)
    with pytest.raises(LedgerError) as caught:
        verify_export(
            export.entries, export.leaf_hashes, export.checkpoints, journal.verifier().vkey()
        )
    assert caught.value.seq == 1


def test_a_malformed_entry_is_named_when_read(journal, tamper):
    tamper(ledger_entries.update().where(at(2)).values(leaf=b"{}"))
    with pytest.raises(LedgerError) as caught:
        journal.read()
    assert caught.value.seq == 2


def test_an_entry_moved_to_another_place_is_named_when_read(journal, database, tamper):
    with database.read() as connection:
        leaf = connection.execute(select(ledger_entries.c.leaf).where(at(1))).scalar_one()
    tamper(ledger_entries.update().where(at(2)).values(leaf=leaf))
    with pytest.raises(LedgerError) as caught:
        journal.read()
    assert caught.value.seq == 2


def test_no_proof_is_given_from_a_log_with_dropped_entries(journal, tamper):
    journal.checkpoint()
    tamper(ledger_entries.delete().where(at(1)))
    with pytest.raises(LedgerError):
        journal.inclusion_proof(0)


def test_no_proof_is_given_under_a_malformed_checkpoint(journal, tamper):
    tamper(checkpoints.update().values(note=b"x"))
    with pytest.raises(LedgerError):
        journal.inclusion_proof(0)
