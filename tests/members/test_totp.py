"""Authenticator codes: those of RFC 6238, and nothing but them."""

from __future__ import annotations

import pytest

from vault import clock
from vault.errors import InputError
from vault.members import totp

RFC_SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
NOW = 1234567890


@pytest.fixture
def at(monkeypatch):
    def set_time(seconds):
        monkeypatch.setattr(clock, "now", lambda: seconds)

    set_time(NOW)
    return set_time


@pytest.mark.parametrize("seconds", VECTORS)
def test_the_codes_are_those_of_the_standard(at, seconds):
    at(seconds)
    assert totp.code_at(RFC_SECRET, totp.step_now()) == VECTORS[seconds]
    assert totp.matching_step(RFC_SECRET, VECTORS[seconds]) == seconds // 30


@pytest.mark.parametrize("typed", ["005924", "005 924", " 005924\n", "005-924"])
def test_digits_are_read_as_people_type_them(at, typed):
    assert totp.matching_step(RFC_SECRET, typed) == NOW // 30


@pytest.mark.parametrize(
    "typed", ["", "00592", "0059244", "٠٠٥٩٢٤", "00592A", "005924" * 20, "\ud800", "-05924"]
)
def test_what_is_no_code_is_none(at, typed):
    assert totp.matching_step(RFC_SECRET, typed) is None


@pytest.mark.parametrize(("off", "accepted"), [(-2, 0), (-1, 1), (0, 1), (1, 1), (2, 0)])
def test_a_clock_may_be_one_step_off_and_no_more(at, off, accepted):
    code = totp.code_at(RFC_SECRET, NOW // 30 + off)
    assert totp.matching_step(RFC_SECRET, code) == (NOW // 30 + off if accepted else None)


def test_a_step_that_was_used_and_every_earlier_one_count_no_more(at):
    step = NOW // 30
    for used in (step, step + 1):
        assert totp.matching_step(RFC_SECRET, VECTORS[NOW], after=used) is None
    assert totp.matching_step(RFC_SECRET, VECTORS[NOW], after=step - 1) == step


def test_secrets_have_160_bits_and_are_never_the_same():
    made = {totp.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(secret) for secret in made} == {20}


def test_a_secret_is_read_as_it_was_written():
    assert totp.groups_of(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    for text in (totp.text_of(RFC_SECRET), totp.groups_of(RFC_SECRET).lower()):
        assert totp.secret_of(text) == RFC_SECRET


@pytest.mark.parametrize("text", ["", "GEZD", "1" * 32, "ЖЖЖЖ" * 8, "A" * 40])
def test_what_is_no_secret_is_refused_and_not_repeated(text):
    with pytest.raises(InputError) as caught:
        totp.secret_of(text)
    assert not text or text not in str(caught.value)


def test_the_address_names_the_label_and_nothing_else():
    address = totp.address_of(RFC_SECRET, "staff room")
    assert address == (
        "otpauth://totp/staff%20room?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=staff%20room"
    )
