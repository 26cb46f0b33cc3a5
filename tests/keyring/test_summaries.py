"""Summaries: what opens in whose list, and what a writer of the database cannot make of them."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, seal
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, SealError, SignatureError, WitnessVaultError, WrongKeyError
from vault.keyring import summaries
from vault.keyring.summaries import Keeper, Place, Summary

PLACE = Place("7d" * 16, "5c" * 32, "11" * 16)
OFFICER, SIGNING = "22" * 16, SigningKey(bytes(32))
SUMMARY = Summary(
    "victim", "ru", ("held_now",), "ждёт суда", seen=3, replies=2, files=4, waiting=False
)
ELSEWHERE = [
    dataclasses.replace(PLACE, case="00" * 16),
    dataclasses.replace(PLACE, testimony="00" * 32),
    dataclasses.replace(PLACE, member="00" * 16),
]


def makers(member):
    return SIGNING.public if member == OFFICER else None


@pytest.fixture
def keeper(key):
    return Keeper(PLACE.member, key)


def posted(key, place=PLACE, summary=SUMMARY, by=OFFICER, signing=SIGNING):
    return summaries.post(place, key.public, summary, by, signing)


def sealed_to(key, content):
    """What anybody with the public key can make."""
    plain = padding.pad(canonical.dumps(content), summaries.SIZE)
    return b"\x01" + seal.seal(key.public, PLACE.context(summaries.POSTED_USE), plain)


def test_both_forms_open_to_what_was_put_in(keeper, key):
    for stored in (keeper.keep(PLACE, SUMMARY), posted(key)):
        assert keeper.open(PLACE, stored, makers) == SUMMARY


def test_the_two_forms_are_told_apart(keeper, key):
    assert summaries.is_posted(posted(key))
    assert not summaries.is_posted(keeper.keep(PLACE, SUMMARY))


@pytest.mark.parametrize("place", ELSEWHERE)
def test_neither_form_opens_in_another_place(keeper, key, place):
    for stored in (keeper.keep(PLACE, SUMMARY), posted(key)):
        with pytest.raises(SealError):
            keeper.open(place, stored, makers)


def test_nobody_else_opens_either(keeper, key, stranger):
    other = Keeper(PLACE.member, stranger)
    with pytest.raises(SealError):
        other.open(PLACE, keeper.keep(PLACE, SUMMARY), makers)
    with pytest.raises(WrongKeyError):
        other.open(PLACE, posted(key), makers)


def test_one_form_never_passes_for_the_other(keeper, key):
    for stored, tag in ((keeper.keep(PLACE, SUMMARY), 1), (posted(key), 2)):
        with pytest.raises(WitnessVaultError):
            keeper.open(PLACE, bytes((tag,)) + stored[1:], makers)


def test_what_is_sealed_to_the_member_by_somebody_without_a_key_is_no_summary(keeper, key):
    stranger = SigningKey(b"s".ljust(32))
    for by, signing in ((OFFICER, stranger), ("33" * 16, stranger), ("33" * 16, SIGNING)):
        with pytest.raises(SignatureError):
            keeper.open(PLACE, posted(key, by=by, signing=signing), makers)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_signature_for_another_place_does_not_count_here(keeper, key, place):
    plain = keeper_content(key, place)
    with pytest.raises(SignatureError):
        keeper.open(PLACE, sealed_to(key, plain), makers)


def keeper_content(key, place):
    stored = posted(key, place)
    plain = key.open(stored[1:], place.context(summaries.POSTED_USE))
    return canonical.loads(padding.unpad(plain, summaries.SIZE))


@pytest.mark.parametrize("field", ["form", "language", "label"])
def test_a_signed_summary_cannot_be_changed_by_who_seals_it_again(keeper, key, field):
    content = keeper_content(key, PLACE)
    content["summary"][field] = "x"
    with pytest.raises(SignatureError):
        keeper.open(PLACE, sealed_to(key, content), makers)


@pytest.mark.parametrize("content", [None, [], {}, {"by": 1, "signature": "", "summary": {}}])
def test_what_is_no_posted_summary_is_refused(keeper, key, content):
    with pytest.raises(FormatError):
        keeper.open(PLACE, sealed_to(key, content), makers)


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x02", b"\x03" + bytes(2000), b"\x02" * 1053])
def test_what_is_no_summary_is_refused(keeper, stored):
    with pytest.raises(WitnessVaultError):
        keeper.open(PLACE, stored, makers)


def test_every_changed_byte_is_noticed(keeper):
    stored = keeper.keep(PLACE, SUMMARY)
    for at in (0, 1, 12, 13, 500, len(stored) - 1):
        changed = bytearray(stored)
        changed[at] ^= 1
        with pytest.raises(WitnessVaultError):
            keeper.open(PLACE, bytes(changed), makers)


def test_size_says_nothing_about_the_content(keeper, key):
    wide = "\U0001f600" * summaries.MAX_LABEL
    long = Summary("f" * 32, "l" * 32, ("u" * 32,) * 8, wide, 2**53 - 1, 2**53 - 1, 2**53 - 1)
    assert len({len(keeper.keep(PLACE, one)) for one in (SUMMARY, long)}) == 1
    assert len({len(posted(key, summary=one)) for one in (SUMMARY, long)}) == 1


def test_the_wrapping_holds_the_place_and_the_erasure_key():
    erasure = b"e" * 32
    stored = summaries.wrap(erasure, PLACE, b"sealed")
    assert summaries.unwrap(erasure, PLACE, stored) == b"sealed"
    for key, place in ((b"f" * 32, PLACE), *((erasure, place) for place in ELSEWHERE)):
        with pytest.raises(SealError):
            summaries.unwrap(key, place, stored)


@pytest.mark.parametrize(
    "changed",
    [
        {"form": "<b>"},
        {"form": "x" * 33},
        {"language": "ру"},
        {"urgency": ("a b",)},
        {"urgency": ("a",) * 10},
        {"label": "x" * 81},
        {"label": "two\nlines"},
        {"seen": -1},
        {"replies": -1},
        {"files": -1},
    ],
)
def test_bounds_are_kept(changed):
    with pytest.raises(FormatError):
        dataclasses.replace(SUMMARY, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"seen": True},
        {"seen": "1"},
        {"files": True},
        {"waiting": 1},
        {"waiting": None},
        {"urgency": "held_now"},
        {"urgency": [1]},
        {"form": None},
        {"more": 1},
    ],
)
def test_a_summary_is_read_strictly(changed):
    with pytest.raises(FormatError):
        Summary.from_json(SUMMARY.to_json() | changed)
    with pytest.raises(FormatError):
        Summary.from_json(list(changed))


def test_what_a_packet_maker_made_up_is_left_out():
    made = Summary.of_account("no form!", "x" * 40, ["held_now", 5, None, "<b>", *["c"] * 20])
    assert (made.form, made.language) == ("", "")
    assert made.urgency == ("held_now", *["c"] * 8)


def test_nothing_of_a_summary_stands_where_objects_are_printed(keeper):
    shown = repr(SUMMARY) + repr(keeper)
    assert not any(text in shown for text in ("victim", "held_now", "ждёт", "ru'"))
    assert keeper._key.hex() not in shown


@given(
    label=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80),
    seen=st.integers(0, 2**53 - 1),
    waiting=st.booleans(),
)
def test_whatever_is_kept_opens_again(label, seen, waiting):
    keeper = Keeper(PLACE.member, KEY)
    summary = Summary("child", "kk", (), label, seen, 0, seen, waiting)
    assert keeper.open(PLACE, keeper.keep(PLACE, summary), makers) == summary


KEY = seal.OpeningKey(bytes(32))
