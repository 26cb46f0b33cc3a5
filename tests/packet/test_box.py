"""The box: opened by its receipt alone; whoever writes it cannot state what the receipt vouches."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, seal
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, MacError, SealError, WitnessVaultError, WrongKeyError
from vault.keyring.compartments import Compartment
from vault.keyring.epochs import begin
from vault.packet import box
from vault.packet.box import Current, Fixed, context, fixed_mac, locator, seal_fixed
from vault.packet.build import newest_publics
from vault.packet.open_box import open_box
from vault.packet.seal_box import BoxPart, seal_boxes

BEGAN = "2026-11-20"
ACCOUNT, MEDICAL, IDENTITY = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.IDENTITY
TEXT = st.text(st.characters(codec="utf-8"), max_size=3000)
ITEMS = st.lists(st.dictionaries(st.text("abc", max_size=3), TEXT, max_size=2), max_size=3)
CURRENT = st.builds(
    Current,
    st.dates().map(lambda day: day.isoformat()),
    st.none() | st.just({"document": {}, "signature": ""}),
    *[ITEMS.map(tuple)] * 3,
)


@pytest.fixture(scope="module")
def receipt(world):
    return world.material.receipt


@pytest.fixture(scope="module")
def parts(world, packet):
    """Both boxes as the holder of the account knows them."""
    content = world.statement()
    made = []
    for one in (world.material.receipt, world.material.second):
        fixed = Fixed(b"i" * 32, None, (), content.form["id"], content.language, content.day)
        made.append(
            BoxPart(
                seal.OpeningKey(one.box_seed).public,
                seal_fixed(one, packet.testimony, packet.header.publics, fixed),
            )
        )
    return tuple(made)


def plain_of(receipt, sealed):
    key = seal.OpeningKey(receipt.box_seed)
    frame = key.open(sealed, context(box.FORMAT, key.public))
    return canonical.loads(padding.unpad(frame, box.MINIMUM))


def written(receipt, value):
    """A box as whoever knows its public key could write it."""
    public = seal.OpeningKey(receipt.box_seed).public
    padded = padding.pad(canonical.dumps(value), box.MINIMUM)
    return seal.seal(public, context(box.FORMAT, public), padded)


@given(CURRENT)
def test_a_box_opens_to_what_was_written(world, packet, parts, current):
    first, second = seal_boxes(packet.header, parts, current, BEGAN)
    opened = open_box(world.material.receipt, first)
    assert opened.testimony == packet.testimony
    assert opened.current == current
    assert open_box(world.material.second, second).current == Current(BEGAN)


@given(CURRENT)
def test_both_boxes_are_of_one_size_whatever_stands_in_them(packet, parts, current):
    first, second = seal_boxes(packet.header, parts, current, BEGAN)
    assert len(first) == len(second)
    assert (len(first) - seal.OVERHEAD).bit_count() == 1
    assert len(first) - seal.OVERHEAD >= box.MINIMUM


def test_fifty_replies_make_no_box_larger_than_an_unopened_one(packet, parts):
    """Else the size of the second box says that there is a conversation in another."""
    document = {
        "text": "я" * 300,
        "subject": packet.testimony,
        "author": "11" * 16,
        "id": "22" * 16,
    }
    reply = {"document": document, "signature": "s" * 86}
    current = Current(BEGAN, {"document": {"keys": "k" * 6000}, "signature": ""}, (), (reply,) * 50)
    empty = seal_boxes(packet.header, parts, Current(BEGAN), BEGAN)
    full = seal_boxes(packet.header, parts, current, BEGAN)
    assert {*map(len, full)} == {*map(len, empty)}


@given(
    identity=st.binary(min_size=32, max_size=32),
    own=st.none() | st.fixed_dictionaries({"story": st.text("абв\n", max_size=3000)}),
    language=st.sampled_from(["kk", "ru", "en"]),
)
def test_a_fixed_part_is_carried_unread_and_opens_to_what_was_sealed(
    world, packet, parts, identity, own, language
):
    fixed = Fixed(identity, own, packet.grants, "torture", language, "2026-11-22")
    one = seal_fixed(world.material.receipt, packet.testimony, packet.header.publics, fixed)
    first, _ = seal_boxes(
        packet.header, (BoxPart(parts[0].public, one), parts[1]), Current("2026-11-23"), BEGAN
    )
    assert open_box(world.material.receipt, first).fixed == fixed


def test_a_box_gives_the_keys_that_addenda_are_sealed_to(world, packet):
    opened = open_box(world.material.receipt, world.box_of(packet, 0).box)
    assert opened.publics == packet.header.publics
    epoch, _ = begin(packet.testimony, 2, (ACCOUNT,), None, "11" * 16, "2026-11-22")
    newest = newest_publics(opened.publics, epoch)
    assert newest[ACCOUNT] == (2, epoch.publics[ACCOUNT])
    assert newest[IDENTITY] == (1, packet.header.publics[IDENTITY])
    assert {number for number, _ in newest_publics(opened.publics, None).values()} == {1}


def test_a_box_bears_the_name_of_its_key(world, packet):
    for index, key in enumerate(world.material.boxes):
        made = world.box_of(packet, index)
        assert made.locator == locator(key.public)
        assert {seal.sealed_for(f).hex() for f in (made.box, made.sent)} == {made.locator}


def test_a_box_opens_with_no_other_receipt(world, packet):
    for index, other in ((0, world.material.second), (1, world.material.receipt)):
        for receipt in (other, Receipt(b"x" * 16)):
            with pytest.raises(WrongKeyError):
                open_box(receipt, world.box_of(packet, index).box)


def test_the_file_of_what_was_sent_is_no_box_and_no_box_is_it(world, packet, receipt):
    first = world.box_of(packet, 0)
    with pytest.raises(SealError):
        open_box(receipt, first.sent)


@given(data=st.data())
def test_a_box_with_any_bit_flipped_does_not_open(world, packet, receipt, data):
    sealed = bytearray(world.box_of(packet, 0).box)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WitnessVaultError):
        open_box(receipt, bytes(sealed))


@given(data=st.data())
def test_a_box_cut_anywhere_does_not_open(world, packet, receipt, data):
    sealed = world.box_of(packet, 0).box
    with pytest.raises((FormatError, SealError)):
        open_box(receipt, sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_a_box_that_names_other_keys_is_refused(world, packet, receipt):
    """A former holder of the account knows the box's public key and its sealed fixed part."""
    value = plain_of(receipt, world.box_of(packet, 0).box)
    attacker = canonical.b64(world.stranger.public)
    for name in (ACCOUNT, MEDICAL):
        forged = {**value, "publics": {**value["publics"], name: attacker}}
        with pytest.raises(MacError):
            open_box(receipt, written(receipt, forged))
    assert open_box(receipt, written(receipt, value)).testimony == packet.testimony


