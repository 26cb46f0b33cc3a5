"""Shares: any k of n restore the secret; every other set says which share is at fault."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import combine_mnemonics, generate_mnemonics

from vault.crypto import shares
from vault.errors import (
    ForeignShareError,
    FormatError,
    MissingSharesError,
    RepeatedShareError,
    ShareError,
    ShareMistypedError,
    WrongShareError,
)

SECRET = bytes(range(32))
OURS = shares.split(SECRET, 3, 5)
OTHERS = shares.split(SECRET, 3, 5)


@st.composite
def splits(draw):
    count = draw(st.integers(2, 16))
    threshold = draw(st.integers(2, count))
    given_shares = draw(st.integers(threshold, count))
    order = draw(st.permutations(range(count)))
    return threshold, count, order[:given_shares]


@settings(deadline=None)  # slow on purpose; a busy machine is no fault
@given(st.binary(min_size=32, max_size=32), splits())
def test_any_k_or_more_in_any_order_restore_the_secret(secret, split):
    threshold, count, chosen = split
    made = shares.split(secret, threshold, count)
    assert len(set(made)) == count
    assert shares.combine([made[index] for index in chosen]) == shares.Combined(secret)


def test_another_tool_puts_ours_together():
    assert combine_mnemonics(OURS[:3]) == SECRET


def test_a_share_has_33_words():
    assert {len(share.split()) for share in OURS} == {33}


@pytest.mark.parametrize(
    "typed",
    [
        OURS[0].upper(),
        OURS[0].replace(" ", "\n"),
        " ".join(word[:4] for word in OURS[0].split()),
        ", ".join(OURS[0].split()),
    ],
)
def test_a_share_is_read_however_it_is_typed(typed):
    assert shares.combine([OURS[4], typed, OURS[2]]).secret == SECRET


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (0, 3), (4, 3), (2, 17), (-1, 2)])
def test_a_threshold_outside_the_bounds_is_refused(threshold, count):
    with pytest.raises(FormatError):
        shares.split(SECRET, threshold, count)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_secret_of_another_size_is_refused(size):
    with pytest.raises(FormatError):
        shares.split(bytes(size), 2, 3)


@given(st.integers(0, 2), st.integers(0, 32), st.integers(1, 1023))
def test_one_wrong_word_names_the_share(at, place, step):
    listed = shares.words.slip39().words
    words = OURS[at].split()
    words[place] = listed[(listed.index(words[place]) + step) % 1024]
    given_shares = [*OURS[:3]]
    given_shares[at] = " ".join(words)
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine(given_shares)
    assert (caught.value.position, caught.value.word) == (at + 1, place + 1)
    assert words[place] not in str(caught.value)


@given(st.integers(0, 31))
def test_two_neighbours_that_changed_places_are_found(place):
    words = OURS[0].split()
    words[place : place + 2] = reversed(words[place : place + 2])
    if words == OURS[0].split():
        return
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine([" ".join(words), *OURS[1:3]])
    assert caught.value.word == place + 1


def test_two_wrong_words_are_noticed_and_no_place_is_made_up():
    words = OURS[0].split()
    words[4], words[20] = words[20], words[4]
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine([" ".join(words), *OURS[1:3]])
    assert (caught.value.position, caught.value.word) == (1, None)


def test_a_word_of_no_list_is_found_by_its_place():
    words = OURS[1].split()
    words[11] = "xyzzy"
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine([OURS[0], " ".join(words), OURS[2]])
    assert (caught.value.position, caught.value.word) == (2, 12)
    assert "share 2, word 12" in str(caught.value)


def test_a_missing_word_is_counted():
    with pytest.raises(ShareMistypedError, match="share 2, 32 words, not 33"):
        shares.combine([OURS[0], " ".join(OURS[1].split()[:-1])])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "xyzzy",
        " ".join(OURS[1].split()[:-1]),
        OURS[1] + " academic",
        " ".join(["xyzzy", *OURS[1].split()[1:]]),
        " ".join(reversed(OURS[1].split())),
        OURS[1] + " " * 2000,
        "1 " * 33,
    ],
)
def test_what_is_no_share_is_named(typed):
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine([OURS[0], typed, OURS[2]])
    assert caught.value.position == 2


def test_a_refusal_does_not_repeat_words():
    typed = " ".join(["xyzzy", *OURS[1].split()[1:]])
    with pytest.raises(ShareMistypedError) as caught:
        shares.combine([OURS[0], typed])
    assert not set(str(caught.value).split()) & {"xyzzy", *OURS[0].split(), *OURS[1].split()}


@pytest.mark.parametrize("at", range(3))
def test_a_share_of_another_set_is_named(at):
    given_shares = [*OURS[:3]]
    given_shares[at] = OTHERS[at]
    with pytest.raises(ForeignShareError) as caught:
        shares.combine(given_shares)
    assert caught.value.position == at + 1


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        (OTHERS[3], ForeignShareError),
        (OURS[0], RepeatedShareError),
        (OURS[3] + " academic", ShareMistypedError),
    ],
)
def test_what_is_wrong_with_a_share_too_many_is_named_and_does_no_harm(extra, kind):
    combined = shares.combine([OURS[0], extra, *OURS[1:3]])
    assert combined.secret == SECRET
    (fault,) = combined.faults
    assert isinstance(fault, kind)
    assert fault.position in {2, 3}


def test_of_two_whole_sets_the_one_looked_for_is_taken():
    old, new = shares.split(b"o" * 32, 2, 3), shares.split(b"n" * 32, 2, 3)
    for mixed in ([*old[:2], *new[:2]], [old[0], new[0], old[1], new[1], new[2]]):
        for secret in (b"o" * 32, b"n" * 32):
            combined = shares.combine(mixed, lambda found, secret=secret: found == secret)
            assert combined.secret == secret
            assert all(isinstance(fault, ForeignShareError) for fault in combined.faults)


def test_a_whole_set_of_another_secret_is_refused():
    with pytest.raises(ShareError) as caught:
        shares.combine(OURS[:3], lambda _: False)
    assert (type(caught.value), caught.value.position) == (ShareError, None)


def test_one_share_is_checked_by_itself():
    assert [shares.check(share) for share in OURS] == [(3, number) for number in range(1, 6)]
    with pytest.raises(ShareMistypedError):
        shares.check(OURS[0] + " academic")


def test_a_secret_does_not_show_in_its_text_form():
    assert repr(shares.combine(OURS[:3])) == "Combined(faults=())"


@pytest.mark.parametrize(
    "made",
    [
        generate_mnemonics(1, [(2, 2)], SECRET, iteration_exponent=1)[0],
        generate_mnemonics(2, [(2, 2), (2, 2)], SECRET, iteration_exponent=0)[0],
    ],
    ids=["slower", "two groups"],
)
def test_shares_of_another_kind_are_refused_before_any_work(made):
    with pytest.raises(ForeignShareError) as caught:
        shares.combine(made)
    assert caught.value.position == 1


def test_a_repeated_share_is_named():
    with pytest.raises(RepeatedShareError) as caught:
        shares.combine([OURS[0], OURS[1], OURS[0].upper()])
    assert caught.value.position == 3


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_shares_say_how_many_are_missing(count):
    with pytest.raises(MissingSharesError) as caught:
        shares.combine(OURS[:count])
    assert (caught.value.missing, caught.value.position) == (3 - count, None)


@pytest.mark.parametrize("given_shares", [[], [OURS[0]] * 17])
def test_no_shares_or_too_many_are_refused(given_shares):
    with pytest.raises(ShareError):
        shares.combine(given_shares)


def test_a_share_made_up_with_a_right_checksum_is_noticed():
    honest = shares._read(OURS[2], 3)
    forged = type(honest)(**{**vars(honest), "value": random.Random(1).randbytes(32)})
    with pytest.raises(ShareError) as caught:
        shares.combine([OURS[0], OURS[1], forged.mnemonic()])
    assert caught.value.position is None
    assert type(caught.value) is ShareError
    combined = shares.combine([OURS[0], forged.mnemonic(), OURS[1], OURS[3]])
    assert combined.secret == SECRET
    (fault,) = combined.faults
    assert (type(fault), fault.position) == (WrongShareError, 2)
