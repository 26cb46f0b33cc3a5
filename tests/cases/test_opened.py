"""Keys alone open nothing: a record is decrypted by an entry that stands, and only what it says."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import give
from vault.cases.holders.access import hold
from vault.cases.reveal import opened as module
from vault.cases.reveal.opened import Opened
from vault.cases.reveal.opening import enter
from vault.cases.stored import stored_records
from vault.errors import LedgerError, NoEntryError
from vault.keyring.compartments import Compartment

ACCOUNT, MEDICAL, WORK = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.WORK


@pytest.fixture
def held(house):
    """A case as its lawyer holds it."""
    _, case = give(house, "a story")
    return hold(house.vault, house.actors["lawyer"], case)


@pytest.fixture
def decrypted(monkeypatch):
    true, seen = module.open_record, []
    monkeypatch.setattr(module, "open_record", lambda *given: seen.append(given) or true(*given))
    return seen


def entered(house, held, **changed):
    """Commit an entry of opening the account; a test changes what it says."""
    draft = {
        "kind": "reveal",
        "subject": {"case": held.line.id, "testimony": held.testimony},
        "detail": {"as": "lawyer", "compartments": [str(ACCOUNT)], "for": "read"},
        **changed,
    }
    with house.vault.journal.transaction() as transaction:
        transaction.log(draft["kind"], "a" * 32, draft["subject"], draft["detail"])
    return transaction


class StopError(Exception):
    pass


def abandoned(house, held):
    """Return a transaction that logged an opening and was not committed."""
    try:
        with house.vault.journal.transaction() as transaction:
            transaction.log("reveal", "a" * 32, {"case": held.line.id, "testimony": held.testimony})
            raise StopError
    except StopError:
        return transaction


def record(house, held, compartment):
    with house.vault.database.read() as connection:
        found = stored_records(connection, (held.testimony,), frozenset({compartment}))
    return found[0].record


def test_what_was_entered_is_decrypted(house, held, decrypted):
    opened = Opened(held, entered(house, held))
    content = opened.read(held.testimony, record(house, held, ACCOUNT))
    assert content["answers"]["story"] == "a story"
    assert len(decrypted) == 1


def test_a_part_that_the_entry_does_not_name_is_not(house, held, decrypted):
    opened = Opened(held, entered(house, held))
    with pytest.raises(NoEntryError):
        opened.read(held.testimony, record(house, held, MEDICAL))
    assert decrypted == []


def test_nothing_opens_before_the_entry_is_committed(house, held):
    with house.vault.journal.transaction() as transaction:
        transaction.log(
            "reveal",
            "a" * 32,
            {"case": held.line.id, "testimony": held.testimony},
            {"compartments": [str(ACCOUNT)]},
        )
        with pytest.raises(NoEntryError):
            Opened(held, transaction)


def test_nothing_opens_by_an_entry_that_was_rolled_back(house, held):
    transaction = abandoned(house, held)
    with pytest.raises(NoEntryError):
        Opened(held, transaction)


def test_nothing_opens_by_an_entry_that_came_too_late(house, held):
    """The commit stands, with another entry; what is logged after it never becomes one."""
    with house.vault.journal.transaction() as transaction:
        transaction.log("list", "a" * 32, {}, {"what": "mine"})
    with pytest.raises(LedgerError):
        transaction.log("reveal", "a" * 32, {"case": held.line.id, "testimony": held.testimony})
    with pytest.raises(NoEntryError):
        Opened(held, transaction)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "list"},
        {"subject": {"case": "0" * 32, "testimony": "0" * 64}},
        {"subject": {}},
        {"detail": {}},
        {"detail": {"compartments": []}},
        {"detail": {"compartments": "account"}},
    ],
    ids=["of another kind", "of another case", "of none", "of nothing", "of no part", "no list"],
)
def test_nothing_opens_by_an_entry_of_something_else(house, held, changed):
    with pytest.raises(NoEntryError):
        Opened(held, entered(house, held, **changed))


def test_one_case_does_not_open_another(house, held, decrypted):
    _, other = give(house, "another story")
    theirs = hold(house.vault, house.actors["lawyer"], other)
    opened = Opened(held, entered(house, held))
    decrypted.clear()
    with pytest.raises(NoEntryError):
        opened.read(theirs.testimony, record(house, theirs, ACCOUNT))
    with pytest.raises(NoEntryError):
        opened.with_keys(theirs)
    assert decrypted == []


def test_newer_keys_of_the_same_case_go_on_reading(house, held):
    opened = Opened(held, entered(house, held))
    again = opened.with_keys(dataclasses.replace(held))
    assert again.read(held.testimony, record(house, held, ACCOUNT))


def test_opening_enters_exactly_what_can_be_read(house, held):
    shown = frozenset({ACCOUNT, WORK})
    opened = enter(house.vault, house.actors["lawyer"], held, shown)
    assert opened.compartments == shown
    (entry,) = house.vault.journal.read(limit=1, newest_first=True)
    assert set(entry.detail["compartments"]) == shown
