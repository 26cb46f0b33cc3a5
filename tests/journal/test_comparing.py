"""What somebody kept, held against the log as it stands."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from vault.agents.vault_keys import VaultKeys
from vault.errors import FormatError, SignatureError
from vault.journal.comparing import Compared, compare, open_kept, stored
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import Frontier, leaf_hash
from vault.ledger.note import NoteVerifier
from vault.ledger.succession import Succession
from vault.storage.tables.ledger import checkpoints, ledger_entries

ANNA, BOLAT = "a" * 32, "b" * 32


@pytest.fixture
def keys(journal):
    return Succession(journal.verifier())


@pytest.fixture
def log(journal):
    for _ in range(8):
        with journal.transaction() as transaction:
            transaction.log("signin", ANNA)
    return journal


@pytest.fixture
def ask(database, keys, log):
    """Compare the checkpoints kept at some sizes, as they were before, with the newest."""
    with database.read() as connection:
        notes = dict(connection.execute(select(checkpoints.c.size, checkpoints.c.note)).all())

    def ask(*sizes):
        with database.read() as connection:
            (later,) = open_kept((stored(connection, None),), keys)
            return compare(connection, open_kept([notes[size] for size in sizes], keys), later)

    return ask


def change(database, query):
    with database.write() as connection:
        assert connection.execute(query).rowcount


def at(seq):
    return ledger_entries.update().where(ledger_entries.c.seq == seq)


def rewrite(database, seq):
    with database.read() as connection:
        query = select(ledger_entries.c.leaf).where(ledger_entries.c.seq == seq)
        leaf = connection.execute(query).scalar_one().replace(ANNA.encode(), BOLAT.encode())
    change(database, at(seq).values(leaf=leaf, hash=leaf_hash(leaf)))


@pytest.mark.parametrize("sizes", [(1,), (3,), (8,), (7, 2, 5)])
def test_a_log_that_only_grew_follows(ask, sizes):
    assert ask(*sizes) == Compared(min(sizes), 8)


def test_a_changed_entry_is_named_before_or_after_what_was_kept(ask, database):
    change(database, at(5).values(leaf=b"{}"))
    assert ask(8).fault == (5, 5)
    assert ask(2).fault == (5, 5)


def test_a_dropped_entry_is_named(ask, database):
    change(database, ledger_entries.delete().where(ledger_entries.c.seq == 3))
    assert (ask(8).fault, ask(8).gone) == ((3, 3), False)


def test_a_rewritten_entry_lies_between_the_checkpoints_that_were_kept(ask, database):
    rewrite(database, 4)
    assert ask(8).fault == (0, 7)
    assert ask(3, 6, 8).fault == (3, 5)
    assert ask(4, 5).fault == (4, 4)


def test_a_log_that_was_cut_says_from_where_on_entries_are_gone(ask, database):
    with database.write() as connection:
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq >= 6))
        connection.execute(checkpoints.delete().where(checkpoints.c.size > 6))
    assert ask(8) == Compared(8, 6, (6, 6), gone=True)
    assert ask(6) == Compared(6, 6)


def test_a_fork_is_found_though_the_log_signed_it_again(ask, database, log):
    """The holder of the key rewrites an entry and signs everything anew: what was kept differs."""
    rewrite(database, 4)
    agent = VaultKeys("vault.example/log")  # one that remembers nothing of what it signed
    agent.unlock(b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32)
    with database.write() as connection:
        hashes = connection.execute(select(ledger_entries.c.hash)).scalars().all()
        frontier, verifier = Frontier.of(hashes), log.verifier()
        note = Checkpoint(verifier.name, 8, frontier.root()).sign(verifier, agent.sign_note)
        connection.execute(checkpoints.delete())
        row = {"size": 8, "note": note, "frontier": frontier.encode()}
        connection.execute(checkpoints.insert().values(**row))
    assert ask(3) == Compared(3, 8)
    assert ask(3, 6).fault == (3, 5)


def test_only_what_this_log_signed_is_compared(keys):
    other = VaultKeys("vault.example/log")
    other.unlock(b"v" * 32, b"i" * 32, b"x" * 32, b"c" * 32)
    verifier = NoteVerifier("vault.example/log", other.ledger_public())
    forged = Checkpoint("vault.example/log", 3, bytes(32)).sign(verifier, other.sign_note)
    with pytest.raises(SignatureError):
        open_kept([forged], keys)
    for nothing in (b"", b"nonsense\n", forged.partition(b"\n\n")[0]):
        with pytest.raises(FormatError):
            open_kept([nothing], keys)
