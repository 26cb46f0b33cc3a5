"""Epochs: public keys that a member signed; never of identity; nothing can be swapped in."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, SignatureError
from vault.keyring.compartments import Compartment
from vault.keyring.epochs import Epoch, begin

TESTIMONY, CASE, MEMBER = "ab" * 32, "cd" * 16, "11" * 16
MAKER, STRANGER = SigningKey(b"maker".ljust(32)), SigningKey(b"stranger".ljust(32))
BOTH = (Compartment.ACCOUNT, Compartment.MEDICAL)


@pytest.fixture(scope="module")
def begun():
    return begin(TESTIMONY, 2, BOTH, None, MEMBER, "2026-11-22")


@pytest.fixture(scope="module")
def epoch(begun):
    return begun[0]


@given(
    subject=st.sampled_from([TESTIMONY, CASE]),
    number=st.integers(1, 2**53 - 1),
    compartments=st.sets(st.sampled_from([*BOTH, Compartment.WORK]), min_size=1).map(
        lambda chosen: tuple(sorted(chosen))
    ),
    previous=st.none() | st.binary(min_size=32, max_size=32),
)
def test_an_epoch_reads_back_as_written_and_verifies(subject, number, compartments, previous):
    epoch, _ = begin(subject, number, compartments, previous, MEMBER, "2026-11-22")
    again = Epoch.from_json(canonical.loads(epoch.encode()))
    assert again == epoch
    assert again.hash == epoch.hash
    assert again.check(epoch.signed(MAKER), MAKER.public) is again


def test_the_seeds_of_a_new_epoch_open_its_public_keys(begun):
    epoch, seeds = begun
    for compartment in BOTH:
        assert seeds.key(compartment, 2).public == epoch.publics[compartment]


def test_two_epochs_never_share_a_key():
    made = [begin(TESTIMONY, 2, BOTH, None, MEMBER, "2026-11-22")[0] for _ in range(2)]
    assert len({public for epoch in made for public in epoch.publics.values()}) == 4


def test_an_epoch_with_anything_changed_after_signing_is_refused(epoch):
    signature = epoch.signed(MAKER)
    attacker = OpeningKey(b"attacker".ljust(32)).public
    for change in (
        {"publics": {**epoch.publics, Compartment.ACCOUNT: attacker}},
        {"publics": {Compartment.ACCOUNT: epoch.publics[Compartment.ACCOUNT]}},
        {"publics": dict(zip(BOTH, reversed(list(epoch.publics.values())), strict=True))},
        {"subject": "cd" * 32},
        {"number": 3},
        {"previous": bytes(32)},
        {"made_by": "22" * 16},
        {"day": "2026-11-23"},
    ):
        with pytest.raises(SignatureError):
            dataclasses.replace(epoch, **change).check(signature, MAKER.public)


def test_an_epoch_signed_by_another_member_is_refused(epoch):
    with pytest.raises(SignatureError):
        epoch.check(epoch.signed(STRANGER), MAKER.public)


def test_a_signature_for_another_kind_of_document_is_refused(epoch):
    other = MAKER.sign("witness-vault/reply/v1", epoch.encode())
    with pytest.raises(SignatureError):
        epoch.check(other, MAKER.public)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "witness-vault/epoch/v2"},
        {"subject": "ab" * 31},
        {"subject": None},
        {"epoch": 0},
        {"epoch": True},
        {"epoch": "2"},
        {"publics": {}},
        {"publics": []},
        {"publics": {"account": "AA"}},
        {"publics": {"account": None}},
        {"publics": {"everything": "AA"}},
        {"previous": "AA"},
        {"made_by": "officer"},
        {"day": "2026-11-22T10:00:00Z"},
        {"day": "٢٠٢٦-11-22"},
        {"note": ""},
    ],
)
def test_an_epoch_of_another_shape_is_refused(epoch, change):
    with pytest.raises(FormatError):
        Epoch.from_json({**epoch.to_json(), **change})


def test_an_epoch_never_names_identity(epoch):
    public = canonical.b64(OpeningKey(bytes(32)).public)
    with pytest.raises(FormatError):
        Epoch.from_json({**epoch.to_json(), "publics": {"identity": public}})
