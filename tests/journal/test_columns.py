"""Columns that no hash covers decide nothing unnoticed: each is held against its leaf."""

import pytest

from vault.errors import LedgerError
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
