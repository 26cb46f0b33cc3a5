import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from vault.errors import FormatError, LedgerError, SignatureError
from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.verify import check_follows, verify_export

SIZE = 9
EACH = range(1, SIZE + 1)


def published(log, entries, sizes=EACH):
    return [log.checkpoint(entries, size) for size in sizes]


def fault(*arguments, **held):
    with pytest.raises(LedgerError) as caught:
        verify_export(*arguments, **held)
    return caught.value


def test_an_honest_log_verifies_up_to_its_last_checkpoint(log, hashes):
    entries = log.entries(SIZE)
    report = verify_export(entries, hashes(entries), published(log, entries, (2, 5, 7)), log.vkey)
    assert (report.entries, report.verified, report.unverified) == (9, 7, 2)
    assert (report.checkpoints, report.held) == (3, 0)
    assert report.root == merkle.root(hashes(entries)[:7])


def test_the_report_says_until_when_a_copy_reaches(log, hashes):
    """A copy that leaves out the newest entries verifies: its last time tells, and nothing else."""
    entries = [log.entry(0), *(later(log, seq) for seq in range(1, 5))]
    for size in (1, 3, 5):
        cut = entries[:size]
        report = verify_export(cut, hashes(cut), [log.checkpoint(cut)], log.vkey)
        assert report.until == f"2026-11-22T1{size - 1}:00:00Z"
    report = verify_export(entries, hashes(entries), [log.checkpoint(entries, 2)], log.vkey)
    assert report.until == "2026-11-22T11:00:00Z", "what no checkpoint covers may say any time"
    held = {"held_checkpoints": [log.checkpoint(entries, 4)]}
    report = verify_export(entries, hashes(entries), [], log.vkey, **held)
    assert report.until == "2026-11-22T13:00:00Z"


def later(log, seq):
    return log.entry(seq).replace(b"T10:", f"T1{seq}:".encode())


def test_an_empty_log_verifies(log):
    report = verify_export([], [], [], log.vkey)
    assert (report.entries, report.verified, report.root) == (0, 0, merkle.EMPTY_ROOT)


def test_without_a_checkpoint_nothing_is_claimed(log, hashes):
    entries = log.entries(3)
    report = verify_export(entries, hashes(entries), [], log.vkey)
    assert (report.verified, report.unverified, report.until) == (0, 3, "")


def test_the_report_says_how_far_outside_copies_vouch(log, hashes):
    entries = log.entries(SIZE)
    signed = published(log, entries)
    report = verify_export(
        entries, hashes(entries), signed, log.vkey, held_checkpoints=[signed[3], signed[1]]
    )
    assert report.held == 4
    kept = hashes(entries)[:6]
    report = verify_export(entries, hashes(entries), signed, log.vkey, held_hashes=kept)
    assert report.held == 6


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rewrite_hashes=st.booleans())
def test_with_a_checkpoint_for_each_entry_the_first_fault_is_named_exactly(
    log, hashes, data, rewrite_hashes
):
    entries = log.entries(SIZE)
    good, signed = hashes(entries), published(log, entries)
    at = data.draw(st.integers(0, SIZE - 1))
    fresh = log.entry(at)
    forged = {
        "changed": [*entries[:at], fresh, *entries[at + 1 :]],
        "dropped": [*entries[:at], *entries[at + 1 :]],
        "inserted": [*entries[:at], fresh, *entries[at:]],
        "reordered": [*entries[:at], *reversed(entries[at:])],
    }
    how = data.draw(st.sampled_from(sorted(forged)))
    assume(how != "reordered" or at < SIZE - 1)
    bad = forged[how]
    assert fault(bad, hashes(bad) if rewrite_hashes else good, signed, log.vkey).seq == at


@pytest.mark.parametrize("at", range(SIZE))
def test_a_rewritten_hash_list_leaves_the_span_between_two_checkpoints(log, hashes, at):
    entries = log.entries(SIZE)
    signed = published(log, entries, (3, 6, SIZE))
    bad = [*entries[:at], log.entry(at), *entries[at + 1 :]]
    found = fault(bad, hashes(bad), signed, log.vkey)
    first = at // 3 * 3
    assert found.seq == first
    assert f"one of the entries {first} to {first + 2}" in str(found)


@pytest.mark.parametrize("at", range(SIZE))
def test_renumbering_after_a_dropped_entry_does_not_hide_it(log, hashes, at):
    entries = log.entries(SIZE)
    bad = []
    for seq, entry in enumerate([*entries[:at], *entries[at + 1 :]]):
        fields = json.loads(entry) | {"seq": seq}
        bad.append(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())
    assert fault(bad, hashes(bad), published(log, entries), log.vkey).seq == at


@pytest.mark.parametrize("left", range(SIZE))
def test_a_log_cut_short_is_dropped_from_where_it_ends(log, hashes, left):
    entries = log.entries(SIZE)
    kept = entries[:left]
    found = fault(kept, hashes(kept), published(log, entries, (SIZE,)), log.vkey)
    assert found.seq == left
    assert "dropped" in str(found)


