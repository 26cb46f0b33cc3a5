"""Signatures: valid for one key, one context, one message."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import sign
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, SignatureError

# RFC 8032, section 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNED = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
KEY = SigningKey(SEED)
CONTEXT = "witness-vault/roster/v1"

contexts = st.from_regex(r"[!-~]{1,100}", fullmatch=True)
texts = st.binary(max_size=100).filter(lambda text: b"\0" not in text)


def test_the_key_and_a_raw_signature_are_those_of_rfc_8032():
    assert KEY.public == PUBLIC
    assert KEY.sign_raw(b"\x72") == SIGNED
    sign.verify_raw(PUBLIC, b"\x72", SIGNED)


def test_what_is_signed_is_the_context_a_zero_byte_and_the_message():
    expected = Ed25519PrivateKey.from_private_bytes(SEED).sign(CONTEXT.encode() + b"\0hello")
    assert KEY.sign(CONTEXT, b"hello") == expected


@given(st.binary(min_size=32, max_size=32), contexts, st.binary(max_size=100))
def test_a_signature_verifies(seed, context, message):
    key = SigningKey(seed)
    signature = key.sign(context, message)
    assert len(signature) == 64
    sign.verify(key.public, context, message, signature)


@given(texts)
def test_a_raw_signature_verifies(text):
    sign.verify_raw(KEY.public, text, KEY.sign_raw(text))


@pytest.mark.parametrize(
    ("public", "context", "message"),
    [
        (SigningKey(bytes(32)).public, CONTEXT, b"hello"),
        (PUBLIC, "witness-vault/roster/v2", b"hello"),
        (PUBLIC, CONTEXT, b"hello "),
        (PUBLIC, CONTEXT, b""),
    ],
)
def test_another_key_context_or_message_does_not_verify(public, context, message):
    signature = KEY.sign(CONTEXT, b"hello")
    with pytest.raises(SignatureError):
        sign.verify(public, context, message, signature)


@given(st.integers(0, 511))
def test_any_changed_bit_does_not_verify(bit):
    signature = bytearray(KEY.sign(CONTEXT, b"hello"))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignatureError):
        sign.verify(PUBLIC, CONTEXT, b"hello", bytes(signature))


@given(contexts, st.binary(max_size=50))
def test_a_raw_signature_never_passes_for_one_with_a_context_nor_the_other_way(context, message):
    both = context.encode() + b"\0" + message
    with pytest.raises(FormatError):
        KEY.sign_raw(both)
    with pytest.raises(SignatureError):
        sign.verify_raw(PUBLIC, both, KEY.sign(context, message))


@given(texts, contexts, st.binary(max_size=50))
def test_a_signed_text_is_no_signature_with_any_context(text, context, message):
    with pytest.raises(SignatureError):
        sign.verify(PUBLIC, context, message, KEY.sign_raw(text))


@pytest.mark.parametrize("context", ["", "a\0b", "a b", "a\n", "роль", "a" * 101])
def test_a_context_is_short_printable_ascii(context):
    with pytest.raises(FormatError):
        KEY.sign(context, b"")
    with pytest.raises(FormatError):
        sign.verify(PUBLIC, context, b"", bytes(64))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_size_is_refused(size):
    with pytest.raises(FormatError):
        SigningKey(bytes(size))


@pytest.mark.parametrize(
    ("public", "signature"),
    [
        (PUBLIC[:-1], bytes(64)),
        (PUBLIC + b"\0", bytes(64)),
        (b"", bytes(64)),
        (PUBLIC, b""),
        (PUBLIC, bytes(63)),
        (PUBLIC, bytes(65)),
    ],
)
def test_a_malformed_key_or_signature_does_not_verify(public, signature):
    with pytest.raises(SignatureError):
        sign.verify(public, CONTEXT, b"hello", signature)
    with pytest.raises(SignatureError):
        sign.verify_raw(public, b"hello", signature)


P = 2**255 - 19
# Every 32-byte string that decodes to a point of order 1, 2, 4 or 8.
SMALL_ORDER = [
    (y | sign_bit << 255).to_bytes(32, "little")
    for y in sorted(sign._SMALL_ORDER | {P, P + 1})
    for sign_bit in (0, 1)
]


@pytest.mark.parametrize("public", SMALL_ORDER, ids=bytes.hex)
def test_a_key_that_any_signature_fits_is_refused(public):
    # With the neutral point as R and 0 as S, such keys let one signature pass for many messages.
    signature = (1).to_bytes(32, "little") + bytes(32)
    for number in range(16):
        with pytest.raises(SignatureError):
            sign.verify_raw(public, b"message %d" % number, signature)


def test_the_points_of_small_order_are_all_there():
    d = -121665 * pow(121666, -1, P) % P

    def y_of_double(y):
        # On -x^2 + y^2 = 1 + d x^2 y^2: x^2 from y, then y(2P) = (y^2 + x^2) / (2 + x^2 - y^2).
        xx = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
        return (y * y + xx) * pow(2 - y * y + xx, -1, P) % P

    orders = {}
    for y in sign._SMALL_ORDER:
        order, at = 1, y
        while at != 1:
            order, at = 2 * order, y_of_double(at)
        orders[y] = order
    assert sorted(orders.values()) == [1, 2, 4, 8, 8]


def test_the_private_half_is_not_shown():
    assert repr(KEY) == f"SigningKey(public={PUBLIC.hex()})"
    assert not hasattr(KEY, "__dict__")
