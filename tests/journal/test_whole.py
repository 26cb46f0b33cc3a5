"""Verifying again costs little, and still finds whatever was changed anywhere since."""

import pytest

from vault.errors import LedgerError, SignatureError
from vault.journal import Draft, whole
from vault.ledger.entry import Entry
from vault.storage.tables.ledger import checkpoints, ledger_entries

ANNA, CASE = "a" * 32, "c" * 32
SIZE = 8


@pytest.fixture
def journal(journal):
    for _ in range(SIZE // 2):
        with journal.transaction() as transaction:
            transaction.log("reveal", ANNA, {"case": CASE})
            transaction.log("list", ANNA)
    return journal


@pytest.fixture
def parsed(monkeypatch):
    """The places of the entries that were parsed, as they are."""
    seen = []
    check = whole.check_row

    def noting(row):
        seen.append(row["seq"])
        check(row)

    monkeypatch.setattr(whole, "check_row", noting)
    return seen


def change(database, table, where, **values):
    with database.write() as connection:
        assert connection.execute(table.update().where(where).values(**values)).rowcount


def grow(journal):
    with journal.transaction() as transaction:
        transaction.log("signin", ANNA)


def test_it_says_what_was_verified(journal):
    report = journal.verify()
    assert (report.entries, report.verified, report.unverified) == (SIZE, SIZE, 0)
    assert report.checkpoints == SIZE // 2


def test_the_second_time_only_what_is_new_is_parsed(journal, parsed):
    first = journal.verify()
    grow(journal)
    second = journal.verify()
    assert parsed == list(range(SIZE + 1))
    assert (second.verified, second.checkpoints) == (first.verified + 1, first.checkpoints + 1)
    assert journal.verify() == second
    assert parsed == list(range(SIZE + 1))


def test_entries_that_no_checkpoint_covers_are_parsed_again(journal, database, parsed):
    with database.write() as connection:
        journal.append(connection, [Draft("list", ANNA)])
    for _ in range(2):
        report = journal.verify()
        assert (report.verified, report.unverified) == (SIZE, 1)
    assert parsed == [*range(SIZE + 1), SIZE]
    journal.checkpoint()
    assert journal.verify().unverified == 0


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "list"},
        {"actor": "b" * 32},
        {"member": None},
        {"case_id": None},
        {"hash": bytes(32)},
        {"leaf": Entry(2, "2026-11-22T10:15:00Z", "list", "b" * 32).encode()},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_is_changed_after_it_was_verified_is_named(journal, database, values):
    journal.verify()
    change(database, ledger_entries, ledger_entries.c.seq == 2, **values)
    for _ in range(2):
        with pytest.raises(LedgerError) as caught:
            journal.verify()
        assert caught.value.seq == 2


def test_what_is_changed_back_verifies_again(journal, database):
    before = journal.verify()
    change(database, ledger_entries, ledger_entries.c.seq == 2, kind="list")
    with pytest.raises(LedgerError):
        journal.verify()
    change(database, ledger_entries, ledger_entries.c.seq == 2, kind="reveal")
    assert journal.verify() == before


def test_a_checkpoint_changed_after_it_was_verified_is_found(journal, database):
    journal.verify()
    with database.read() as connection:
        note = connection.execute(checkpoints.select().order_by(checkpoints.c.size)).first().note
    change(database, checkpoints, checkpoints.c.size == 2, note=note[:-8] + b"AAAAAAA\n")
    with pytest.raises(SignatureError):
        journal.verify()


def test_a_checkpoint_taken_away_is_no_fault_but_counts_no_more(journal, database):
    journal.verify()
    with database.write() as connection:
        connection.execute(checkpoints.delete().where(checkpoints.c.size == 2))
    assert journal.verify().checkpoints == SIZE // 2 - 1


def test_entries_taken_away_at_the_end_are_found(journal, database):
    journal.verify()
    with database.write() as connection:
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq >= SIZE - 1))
    with pytest.raises(LedgerError) as caught:
        journal.verify()
    assert caught.value.seq == SIZE - 1


def test_rows_cannot_change_places_within_their_digest():
    """The same bytes in other columns are another row."""
    digest = whole.Digest
    assert digest().over([("ab", "c")]).value != digest().over([("a", "bc")]).value
    assert digest().over([("a",), ("b",)]).value != digest().over([("a", "b")]).value
    assert digest().over([(b"a",)]).value != digest().over([("a",)]).value
    assert digest().over([(None,)]).value != digest().over([("None",)]).value
