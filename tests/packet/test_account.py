"""An opened account is believed only as far as the header commits to what it says."""

import copy

import pytest

from vault import canonical
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, MacError
from vault.keyring.compartments import Compartment
from vault.keyring.opening import open_grant
from vault.packet.check import receipts_of
from vault.packet.open_record import open_record
from vault.packet.records import check_mac, seal_record

ACCOUNT = Compartment.ACCOUNT


@pytest.fixture(scope="module")
def account(world, packet):
    key = open_grant(packet.grants[0], world.officer).key(ACCOUNT, 1)
    return open_record(packet.testimony, packet.records[0], key)


@pytest.fixture(scope="module")
def receipts(packet, account):
    return receipts_of(packet.header, account)


def test_the_account_names_both_boxes_the_witnesss_own_first(world, receipts):
    first, second = world.material.boxes
    assert [part.public for part in receipts.parts] == [first.public, second.public]
    keys = (world.material.receipt.addenda_key, world.material.second.addenda_key)
    assert receipts.addenda_keys == keys


def test_every_record_of_the_statement_was_sent_with_the_first_receipt(packet, receipts):
    assert {check_mac(packet.testimony, r, receipts.addenda_keys) for r in packet.records} == {0}


def test_an_addendum_tells_which_receipt_sent_it(world, packet, receipts):
    for index, receipt in enumerate((world.material.receipt, world.material.second)):
        made = world.addendum(packet, receipt)
        found = {check_mac(packet.testimony, r, receipts.addenda_keys) for r in made.records}
        assert found == {index}


def test_an_addendum_by_a_foreign_receipt_is_refused(world, packet, receipts):
    forged = world.addendum(packet, Receipt(b"x" * 16))
    for record in forged.records:
        with pytest.raises(MacError):
            check_mac(packet.testimony, record, receipts.addenda_keys)


def test_only_the_account_names_the_boxes(world, packet):
    keys = world.material.compartments
    for record in packet.records[1:]:
        opened = open_record(packet.testimony, record, keys[record.compartment])
        assert "receipts" not in opened
        with pytest.raises(FormatError):
            receipts_of(packet.header, opened)


def test_a_forged_account_is_not_believed(world, packet):
    """Anybody can seal to the account's public key; nobody else knows what the header hides."""
    attacker = Receipt(b"x" * 16)
    boxes = [
        {
            "public": canonical.b64(world.stranger.public),
            "fixed": canonical.b64(b""),
            "addenda_key": canonical.b64(attacker.addenda_key),
        }
    ] * 2
    forged = seal_record(
        packet.testimony,
        ACCOUNT,
        1,
        packet.header.publics[ACCOUNT],
        record_id=packet.records[0].id,
        kind="statement",
        content={"answers": {}, "receipts": {"salt": canonical.b64(bytes(32)), "boxes": boxes}},
        addenda_key=attacker.addenda_key,
    )
    opened = open_record(packet.testimony, forged, world.material.compartments[ACCOUNT])
    with pytest.raises(FormatError):
        receipts_of(packet.header, opened)


def another_key(field, size):
    def change(receipts):
        receipts["boxes"][0][field] = canonical.b64(b"x" * size)

    return change


def shift(receipts):
    """Move the border between the two keys: the bytes hashed one after the other stay the same."""
    one, other = (canonical.unb64(box["public"]) for box in receipts["boxes"])
    receipts["boxes"][0]["public"] = canonical.b64(one + other[:3])
    receipts["boxes"][1]["public"] = canonical.b64(other[3:])


FAULTS = {
    "salt of another": lambda r: r.update(salt=canonical.b64(bytes(32))),
    "salt short": lambda r: r.update(salt="AA"),
    "extra field": lambda r: r.update(note=""),
    "no boxes": lambda r: r.pop("boxes"),
    "one box": lambda r: r["boxes"].pop(),
    "three boxes": lambda r: r["boxes"].append(r["boxes"][0]),
    "boxes an object": lambda r: r.update(boxes={}),
    "a box a text": lambda r: r["boxes"].__setitem__(0, "x"),
    "boxes exchanged": lambda r: r["boxes"].reverse(),
    "a box twice": lambda r: r["boxes"].__setitem__(1, r["boxes"][0]),
    "another box key": another_key("public", 1216),
    "a box key short": another_key("public", 3),
    "another addenda key": another_key("addenda_key", 32),
    "an addenda key short": another_key("addenda_key", 31),
    "keys shifted": shift,
    "fixed part null": lambda r: r["boxes"][0].update(fixed=None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_account_the_header_does_not_commit_to_is_refused(packet, account, fault):
    changed = copy.deepcopy(account)
    FAULTS[fault](changed["receipts"])
    with pytest.raises(FormatError):
        receipts_of(packet.header, changed)


@pytest.mark.parametrize("value", [None, [], "", {}])
def test_an_account_without_receipts_is_refused(packet, account, value):
    with pytest.raises(FormatError):
        receipts_of(packet.header, {**account, "receipts": value})


def test_a_repr_shows_no_key(receipts):
    assert repr(receipts) == "Receipts()"
