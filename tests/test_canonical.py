"""Canonical JSON and base64url: one value, one spelling."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import KEYS
from vault import canonical
from vault.errors import FormatError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_what_is_written_reads_back_equal(value):
    assert canonical.loads(canonical.dumps(value)) == value


@given(json_values)
def test_an_independent_encoder_writes_the_same(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)


def test_every_character_is_written_as_an_independent_encoder_does():
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x11000))))
    value = {"a": everything, "\ue000": 1, "\uffff": 2, "\x00": 3, "\x7f": 4}
    assert canonical.dumps(value) == rfc8785.dumps(value)


def test_keys_are_sorted_and_nothing_is_escaped_that_need_not_be():
    assert canonical.dumps({"ө": 1, "a": "Қ\n"}) == '{"a":"Қ\\n","ө":1}'.encode()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b"\xff",
        b"",
        b"{",
        b'"\\u0061"',
    ],
)
def test_any_other_spelling_is_refused(data):
    with pytest.raises(FormatError):
        canonical.loads(data)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {1: 2},
        2**53,
        -(2**53),
        "\ud800",
        {"\ud800": 1},
        {"\U00010000": 1},
        {"a": [float("nan")]},
        b"",
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(FormatError):
        canonical.dumps(value)


def test_nesting_is_bounded():
    deep = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(FormatError):
        canonical.dumps(deep)
    with pytest.raises(FormatError):
        canonical.loads(b"[" * 100_000)


@given(st.binary())
def test_base64url_round_trip(data):
    assert canonical.unb64(canonical.b64(data), len(data)) == data


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "a+b/", "a b", "я", 5, None])
def test_base64url_has_one_spelling(text):
    with pytest.raises(FormatError):
        canonical.unb64(text)
