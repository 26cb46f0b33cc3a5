"""Padding: sizes are powers of two, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto.padding import pad, unpad
from vault.errors import FormatError


@given(st.binary(max_size=20_000))
def test_padding_round_trip_in_powers_of_two(data):
    padded = pad(data, 4096)
    assert unpad(padded, 4096) == data
    assert len(padded) >= 4096
    assert len(padded).bit_count() == 1


@pytest.mark.parametrize(("size", "padded"), [(0, 4096), (4092, 4096), (4093, 8192)])
def test_the_edges(size, padded):
    assert len(pad(bytes(size), 4096)) == padded


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        bytes(4095),
        b"\xff\xff\xff\xff" + bytes(4092),
        pad(b"x", 4096)[:-1] + b"\x01",
        pad(b"x", 2048),
        pad(b"x", 4096) + bytes(1),
    ],
)
def test_any_other_padding_is_refused(bad):
    with pytest.raises(FormatError):
        unpad(bad, 4096)


def test_a_message_may_be_padded_to_a_larger_one():
    assert unpad(pad(b"x", 8192), 4096) == b"x"
