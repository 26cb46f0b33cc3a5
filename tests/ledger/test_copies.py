from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import (
    ChangedError,
    ForkedError,
    LedgerError,
    RolledBackError,
    SignatureError,
)
from vault.ledger.copies import Agreement, Copy, Cosigned, check_newer, compare, cosigned
from vault.ledger.cosignature import MAX_TIME, cosign
from vault.ledger.merkle import Frontier
from vault.ledger.note import COSIGNATURE, NoteVerifier

SIZE = 9


@pytest.fixture
def entries(log):
    return log.entries(SIZE)


@pytest.fixture
def copy(log, hashes):
    """A copy of entries, from one place on, with a checkpoint at each size."""

    def make(entries, begin=0, signed=None):
        held = hashes(entries)
        sizes = [size for size in (signed or range(1, len(entries) + 1)) if size > begin]
        notes = [log.checkpoint(entries, size) for size in sizes]
        return Copy(
            lambda: iter(entries[begin:]),
            lambda: iter(held[begin:]),
            lambda: iter(notes),
            Frontier.of(held[:begin]),
            log.checkpoint(entries, begin) if begin else None,
        )

    return make


def compared(log, one, other, check=compare):
    signed = (one.verify(log.vkey).verified, other.verify(log.vkey).verified)
    return check(one, other, signed)


def test_a_continuation_verifies_by_itself_and_after_the_older_copy(log, copy, entries):
    older, newer = copy(entries[:5]), copy(entries, 5)
    assert newer.verify(log.vkey).entries == SIZE
    report = older.then(newer).verify(log.vkey)
    assert (report.entries, report.verified, report.checkpoints) == (SIZE, SIZE, SIZE)


def test_a_continuation_may_begin_within_the_older_copy(log, copy, entries):
    whole = copy(entries[:7]).then(copy(entries, 5))
    assert whole.verify(log.vkey).checkpoints == SIZE
    assert copy(entries[:3]).then(copy(entries[:6], 3)).then(copy(entries, 4)).verify(log.vkey)


def test_entries_missing_between_two_copies_are_told_by_their_numbers(log, copy, entries):
    gap = copy(entries[:4]).then(copy(entries, 6))
    with pytest.raises(LedgerError, match="ends at 4 entries, the newer begins at 6"):
        gap.verify(log.vkey)
    with pytest.raises(LedgerError, match="order"):
        copy(entries, 6).then(copy(entries))


def test_a_continuation_under_a_checkpoint_of_nobody_is_refused(log, copy, entries):
    other = copy([log.entry(0), *entries[1:]], 5)
    joined = copy(entries).then(other)
    with pytest.raises(LedgerError) as caught:
        joined.verify(log.vkey)
    assert caught.value.seq == 5


def test_copies_of_one_history_agree_whatever_they_hold(log, copy, entries):
    short, whole, late = copy(entries[:5]), copy(entries), copy(entries, 3)
    assert compared(log, short, whole) == Agreement(5, 5, SIZE)
    assert compared(log, late, short) == Agreement(5, SIZE, 5)
    assert compared(log, whole, late) == Agreement(SIZE, SIZE, SIZE)


@pytest.mark.parametrize("at", range(5))
def test_two_signed_histories_are_a_fork_named_with_its_first_entry(log, copy, entries, at):
    other = [*entries[:at], log.entry(at), *entries[at + 1 :]]
    for one in (copy(entries), copy(entries[:5])):
        with pytest.raises(ForkedError) as caught:
            compared(log, one, copy(other))
        assert caught.value.seq == at


def test_a_difference_that_one_side_never_signed_is_a_change(log, copy, entries):
    other = [*entries[:6], log.entry(6), *entries[7:]]
    with pytest.raises(ChangedError) as caught:
        compared(log, copy(entries), copy(other, signed=(4,)))
    assert caught.value.seq == 6


def test_a_newer_copy_that_ends_earlier_was_rolled_back(log, copy, entries):
    with pytest.raises(RolledBackError) as caught:
        compared(log, copy(entries[:5]), copy(entries), check_newer)
    assert caught.value.seq == 5
    assert compared(log, copy(entries), copy(entries[:5]), check_newer).common == 5


def test_copies_without_an_entry_in_common_cannot_be_compared(log, copy, entries):
    with pytest.raises(LedgerError, match="in common"):
        compared(log, copy(entries[:3]), copy(entries, 5))


@pytest.fixture
def seen(copy, entries):
    """A copy of which somebody outside signed checkpoints, by size, at a time."""
    key = Ed25519PrivateKey.generate()
    partner = NoteVerifier("partner.example", key.public_key().public_bytes_raw(), COSIGNATURE)

    def make(times):
        whole = copy(entries)
        notes = [
            cosign(note, partner, times[size], key.sign) if size in times else note
            for size, note in enumerate(whole.checkpoints(), 1)
        ]
        return cosigned(replace(whole, checkpoints=lambda: iter(notes)), partner)

    return make


def test_who_signed_a_copy_says_up_to_where_and_when(seen):
    """An old signature vouches for nothing that came after it, however true it is."""
    assert seen({3: 900, 7: 800}) == Cosigned(7, 800)
    with pytest.raises(SignatureError, match="no checkpoint of this copy"):
        seen({})


def test_a_signature_at_a_time_that_no_calendar_has_is_refused(seen):
    assert seen({2: MAX_TIME}).moment == MAX_TIME
    with pytest.raises(SignatureError, match="calendar"):
        seen({2: MAX_TIME + 1})
