"""Which key signs which checkpoint, and who may say so."""

from __future__ import annotations

import pytest

from vault.crypto.sign import SigningKey
from vault.errors import LedgerError
from vault.ledger.entry import Entry
from vault.ledger.note import NoteVerifier
from vault.ledger.succession import KIND, Succession, detail, follow, may_change

ORIGIN = "vault.example/log"
KEYS = [SigningKey(bytes([number]) * 32) for number in range(3)]
VERIFIERS = [NoteVerifier(ORIGIN, key.public) for key in KEYS]
TIME = "2026-11-22T10:00:00Z"


def log(*changes):
    """Return five leaves; `changes` gives for a place the detail of a change there."""
    by_place = dict(changes)
    return [
        Entry(
            seq,
            TIME,
            KIND if seq in by_place else "vault.unlock",
            "system",
            {},
            by_place.get(seq, {}),
        ).encode()
        for seq in range(5)
    ]


def followed(leaves, first=0, place=0):
    """Follow as `verify` does: entry by entry, from a key."""
    keys, changes = VERIFIERS[first], []
    for seq, leaf in enumerate(leaves, place):
        after = follow(keys, leaf, seq) if may_change(leaf) else None
        if after is not None:
            keys = after
            changes.append((seq + 1, keys))
    return Succession(VERIFIERS[first], tuple(changes))


FIRST, NEXT = detail(ORIGIN, KEYS[0], KEYS[1].public), detail(ORIGIN, KEYS[1], KEYS[2].public)


def test_a_log_without_a_change_has_one_key():
    assert followed(log()) == Succession(VERIFIERS[0])


def test_each_key_signs_from_the_entry_that_names_it_on():
    keys = followed(log((1, FIRST), (3, NEXT)))
    assert [VERIFIERS.index(keys.at(size)) for size in range(6)] == [0, 0, 1, 1, 2, 2]


def test_it_goes_on_from_a_place_in_the_middle():
    leaves = log((1, FIRST), (3, NEXT))
    assert followed(leaves[2:], first=1, place=2).at(4) == VERIFIERS[2]


def test_another_key_of_the_vault_changes_nothing_here():
    assert followed(log((1, {"key": "vault"}))) == Succession(VERIFIERS[0])


@pytest.mark.parametrize(
    "stated",
    [
        NEXT,
        {**FIRST, "public": KEYS[2].public.hex()},
        {**FIRST, "signature": ""},
        {**FIRST, "public": "x"},
        {"key": "ledger"},
        detail("another.example/log", KEYS[0], KEYS[1].public),
    ],
)
def test_what_the_key_before_did_not_sign_is_a_fault_at_its_place(stated):
    with pytest.raises(LedgerError) as caught:
        followed(log((2, stated)))
    assert caught.value.seq == 2
