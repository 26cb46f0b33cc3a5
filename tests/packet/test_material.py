"""Material: one secret gives everything of a testimony, the same each time, and shows nothing."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.errors import RosterError
from vault.keyring.compartments import OF_TESTIMONY
from vault.packet.material import Material, account_commitment, collector_commitment

SECRETS = st.binary(min_size=32, max_size=32)


def everything(material):
    return [
        material.receipt.entropy,
        material.second.entropy,
        *(key.seed for key in material.boxes),
        *(material.compartments[c].seed for c in OF_TESTIMONY),
        *(bytes.fromhex(material.record_id(c)) for c in OF_TESTIMONY),
        *(material.bytes_for(use) for use in ("account-salt", "collector-salt")),
    ]


@given(SECRETS)
def test_the_same_secret_gives_the_same_and_no_two_uses_share_bytes(secret):
    values = everything(Material(secret))
    assert values == everything(Material(secret))
    assert len(set(values)) == len(values)


@given(SECRETS, SECRETS)
def test_two_secrets_share_nothing(one, other):
    shared = set(everything(Material(one))) & set(everything(Material(other)))
    assert bool(shared) == (one == other)


def test_new_material_is_never_the_same():
    assert Material.generate() != Material.generate()


def test_a_repr_shows_nothing():
    assert repr(Material(b"m" * 32)) == "Material()"


def test_a_resend_has_the_same_testimony_id_and_the_same_words(world, packet):
    again = world.build()
    assert again.id == packet.id
    assert [r.id for r in again.records] == [r.id for r in packet.records]
    assert [b.locator for b in again.boxes] == [b.locator for b in packet.boxes]


def test_an_addendum_sent_again_has_the_same_id(world, packet, addendum):
    assert world.addendum(packet).id == addendum.id
    assert world.addendum(packet, secret=b"t" * 32).id != addendum.id


def test_a_commitment_binds_each_key_in_its_place():
    salt, boxes, keys = bytes(32), (b"a" * 1216, b"b" * 1216), (b"c" * 32, b"d" * 32)
    values = {
        account_commitment(salt, boxes, keys),
        account_commitment(b"x" * 32, boxes, keys),
        account_commitment(salt, boxes[::-1], keys),
        account_commitment(salt, boxes, keys[::-1]),
        collector_commitment(salt, keys),
        collector_commitment(salt, keys[::-1]),
        collector_commitment(b"x" * 32, keys),
    }
    assert len(values) == 7


@pytest.mark.parametrize("who", ["22" * 16, "recovery"])
def test_nobody_outside_the_roster_is_sealed_to(world, who):
    with pytest.raises(RosterError):
        world.build(recipients=((who, world.officer.public),))


def test_no_other_key_is_sealed_to_under_a_members_id(world):
    recipients = ((world.roster.members[0].id, world.stranger.public),)
    with pytest.raises(RosterError):
        world.build(recipients=recipients)


def test_a_packet_holds_no_secret_in_clear(world):
    for allowed, own in itertools.product((True, False), repeat=2):
        encoded = world.build(reading_allowed=allowed, own_reading=own).encode()
        for secret in (world.material.secret, *everything(world.material)[:7]):
            assert secret not in encoded
            assert canonical.b64(secret).encode() not in encoded
