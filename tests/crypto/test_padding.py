"""Padding: sizes are powers of two, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import padding
from vault.crypto.padding import pad, unpad
from vault.errors import FormatError, SealError


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


@pytest.mark.parametrize("size", [1, 3, 65_535, 65_536, 65_537, 81_920, 81_921, 1 << 20, 4_321_987])
def test_a_file_is_filled_by_a_quarter_at_most_and_comes_back(size):
    body = b"x" * size
    filled = list(padding.fill([body[:1000], body[1000:]]))
    total = sum(map(len, filled))
    assert total == padding.filled_size(size) == padding.filled_size(total)
    assert total == padding.SMALLEST_FILE or total < size * 5 / 4
    joined = b"".join(filled)
    pieces = [joined[at : at + 60_000] for at in range(0, total, 60_000)]
    assert b"".join(padding.unfill(pieces, size)) == body


def test_between_two_powers_of_two_a_file_has_one_of_four_sizes():
    sizes = {padding.filled_size(size) for size in range((1 << 20) + 1, (1 << 21) + 1, 997)}
    assert sizes == {5 << 18, 6 << 18, 7 << 18, 8 << 18}


@pytest.mark.parametrize("said", [0, 1, 99, 65_537])
def test_a_file_of_another_size_than_was_said_is_refused(said):
    filled = b"".join(padding.fill([b"x" * 100]))
    with pytest.raises(SealError):
        b"".join(padding.unfill([filled], said))


def test_what_is_not_filled_is_refused():
    for wrong in (b"x" * 100, b"x" * 100 + bytes(65_435), b"x" * 100 + bytes(65_437), b""):
        with pytest.raises(SealError):
            b"".join(padding.unfill([wrong], 100))
