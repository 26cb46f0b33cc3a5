"""Who may not see a case stands in the access log, and what stands there last counts."""

from __future__ import annotations

from vault.custody import bars

CASE, OTHER, MEMBER, NEW = "a" * 32, "b" * 32, "c" * 32, "d" * 32


def log(house, kind, case, member):
    with house.vault.journal.transaction() as transaction:
        transaction.log(kind, "root", {"case": case, "member": member})


def of_case(house, case):
    with house.vault.database.read() as connection:
        return bars.of_case(connection, case)


def test_what_was_stated_stands_for_that_case_until_it_is_taken_back(house):
    assert of_case(house, CASE) == frozenset()
    log(house, bars.BARRED, CASE, MEMBER)
    assert (of_case(house, CASE), of_case(house, OTHER)) == ({MEMBER}, frozenset())
    log(house, bars.ALLOWED, CASE, MEMBER)
    assert of_case(house, CASE) == frozenset()
    log(house, bars.BARRED, CASE, MEMBER)
    assert of_case(house, CASE) == {MEMBER}


def test_it_follows_somebody_to_new_keys_with_an_entry_for_each_case(house):
    for case in (CASE, OTHER):
        log(house, bars.BARRED, case, MEMBER)
    log(house, bars.ALLOWED, OTHER, MEMBER)
    with house.vault.journal.transaction() as transaction:
        bars.follow(transaction, "root", MEMBER, NEW)
    with house.vault.database.read() as connection:
        assert bars.of_member(connection, NEW) == {CASE}
    assert of_case(house, CASE) == {MEMBER, NEW}
