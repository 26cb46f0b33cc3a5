import json

import pytest

from tests.journal.reckoning.conftest import ANNA, ZONE
from vault.errors import LedgerError
from vault.journal.reckoning.read import read
from vault.ledger.entry import Entry

LEAF = Entry(0, "2026-11-22T20:30:00Z", "reveal", ANNA, {"case": "c" * 32}).encode()


def altered(**values):
    return json.dumps(json.loads(LEAF) | values).encode()


def test_an_entry_is_read_with_the_moment_where_the_organisation_is():
    found = read(0, LEAF, ZONE)
    assert (found.kind, found.actor, found.case, found.about) == ("reveal", ANNA, "c" * 32, ANNA)
    assert (found.day, found.at.isoformat()) == ("2026-11-22", "2026-11-23T01:30:00+05:00")


def test_what_a_witness_did_has_a_day_and_no_moment():
    found = read(0, Entry(0, "2026-11-22", "intake", "witness").encode(), ZONE)
    assert (found.day, found.at, found.about, found.by_member) == ("2026-11-22", None, None, False)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"{}",
        altered(seq=1),
        altered(kind="nothing"),
        altered(kind=[]),
        altered(actor="Anna"),
        altered(actor="\ud800" * 32),
        altered(time="yesterday"),
        altered(time="2026-13-01"),
        altered(time=7),
        altered(detail=[]),
        altered(subject=[]),
        altered(subject={"case": "c"}),
        altered(subject={"member": 7}),
    ],
)
def test_what_is_no_entry_of_its_place_is_a_fault_of_that_place(leaf):
    with pytest.raises(LedgerError) as caught:
        read(0, leaf, ZONE)
    assert caught.value.seq == 0
