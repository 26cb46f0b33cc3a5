"""Proofs come from stored subtrees; whoever changes those has changed nothing that is proven."""

import pytest

from vault.errors import LedgerError, RolledBackError
from vault.journal import Draft, nodes
from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import Node
from vault.ledger.note import Note
from vault.storage.tables.ledger import ledger_entries, ledger_nodes

MEMBER, SIZE = "a" * 32, 600


@pytest.fixture
def filled(journal, database):
    """600 entries under two checkpoints, at 300 and 600: two complete subtrees of 256."""
    for _ in range(2):
        with database.write() as connection:
            journal.append(connection, [Draft("list", MEMBER)] * (SIZE // 2))
        journal.checkpoint()
    return journal


@pytest.fixture
def rows(filled, database):
    """What is stored now: `rows(table)`."""

    def read(table):
        with database.read() as connection:
            return connection.execute(table.select().order_by(*table.primary_key)).all()

    return read


@pytest.fixture
def slow(monkeypatch):
    """How often a proof had to be made from every leaf."""
    times = []
    real = merkle.subtrees_of
    monkeypatch.setattr(merkle, "subtrees_of", lambda leaves: times.append(1) or real(leaves))
    return times


def opened(note):
    return Checkpoint.parse(Note.parse(note).text)


def verify(journal, seq, leaf):
    return journal.inclusion_proof(seq).verify(leaf, journal.verifier())


def test_each_complete_subtree_is_stored_once_it_is_signed(rows):
    leaves = [row.hash for row in rows(ledger_entries)]
    stored = [(row.level, row.place, row.hash) for row in rows(ledger_nodes)]
    assert stored == [(8, n, merkle.root(leaves[256 * n : 256 * n + 256])) for n in (0, 1)]


def test_proofs_are_made_from_subtrees_at_every_kind_of_place(filled, rows, slow):
    leaves = [row.hash for row in rows(ledger_entries)]
    for seq in (0, 255, 256, 300, 511, 512, SIZE - 1):
        assert verify(filled, seq, leaves[seq]).size == SIZE
    assert not slow


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 511, 512, 599, SIZE])
def test_a_checkpoint_is_proven_to_follow_from_every_earlier_size(filled, rows, slow, size):
    leaves = [row.hash for row in rows(ledger_entries)]
    note = filled.latest_checkpoint()
    proof = filled.consistency_proof(size, note)
    assert not slow
    merkle.verify_consistency(size, SIZE, proof, merkle.root(leaves[:size]), opened(note).root)


def test_no_checkpoint_is_proven_to_follow_from_a_larger_size(filled):
    with pytest.raises(RolledBackError):
        filled.consistency_proof(SIZE + 1, filled.latest_checkpoint())


@pytest.mark.parametrize(
    "statement",
    [
        ledger_nodes.delete(),
        ledger_nodes.delete().where(ledger_nodes.c.place == 0),
        ledger_nodes.update().values(hash=b"\x01" * 32),
    ],
    ids=["dropped", "one dropped", "false"],
)
def test_false_subtrees_slow_a_proof_down_and_nothing_more(filled, database, rows, slow, statement):
    leaves = [row.hash for row in rows(ledger_entries)]
    with database.write() as connection:
        connection.execute(statement)
    assert verify(filled, 400, leaves[400]).size == SIZE
    assert filled.consistency_proof(300, filled.latest_checkpoint())
    assert len(slow) == 2


def test_a_subtree_that_lay_in_wait_is_replaced_when_the_true_one_is_signed(
    journal, database, slow
):
    with database.write() as connection:
        nodes.keep(connection, [Node(8, 0, b"\x01" * 32)])
        journal.append(connection, [Draft("list", MEMBER)] * 256)
    journal.checkpoint()
    journal.inclusion_proof(0)
    assert not slow


@pytest.mark.parametrize("seq", [0, 401])
def test_no_proof_leaves_that_does_not_lead_to_the_checkpoint(filled, database, seq):
    with database.write() as connection:
        changed = ledger_entries.update().where(ledger_entries.c.seq == 400)
        connection.execute(changed.values(hash=b"\x01" * 32))
        connection.execute(ledger_nodes.delete())
    with pytest.raises(LedgerError):
        filled.inclusion_proof(seq)
    with pytest.raises(LedgerError):
        filled.consistency_proof(300, filled.latest_checkpoint())