def test_every_flipped_bit_of_an_entry_is_named(log, hashes):
    entries = log.entries(3)
    good, signed = hashes(entries), published(log, entries, (3,))
    for bit in range(len(entries[1]) * 8):
        flipped = bytearray(entries[1])
        flipped[bit // 8] ^= 1 << bit % 8
        assert fault([entries[0], bytes(flipped), entries[2]], good, signed, log.vkey).seq == 1


def test_whoever_holds_the_key_rewrites_the_past_unseen_unless_something_is_held(log, hashes):
    entries = log.entries(SIZE)
    bad = [*entries[:4], log.entry(4), *entries[5:]]
    lie = (bad, hashes(bad), published(log, bad), log.vkey)
    assert verify_export(*lie).verified == SIZE
    assert fault(*lie, held_hashes=hashes(entries)).seq == 4
    early, late = (log.checkpoint(entries, size) for size in (4, 5))
    assert verify_export(*lie, held_checkpoints=[early]).held == 4
    assert fault(*lie, held_checkpoints=[early, late]).seq == 4
    assert "one of the entries 0 to 4" in str(fault(*lie, held_checkpoints=[late]))


def test_a_fork_at_the_same_size_is_noticed(log, hashes):
    entries = log.entries(4)
    other = [*entries[:2], log.entry(2), entries[3]]
    signed = published(log, entries, (4,))
    held = [log.checkpoint(entries), log.checkpoint(other)]
    found = fault(entries, hashes(entries), signed, log.vkey, held_checkpoints=held)
    assert "one of the entries 0 to 3" in str(found)


def test_of_two_spans_the_narrower_is_named(log, hashes):
    entries = log.entries(SIZE)
    bad = [*entries[:4], log.entry(4), *entries[5:]]
    signed = published(log, entries, (3, 6, SIZE))
    found = fault(bad, hashes(bad), signed, log.vkey, held_checkpoints=[signed[2]])
    assert "one of the entries 3 to 5" in str(found)


def test_an_early_span_is_named_before_a_later_exact_fault(log, hashes):
    entries = log.entries(SIZE)
    bad = [*entries[:1], log.entry(1), *entries[2:8], log.entry(8)]
    listed = [*hashes(bad)[:8], hashes(entries)[8]]
    assert fault(bad, listed, published(log, entries, (3, SIZE)), log.vkey).seq == 0


def test_a_checkpoint_at_fault_is_named_by_its_number(log, hashes):
    entries = log.entries(4)
    signed = published(log, entries, (2, 4))
    bad = [signed[0], signed[1].replace(b"\n4\n", b"\n3\n")]
    with pytest.raises(SignatureError, match="checkpoint 2"):
        verify_export(entries, hashes(entries), bad, log.vkey)
    with pytest.raises(FormatError, match="held checkpoint 1"):
        verify_export(entries, hashes(entries), signed, log.vkey, held_checkpoints=[b"x"])


def test_checkpoints_must_grow(log, hashes):
    entries = log.entries(4)
    for sizes in ((4, 2), (2, 2)):
        found = fault(entries, hashes(entries), published(log, entries, sizes), log.vkey)
        assert "checkpoint 2 does not grow" in str(found)


def test_an_empty_checkpoint_with_another_root_is_noticed(log):
    false = Checkpoint(log.origin, 0, bytes(32)).sign(log.verifier, log.key.sign)
    assert fault([], [], [false], log.vkey).seq == 0


def opened(log, entries, size=None):
    return open_checkpoint(log.checkpoint(entries, size), log.verifier)


@pytest.mark.parametrize("first", range(SIZE + 1))
def test_a_checkpoint_that_follows_may_be_signed(log, hashes, first):
    entries = log.entries(SIZE)
    proof = merkle.consistency_proof(first, hashes(entries))
    check_follows(opened(log, entries, first), opened(log, entries), proof)


def test_the_first_checkpoint_of_all_follows_nothing(log):
    check_follows(None, opened(log, log.entries(3)))


@pytest.mark.parametrize("first", range(1, SIZE))
def test_a_checkpoint_over_another_past_must_not_be_signed(log, hashes, first):
    entries = log.entries(SIZE)
    forked = [log.entry(0), *entries[1:]]
    proof = merkle.consistency_proof(first, hashes(forked))
    with pytest.raises(LedgerError):
        check_follows(opened(log, entries, first), opened(log, forked), proof)


def test_a_smaller_checkpoint_must_not_be_signed(log):
    entries = log.entries(3)
    with pytest.raises(LedgerError):
        check_follows(opened(log, entries), opened(log, entries, 2))


def test_another_log_does_not_follow(log, hashes):
    entries = log.entries(3)
    before = opened(log, entries, 2)
    new = Checkpoint("other.example/log", 3, merkle.root(hashes(entries)))
    with pytest.raises(LedgerError, match="another log"):
        check_follows(before, new, merkle.consistency_proof(2, hashes(entries)))
