"""Records: opened in their own place only, of a size that says little, sent by a receipt."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import strategies
from vault.crypto import padding, seal
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, MacError, SealError, WitnessVaultError, WrongKeyError
from vault.keyring.compartments import Compartment
from vault.packet.format import Record
from vault.packet.open_record import open_record
from vault.packet.records import FORMAT, MINIMUM, check_mac, context, seal_record

SUBJECT, RECORD_ID = "ab" * 32, "01" * 16
KEY, STRANGER = seal.OpeningKey(b"account".ljust(32)), seal.OpeningKey(b"stranger".ljust(32))
FIRST, SECOND = Receipt(b"1" * 16).addenda_key, Receipt(b"2" * 16).addenda_key
KEYS = (FIRST, SECOND)
ANSWERS = st.dictionaries(
    strategies.KEYS,
    st.text(st.characters(codec="utf-8"), max_size=2000) | st.integers(-(2**53) + 1, 2**53 - 1),
    max_size=8,
)


def sealed(content=None, public=KEY.public, addenda_key=FIRST, **changes):
    place = {"record_id": RECORD_ID, "kind": "addendum", **changes}
    compartment = place.pop("compartment", Compartment.ACCOUNT)
    return seal_record(
        place.pop("subject", SUBJECT),
        compartment,
        place.pop("epoch", 1),
        public,
        content=content or {"answers": {}},
        addenda_key=addenda_key,
        **place,
    )


@pytest.fixture(scope="module")
def record():
    return sealed()


@given(ANSWERS)
def test_a_record_opens_to_what_was_sealed(answers):
    opened = open_record(SUBJECT, sealed({"answers": answers}), KEY)
    assert opened == {"format": FORMAT, "answers": answers}


@given(ANSWERS)
def test_the_size_of_a_record_is_a_power_of_two_and_the_seal(answers):
    size = len(sealed({"answers": answers}).sealed) - seal.OVERHEAD
    assert size >= MINIMUM
    assert size.bit_count() == 1


def test_an_empty_record_and_a_short_one_are_of_one_size():
    assert len(sealed().sealed) == len(sealed({"answers": {"story": "x" * 3000}}).sealed)


def test_content_cannot_name_another_format():
    opened = open_record(SUBJECT, sealed({"format": "witness-vault/box/v1"}), KEY)
    assert opened["format"] == FORMAT


def test_a_record_does_not_open_with_another_compartments_key(record):
    with pytest.raises(WrongKeyError):
        open_record(SUBJECT, record, STRANGER)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "02" * 16},
        {"compartment": Compartment.MEDICAL},
        {"epoch": 2},
        {"kind": "statement"},
        {"kind": "note"},
    ],
)
def test_a_record_moved_to_another_place_neither_opens_nor_passes_its_mac(record, change):
    moved = dataclasses.replace(record, **change)
    with pytest.raises(SealError):
        open_record(SUBJECT, moved, KEY)
    with pytest.raises(MacError):
        check_mac(SUBJECT, moved, KEYS)


def test_a_record_moved_to_another_testimony_neither_opens_nor_passes_its_mac(record):
    with pytest.raises(SealError):
        open_record("cd" * 32, record, KEY)
    with pytest.raises(MacError):
        check_mac("cd" * 32, record, KEYS)


@given(data=st.data())
def test_a_record_with_any_bit_flipped_neither_opens_nor_passes_its_mac(record, data):
    damaged = bytearray(record.sealed)
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = dataclasses.replace(record, sealed=bytes(damaged))
    with pytest.raises(WitnessVaultError):
        open_record(SUBJECT, changed, KEY)
    with pytest.raises(MacError):
        check_mac(SUBJECT, changed, KEYS)


@given(data=st.data())
def test_a_record_cut_anywhere_does_not_open(record, data):
    end = data.draw(st.integers(0, len(record.sealed) - 1))
    with pytest.raises((FormatError, SealError)):
        open_record(SUBJECT, dataclasses.replace(record, sealed=record.sealed[:end]), KEY)


def test_a_mac_tells_which_receipt_sent_the_record():
    assert check_mac(SUBJECT, sealed(addenda_key=FIRST), KEYS) == 0
    assert check_mac(SUBJECT, sealed(addenda_key=SECOND), KEYS) == 1


def test_a_record_sealed_by_somebody_without_a_receipt_is_refused():
    for foreign in (Receipt(b"3" * 16).addenda_key, Receipt(b"1" * 16).instructions_key, b""):
        with pytest.raises(MacError):
            check_mac(SUBJECT, sealed(addenda_key=foreign), KEYS)


@given(st.binary(max_size=40))
def test_no_other_mac_passes(record, mac):
    with pytest.raises(MacError):
        check_mac(SUBJECT, dataclasses.replace(record, mac=mac), KEYS)


@pytest.mark.parametrize(
    "plain",
    [
        padding.pad(b"{}", MINIMUM),
        padding.pad(b"[]", MINIMUM),
        padding.pad(b'{"format":"witness-vault/record/v2"}', MINIMUM),
        padding.pad(b'{ "format":"witness-vault/record/v1"}', MINIMUM),
        padding.pad(b'{"format":"witness-vault/record/v1"}', MINIMUM // 2),
        b'{"format":"witness-vault/record/v1"}',
        bytes(MINIMUM),
        b"",
    ],
)
def test_what_opens_but_is_no_record_is_refused(plain):
    info = context(SUBJECT, Compartment.ACCOUNT, 1, RECORD_ID, "note")
    record = Record(RECORD_ID, Compartment.ACCOUNT, 1, "note", seal.seal(KEY.public, info, plain))
    with pytest.raises(FormatError):
        open_record(SUBJECT, record, KEY)
