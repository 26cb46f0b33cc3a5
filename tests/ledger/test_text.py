import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import FormatError
from vault.ledger.text import MAX_NUMBER, decode_base64, decode_utf8, encode_base64, parse_decimal


@given(st.binary(max_size=40))
def test_base64_is_read_back_as_it_was_written(data):
    assert decode_base64(encode_base64(data)) == data


@given(st.integers(0, MAX_NUMBER))
def test_a_decimal_is_read_back_as_it_was_written(number):
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize(
    "bad", ["AAA", "AAAA=", "AAA==", "AB==", "AA-_", "AA AA", "AAAA\n", "әәәә"]
)
def test_a_second_spelling_of_base64_is_refused(bad):
    with pytest.raises(FormatError):
        decode_base64(bad)


def test_base64_of_another_size_is_refused():
    with pytest.raises(FormatError):
        decode_base64("AAAA", 2)


@pytest.mark.parametrize(
    "bad", ["", "00", "01", "+1", "-1", " 1", "1\n", "1_0", "0x1", "1.0", "٨", str(MAX_NUMBER + 1)]
)
def test_a_second_spelling_of_a_number_is_refused(bad):
    with pytest.raises(FormatError):
        parse_decimal(bad)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80"])
def test_what_is_not_utf8_is_refused(bad):
    with pytest.raises(FormatError):
        decode_utf8(bad)