def test_a_box_that_names_another_testimony_is_refused(world, packet, receipt):
    value = plain_of(receipt, world.box_of(packet, 0).box)
    with pytest.raises(MacError):
        open_box(receipt, written(receipt, {**value, "testimony": "cd" * 32}))


def test_a_fixed_part_made_by_another_is_refused(world, packet, parts, receipt):
    """It could hold an identity seed that the attacker knows."""
    fixed = Fixed(b"known to the attacker".ljust(32), None, (), "torture", "ru", "2026-11-22")
    public = parts[0].public
    mac = fixed_mac(Receipt(b"x" * 16), packet.testimony, packet.header.publics, fixed)
    plain = canonical.dumps({"fixed": fixed.to_json(), "mac": canonical.b64(mac)})
    sealed = seal.seal(
        public, context(box.FIXED_FORMAT, public), padding.pad(plain, box.FIXED_MINIMUM)
    )
    first, _ = seal_boxes(
        packet.header, (BoxPart(public, sealed), parts[1]), Current("2026-11-22"), BEGAN
    )
    with pytest.raises(MacError):
        open_box(receipt, first)


def test_a_fixed_part_of_another_testimony_under_the_same_words_is_refused(world, parts, receipt):
    other = world.build(type(world.material)(b"another".ljust(32)))
    first, _ = seal_boxes(other.header, parts, Current("2026-11-22"), BEGAN)
    with pytest.raises(MacError):
        open_box(receipt, first)


def test_nobody_writes_a_box_with_the_fixed_part_of_another(packet, parts):
    exchanged = (BoxPart(parts[0].public, parts[1].fixed), parts[1])
    with pytest.raises(FormatError):
        seal_boxes(packet.header, exchanged, Current("2026-11-22"), BEGAN)


BOX_FAULTS = {
    "version": {"format": "witness-vault/box/v2"},
    "extra field": {"note": ""},
    "testimony": {"testimony": "ab"},
    "publics": {"publics": []},
    "public": {"publics": {"account": "AA", "medical": "AA"}},
    "fixed": {"fixed": None},
    "current": {"current": {}},
    "current a list": {"current": []},
}


@pytest.mark.parametrize("fault", BOX_FAULTS)
def test_what_opens_but_is_no_box_is_refused(world, packet, receipt, fault):
    value = plain_of(receipt, world.box_of(packet, 0).box)
    with pytest.raises(FormatError):
        open_box(receipt, written(receipt, {**value, **BOX_FAULTS[fault]}))


@pytest.mark.parametrize(
    "change",
    [
        {"day": 1},
        {"epoch": []},
        {"epoch": "x"},
        {"handlers": {}},
        {"handlers": ["x"]},
        {"replies": [[]]},
        {"openings": [None]},
        {"note": ""},
    ],
)
def test_a_current_part_of_another_shape_is_refused(change):
    with pytest.raises(FormatError):
        Current.from_json({**Current("2026-11-22").to_json(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"format": "witness-vault/fixed/v2"},
        {"seeds": []},
        {"seeds": {"identity": canonical.b64(bytes(32))}},
        {"seeds": {"identity": "AA", "account": None}},
        {"seeds": {"identity": canonical.b64(bytes(32)), "account": "AA"}},
        {"held": {}},
        {"held": None},
        {"held": ["x"]},
        {"form": 1},
        {"language": None},
        {"day": []},
        {"note": ""},
    ],
)
def test_a_fixed_part_of_another_shape_is_refused(change):
    fixed = Fixed(bytes(32), None, (), "torture", "ru", "2026-11-22")
    with pytest.raises(FormatError):
        Fixed.from_json("ab" * 32, {**fixed.to_json(), **change})


def test_a_repr_shows_no_seed(world, packet, receipt):
    opened = open_box(receipt, world.box_of(packet, 0).box)
    shown = repr(dataclasses.replace(opened, publics={}))
    assert repr(opened.fixed.identity_seed) not in shown
    assert "seed" not in shown
