"""Invitations: the code is the key; only its holder places keys, and only keys they have."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto.sign import SigningKey
from vault.errors import FormatError, InputError, SignatureError
from vault.roster import invitations
from vault.roster.invitations import Enrolment, key_of, new_code

CODE = "ABCD-EFGH-IJKL-MNOP-QRST-UVWX"
MEMBER_KEY = SigningKey(b"member".ljust(32))
STRANGER = SigningKey(b"stranger".ljust(32))


@pytest.fixture
def enrolment(rosters):
    return Enrolment(
        key_of(CODE).public, rosters.officer, MEMBER_KEY.public, rosters.key("opening").public
    )


def test_a_code_is_six_groups_of_four_and_never_the_same():
    codes = {new_code() for _ in range(20)}
    assert len(codes) == 20
    assert {tuple(map(len, code.split("-"))) for code in codes} == {(4,) * 6}


@pytest.mark.parametrize(
    "typed",
    [
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        f"  {CODE}\n",
        CODE.replace("-", " – "),
        CODE.replace("O", "0").replace("I", "1"),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert key_of(typed).public == key_of(CODE).public


@given(st.binary(min_size=15, max_size=15))
def test_another_code_is_another_key(secret):
    code = invitations.base64.b32encode(secret).decode()
    assert (key_of(code).public == key_of(CODE).public) == (code == CODE.replace("-", ""))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ABCD",
        CODE[:-1],
        CODE + "A",
        CODE + "ABCDEFGH",
        CODE.replace("A", "8"),
        "ы" * 24,
        "=" * 24,
    ],
)
def test_what_is_no_code_is_refused(typed):
    with pytest.raises(InputError):
        key_of(typed)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_without_being_repeated(typed):
    try:
        assert len(key_of(typed).public) == 32
    except InputError as error:
        assert error.detail == "this is no invitation code"  # noqa: PT017 - both ways are right


def test_an_enrolment_signed_by_both_keys_is_accepted(enrolment):
    by_invitation, by_member = enrolment.sign(key_of(CODE), MEMBER_KEY)
    enrolment.check(by_invitation, by_member)


def test_an_enrolment_signed_by_another_code_is_refused(enrolment):
    signatures = enrolment.sign(key_of(CODE[:-1] + "Y"), MEMBER_KEY)
    with pytest.raises(SignatureError):
        enrolment.check(*signatures)


def test_an_enrolment_of_a_key_one_does_not_have_is_refused(enrolment):
    signatures = enrolment.sign(key_of(CODE), STRANGER)
    with pytest.raises(SignatureError):
        enrolment.check(*signatures)


def test_the_two_signatures_cannot_stand_for_each_other(enrolment):
    by_invitation, by_member = enrolment.sign(key_of(CODE), MEMBER_KEY)
    for pair in (
        (by_member, by_invitation),
        (by_invitation, by_invitation),
        (by_member, by_member),
    ):
        with pytest.raises(SignatureError):
            enrolment.check(*pair)


def test_nothing_of_an_enrolment_can_be_changed_after_signing(rosters, enrolment):
    signatures = enrolment.sign(key_of(CODE), MEMBER_KEY)
    for change in (
        {"invitation": STRANGER.public},
        {"member": rosters.lawyer},
        {"signing": STRANGER.public},
        {"opening": rosters.key("attacker").public},
    ):
        with pytest.raises(SignatureError):
            dataclasses.replace(enrolment, **change).check(*signatures)


@pytest.mark.parametrize("opening", [b"", bytes(1215), b"\xff" * 1216])
def test_an_enrolment_without_a_key_of_the_suite_is_refused(enrolment, opening):
    broken = dataclasses.replace(enrolment, opening=opening)
    signatures = broken.sign(key_of(CODE), MEMBER_KEY)
    with pytest.raises(FormatError):
        broken.check(*signatures)
