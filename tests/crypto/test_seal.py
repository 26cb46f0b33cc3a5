"""Sealing: the right key in the right context opens, everything else is told apart and refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import seal
from vault.errors import FormatError, SealError, UnknownVersionError, WrongKeyError

KEY = seal.OpeningKey(bytes(range(32)))
OTHER = seal.OpeningKey(bytes(32))


@given(st.binary(max_size=5000), st.binary(max_size=seal.MAX_INFO))
def test_what_is_sealed_opens_equal(plaintext, info):
    sealed = seal.seal(KEY.public, info, plaintext)
    assert len(sealed) == len(plaintext) + seal.OVERHEAD
    assert KEY.open(sealed, info) == plaintext


def test_a_seed_gives_one_key_pair():
    assert seal.OpeningKey(KEY.seed).public == KEY.public
    assert len(KEY.public) == seal.PUBLIC_SIZE


def test_another_key_is_told_apart_from_damage():
    with pytest.raises(WrongKeyError):
        OTHER.open(seal.seal(KEY.public, b"", b"x"), b"")


def test_another_context_does_not_open():
    with pytest.raises(SealError):
        KEY.open(seal.seal(KEY.public, b"one", b"x"), b"two")


def test_every_flipped_byte_is_refused():
    sealed = seal.seal(KEY.public, b"i", b"x" * 8)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises((SealError, UnknownVersionError)):
            KEY.open(bytes(changed), b"i")


@pytest.mark.parametrize("size", [0, 1, seal.OVERHEAD - 1])
def test_a_cut_frame_is_a_format_error(size):
    with pytest.raises(FormatError):
        KEY.open(seal.seal(KEY.public, b"", b"")[:size], b"")


def test_an_unknown_version_is_named():
    sealed = b"\x02" + seal.seal(KEY.public, b"", b"x")[1:]
    with pytest.raises(UnknownVersionError):
        KEY.open(sealed, b"")


@pytest.mark.parametrize(
    "public", [b"", bytes(1215), b"\xff" * 1216, KEY.public[:1184] + bytes(32)]
)
def test_what_is_no_public_key_is_refused(public):
    with pytest.raises(FormatError):
        seal.seal(public, b"", b"x")


def test_a_long_context_is_refused():
    with pytest.raises(FormatError):
        seal.seal(KEY.public, bytes(seal.MAX_INFO + 1), b"x")


def test_the_seed_is_not_in_the_representation():
    key = seal.OpeningKey(b"planted-planted-planted-planted!")
    assert "planted" not in repr(key)
    assert key.seed.hex() not in repr(key)
