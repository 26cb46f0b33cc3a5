"""Columns that no hash covers decide nothing unnoticed: each is held against its leaf."""

import pytest

from vault.errors import FormatError, LedgerError
from vault.journal.drafts import row_of, row_of_leaf
from vault.ledger.entry import Entry
from vault.storage.tables.ledger import ledger_entries

ANNA, CASE = "a" * 32, "c" * 32


@pytest.fixture
def journal(journal):
    with journal.transaction() as transaction:
        transaction.log("vault.init", "root")
        transaction.log("reveal", ANNA, {"case": CASE})
        transaction.log("signin.refused", "system", {"member": ANNA})
        transaction.log("intake", "witness", {"case": CASE})
    return journal


def change(database, seq, **values):
    with database.write() as connection:
        query = ledger_entries.update().where(ledger_entries.c.seq == seq)
        assert connection.execute(query.values(**values)).rowcount


def test_an_untouched_log_passes(journal):
    journal.verify()


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "list"},
        {"actor": "b" * 32},
        {"member": None},
        {"member": "b" * 32},
        {"case_id": None},
        {"case_id": "d" * 32},
        {"hash": bytes(32)},
        {"leaf": b"{}"},
    ],
    ids=str,
)
def test_a_row_that_does_not_say_what_its_leaf_says_is_named(journal, database, values):
    change(database, 1, **values)
    with pytest.raises(LedgerError) as caught:
        journal.verify()
    assert caught.value.seq == 1


def test_the_first_of_several_is_named(journal, database):
    change(database, 3, case_id=None)
    change(database, 0, kind="list")
    with pytest.raises(LedgerError) as caught:
        journal.verify()
    assert caught.value.seq == 0


def test_a_row_put_in_the_place_of_another_is_named(journal, database):
    with database.read() as connection:
        rows = connection.execute(ledger_entries.select()).mappings().all()
    change(database, 1, **{name: rows[2][name] for name in rows[2] if name != "seq"})
    with pytest.raises(LedgerError) as caught:
        journal.verify()
    assert caught.value.seq == 1


@pytest.mark.parametrize(
    ("actor", "time", "subject", "detail"),
    [
        ("a" * 32, "2026-11-22T10:00:02Z", {"case": "b" * 32, "member": "c" * 32}, {}),
        ("a" * 32, "2026-11-30T10:00:02Z", {"case": "b" * 32}, {"count": 2}),
        ("witness", "2026-11-22", {"testimony": "d" * 64}, {}),
        ("system", "2026-11-22", {}, {"text": "ә"}),
    ],
)
def test_a_row_made_from_the_stored_leaf_is_the_row_of_its_entry(actor, time, subject, detail):
    entry = Entry(3, time, "list", actor, subject, detail)
    assert row_of_leaf(entry.encode()) == row_of(entry)


def test_what_is_no_entry_has_no_row():
    with pytest.raises(FormatError):
        row_of_leaf(b"{}")
