"""Grants: opened by their recipient, for their testimony, and for what they say they hold."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, seal
from vault.errors import FormatError, SealError, WitnessVaultError, WrongKeyError
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import (
    FORMAT,
    MAX_SEEDS,
    MINIMUM,
    Grant,
    context,
    parse_compartments,
    seal_grant,
    wrap,
)
from vault.keyring.opening import open_grant, unwrap

TESTIMONY, CASE = "ab" * 32, "cd" * 16
MEMBER = "11" * 16
ERASURE = b"e" * 32
HELD = st.dictionaries(
    st.tuples(st.sampled_from(Compartment), st.integers(1, 2**40)),
    st.binary(min_size=32, max_size=32),
    min_size=1,
    max_size=8,
).map(Seeds)


@pytest.fixture(scope="module")
def grant(key, seeds):
    return seal_grant(TESTIMONY, MEMBER, key.public, seeds)


def forged(key, content, compartments=(Compartment.ACCOUNT,), epoch=1):
    """A grant as somebody without scruples could seal it: anybody can seal to a public key."""
    info = context(TESTIMONY, MEMBER, compartments, epoch)
    sealed = seal.seal(key.public, info, padding.pad(canonical.dumps(content), MINIMUM))
    return Grant(TESTIMONY, MEMBER, compartments, epoch, sealed)


def item(compartment="account", epoch=1, seed=b"a" * 32):
    return {"compartment": compartment, "epoch": epoch, "seed": canonical.b64(seed)}


@given(HELD, st.sampled_from([TESTIMONY, CASE]), st.sampled_from([MEMBER, "recovery"]))
def test_a_grant_opens_to_the_seeds_it_was_made_of(key, held, subject, recipient):
    grant = seal_grant(subject, recipient, key.public, held)
    again = Grant.from_json(subject, canonical.loads(canonical.dumps(grant.to_json())))
    assert again == grant
    assert open_grant(again, key) == held


@given(HELD)
def test_a_grant_says_in_clear_what_it_holds_and_no_seed(key, held):
    grant = seal_grant(TESTIMONY, MEMBER, key.public, held)
    assert grant.compartments == tuple(sorted({c for c, _, _ in held}))
    assert grant.epoch == max(epoch for _, epoch, _ in held)
    text = canonical.dumps(grant.to_json())
    assert not any(seed in text or canonical.b64(seed).encode() in text for _, _, seed in held)


@given(HELD)
def test_the_size_of_a_grant_is_a_power_of_two(key, held):
    size = len(seal_grant(TESTIMONY, MEMBER, key.public, held).sealed) - seal.OVERHEAD
    assert size >= MINIMUM
    assert size.bit_count() == 1


def test_a_grant_does_not_open_for_another_member(grant, stranger):
    with pytest.raises(WrongKeyError):
        open_grant(grant, stranger)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "cd" * 32},
        {"subject": CASE},
        {"recipient": "22" * 16},
        {"recipient": "recovery"},
        {"compartments": (Compartment.ACCOUNT,)},
        {"compartments": (Compartment.ACCOUNT, Compartment.IDENTITY, Compartment.MEDICAL)},
        {"epoch": 1},
        {"epoch": 3},
    ],
)
def test_a_grant_moved_or_relabelled_does_not_open(grant, key, change):
    with pytest.raises(SealError):
        open_grant(dataclasses.replace(grant, **change), key)


@given(data=st.data())
def test_a_grant_with_any_bit_flipped_does_not_open(grant, key, data):
    sealed = bytearray(grant.sealed)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WitnessVaultError):
        open_grant(dataclasses.replace(grant, sealed=bytes(sealed)), key)


@given(data=st.data())
def test_a_grant_cut_anywhere_does_not_open(grant, key, data):
    end = data.draw(st.integers(0, len(grant.sealed) - 1))
    with pytest.raises((FormatError, SealError)):
        open_grant(dataclasses.replace(grant, sealed=grant.sealed[:end]), key)


@pytest.mark.parametrize(
    "content",
    [
        {"format": FORMAT, "seeds": []},
        {"format": FORMAT, "seeds": {}},
        {"format": FORMAT, "seeds": [item(), item(seed=b"b" * 32)]},
        {"format": FORMAT, "seeds": [item("medical")]},
        {"format": FORMAT, "seeds": [item(), item("identity")]},
        {"format": FORMAT, "seeds": [item(epoch=2)]},
        {"format": FORMAT, "seeds": [item(epoch=0)]},
        {"format": FORMAT, "seeds": [item(epoch=True)]},
        {"format": FORMAT, "seeds": [item(seed=b"a" * 31)]},
        {"format": FORMAT, "seeds": [item("everything")]},
        {"format": FORMAT, "seeds": [item([])]},
        {"format": FORMAT, "seeds": [{**item(), "note": ""}]},
        {"format": FORMAT, "seeds": ["account"]},
        {"format": FORMAT, "seeds": [item()] * (MAX_SEEDS + 1)},
        {"format": FORMAT, "seeds": [item()], "note": ""},
        {"format": "witness-vault/grant/v2", "seeds": [item()]},
        {"seeds": [item()]},
        [],
    ],
)
def test_a_grant_that_holds_other_than_it_says_is_refused(key, content):
    with pytest.raises(FormatError):
        open_grant(forged(key, content), key)


def test_the_forger_of_these_tests_makes_a_grant_that_opens_when_it_is_right(key):
    held = open_grant(forged(key, {"format": FORMAT, "seeds": [item()]}), key)
    assert held == Seeds({(Compartment.ACCOUNT, 1): b"a" * 32})


@pytest.mark.parametrize("subject", ["", "ab" * 31, "AB" * 32, "ab" * 32 + "\n", "recovery"])
def test_a_grant_for_no_testimony_and_no_case_is_not_made(key, seeds, subject):
    with pytest.raises(FormatError):
        seal_grant(subject, MEMBER, key.public, seeds)


def test_a_grant_of_nothing_or_of_too_much_is_not_made(key):
    many = {(Compartment.ACCOUNT, n): b"a" * 32 for n in range(1, MAX_SEEDS + 2)}
    for held in (Seeds({}), Seeds(many)):
        with pytest.raises(FormatError):
            seal_grant(TESTIMONY, MEMBER, key.public, held)


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "officer"},
        {"recipient": "11" * 16 + "\n"},
        {"recipient": None},
        {"epoch": 0},
        {"epoch": True},
        {"epoch": "1"},
        {"sealed": "AA="},
        {"sealed": None},
        {"note": ""},
    ],
)
def test_a_grant_of_another_shape_is_refused(grant, change):
    with pytest.raises(FormatError):
        Grant.from_json(TESTIMONY, {**grant.to_json(), **change})


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["medical", "account"],
        ["account", "account"],
        ["Account"],
        [["account"]],
        [None],
        "account",
        {"account": 1},
        None,
        1,
    ],
)
def test_compartments_are_a_sorted_list_each_once(value):
    with pytest.raises(FormatError):
        parse_compartments(value)


# --- the erasure wrapping ------------------------------------------------------------------------


def stored(grant, grant_id="g1", erasure=ERASURE):
    return dataclasses.replace(grant, sealed=wrap(erasure, grant, grant_id))


def test_a_stored_grant_opens_with_the_erasure_key_and_the_members_key(grant, key, seeds):
    assert open_grant(unwrap(ERASURE, stored(grant), "g1"), key) == seeds


def test_a_stored_grant_does_not_open_without_its_erasure_key(grant, key):
    with pytest.raises((FormatError, SealError)):
        open_grant(stored(grant), key)
    with pytest.raises(SealError):
        unwrap(b"x" * 32, stored(grant), "g1")


@pytest.mark.parametrize("change", [{"subject": "cd" * 32}, {"recipient": "22" * 16}])
def test_a_stored_grant_moved_to_another_row_does_not_unwrap(grant, change):
    with pytest.raises(SealError):
        unwrap(ERASURE, dataclasses.replace(stored(grant), **change), "g1")


def test_a_stored_grant_under_another_id_does_not_unwrap(grant):
    with pytest.raises(SealError):
        unwrap(ERASURE, stored(grant), "g2")


@given(data=st.data())
def test_a_stored_grant_with_any_bit_flipped_does_not_unwrap(grant, data):
    wrapped = bytearray(stored(grant).sealed)
    wrapped[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealError):
        unwrap(ERASURE, dataclasses.replace(grant, sealed=bytes(wrapped)), "g1")


def test_two_stored_copies_of_one_grant_do_not_look_alike(grant):
    assert stored(grant).sealed != stored(grant).sealed


def test_a_repr_shows_no_seed(grant, seeds):
    shown = repr(grant) + json.dumps(grant.to_json())
    assert not any(canonical.b64(seed) in shown or repr(seed) in shown for _, _, seed in seeds)
