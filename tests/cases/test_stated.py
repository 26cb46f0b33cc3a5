"""Who was given a case, as the access log states it: the last word for each member counts."""

from __future__ import annotations

from tests.support.attacks import change
from vault.cases.holders import stated
from vault.journal.drafts import Draft
from vault.storage.tables.ledger import ledger_entries

CASE, OTHER, ONE, TWO = "a" * 32, "b" * 32, "c" * 32, "d" * 32


def log(house, kind, member=None, case=CASE, **detail):
    subject = {"case": case} | ({"member": member} if member else {})
    with house.vault.journal.transaction() as transaction:
        transaction.log(kind, "root", subject, detail)


def given(house, drafts=()):
    with house.vault.database.read() as connection:
        return stated.given(connection, CASE, drafts)


def test_what_was_given_stands_until_it_is_taken_away(house):
    log(house, "assign", ONE, capacity="lawyer")
    log(house, "assign", TWO, capacity="interpreter", until="2030-01-01")
    log(house, "assign", TWO, case=OTHER, capacity="lawyer")
    assert given(house) == {ONE: ("lawyer", None), TWO: ("interpreter", "2030-01-01")}
    log(house, "assign", ONE, capacity="deputy")
    assert given(house)[ONE] == ("deputy", None)
    log(house, "revoke", TWO)
    assert given(house) == {ONE: ("deputy", None)}
    log(house, "unassign")
    assert given(house) == {}


def test_what_a_transaction_is_about_to_log_counts_in_it(house):
    log(house, "assign", ONE, capacity="lawyer")
    drafts = [
        Draft("revoke", "root", {"case": CASE, "member": ONE}),
        Draft("assign", "root", {"case": CASE, "member": TWO}, {"capacity": "lawyer"}),
        Draft("grant.made", "root", {"case": CASE, "member": ONE}),
    ]
    assert given(house, drafts) == {TWO: ("lawyer", None)}
    assert given(house) == {ONE: ("lawyer", None)}


def test_an_entry_whose_columns_point_elsewhere_or_that_does_not_parse_gives_nothing(house):
    log(house, "assign", ONE, case=OTHER, capacity="lawyer")
    change(house, ledger_entries, {"case_id": OTHER}, case_id=CASE)
    assert given(house) == {}
    change(house, ledger_entries, {"case_id": CASE}, leaf=b"nothing")
    assert given(house) == {}
