"""Instructions about deletion have one meaning each; a certificate opens for its box alone."""

import dataclasses
import itertools
import json
from pathlib import Path

import pytest

from vault import canonical
from vault.crypto import seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, SealError, WrongKeyError
from vault.packet import collector, deletion, identity
from vault.packet.box import MAX_SENT, MINIMUM, context
from vault.packet.build import build_instruction, packet_id
from vault.packet.sent import SentItem, open_sent, seal_sent

RECEIPT, OTHER, DAY = Receipt(b"1" * 16), Receipt(b"2" * 16), "2026-11-26"
PUBLIC = seal.OpeningKey(RECEIPT.box_seed).public
ASKED, STOPPED = deletion.ASKED, deletion.STOPPED
VECTORS = Path(__file__).parents[1] / "vectors" / "deletion"
FAULTS = sorted(p.stem for p in VECTORS.glob("*.json") if not p.stem.startswith("good-"))
DONE = deletion.Certificate("2026-12-03", "2026-12-17")
DIGITS = str.maketrans("0123456789", "abcdefghij")


def line(kind, number, day=DAY, receipt=RECEIPT):
    return deletion.item(receipt, kind, number, "ab" * 16, day)


def standing(*items, told=None, receipt=RECEIPT):
    return deletion.standing(receipt, items, told)


# --- instructions --------------------------------------------------------------------------------


def test_what_is_made_is_what_is_read():
    asks = deletion.parse(deletion.delete(RECEIPT, 3))
    assert (asks.name, asks.number, asks.box) == ("delete", 3, PUBLIC)
    stops = deletion.parse(deletion.keep(64))
    assert (stops.name, stops.number, stops.box) == ("keep", 64, b"")


@pytest.mark.parametrize(
    "changed",
    [
        {"number": 0},
        {"number": 65},
        {"number": True},
        {"number": "1"},
        {"name": "erase"},
        {"name": "keep"},
        {"box": "AA"},
        {"box": None},
        {"more": 1},
    ],
)
def test_anything_else_is_refused(changed):
    with pytest.raises(FormatError):
        deletion.parse({**deletion.delete(RECEIPT, 1), **changed})


@pytest.mark.parametrize("value", [None, [], "delete", {}, {"name": "keep"}])
def test_what_is_no_instruction_is_refused(value):
    with pytest.raises(FormatError):
        deletion.parse(value)


def test_each_has_a_secret_of_its_own_and_the_same_one_again():
    made = [
        deletion.secret(receipt, name, number)
        for receipt, name, number in itertools.product((RECEIPT, OTHER), ("delete", "keep"), (1, 2))
    ]
    assert len(set(made)) == len(made)
    assert made[0] == deletion.secret(RECEIPT, "delete", 1)


def test_asking_stopping_and_taking_back_identity_are_of_one_size():
    collector_key = seal.OpeningKey(b"c" * 32).public
    sizes = {
        len(
            build_instruction(
                b"s" * 32, RECEIPT, "5c" * 32, collector_key, instruction=asks, day=DAY
            ).encode()
        )
        for asks in (deletion.delete(RECEIPT, 64), deletion.keep(1), identity.withdrawal(2))
    }
    assert len(sizes) == 1
    assert sizes.pop() > collector.INSTRUCTION_MINIMUM


# --- what stands ---------------------------------------------------------------------------------


def test_nothing_was_asked():
    assert standing() == deletion.Standing(0, None, None)


def test_what_was_asked_stands_until_it_is_stopped_and_again_after_it_is_asked_anew():
    assert standing(line(ASKED, 1)) == deletion.Standing(1, DAY, None)
    assert standing(line(ASKED, 1), line(STOPPED, 1)) == deletion.Standing(1, None, None)
    again = (line(ASKED, 1), line(STOPPED, 1), line(ASKED, 2, "2026-11-30"))
    assert standing(*again) == deletion.Standing(2, "2026-11-30", None)


def test_what_the_lawyer_stopped_does_not_stand_and_the_next_asking_does():
    told = {"number": 1, "stopped": "2026-11-28"}
    assert standing(line(ASKED, 1), told=told) == deletion.Standing(1, None, "2026-11-28")
    later = standing(line(ASKED, 1), line(ASKED, 2, "2026-11-30"), told=told)
    assert later == deletion.Standing(2, "2026-11-30", None)


def test_without_the_file_of_what_was_sent_the_box_keeps_the_count():
    assert standing(told={"number": 5, "stopped": None}).number == 5


@pytest.mark.parametrize("number", [-1, 65, True, "7", None, [1]])
def test_what_a_box_tells_is_bounded(number):
    assert standing(told={"number": number, "stopped": DAY}) == deletion.Standing(0, None, None)


def test_lines_of_another_receipt_say_nothing():
    assert standing(line(ASKED, 1, receipt=OTHER)).asked is None


def test_many_additions_push_no_choice_out_of_the_file():
    many = tuple(SentItem("addendum", DAY, f"{n:032x}", b"d" * 16) for n in range(2 * MAX_SENT))
    kept = open_sent(RECEIPT, seal_sent(PUBLIC, (line(ASKED, 1), line(STOPPED, 1), *many)))
    assert standing(*kept) == deletion.Standing(1, None, None)


# --- certificate ---------------------------------------------------------------------------------


def test_a_certificate_opens_with_its_receipt_and_is_as_large_as_an_empty_box():
    sealed = deletion.seal_certificate(PUBLIC, DONE)
    assert deletion.open_certificate(RECEIPT, sealed) == DONE
    assert len(sealed) == MINIMUM + seal.OVERHEAD
    with pytest.raises(WrongKeyError):
        deletion.open_certificate(OTHER, sealed)


def test_what_is_sealed_as_something_else_is_none():
    sealed = deletion.seal_certificate(PUBLIC, DONE)
    with pytest.raises(SealError):
        seal.OpeningKey(RECEIPT.box_seed).open(sealed, context("witness-vault/box/v1", PUBLIC))
    with pytest.raises(SealError):
        deletion.open_certificate(RECEIPT, seal_sent(PUBLIC, ()))


def test_a_certificate_without_days_is_refused():
    for wrong in (("yesterday", DAY), (DAY, "")):
        sealed = deletion.seal_certificate(PUBLIC, deletion.Certificate(*wrong))
        with pytest.raises(FormatError):
            deletion.open_certificate(RECEIPT, sealed)


def test_a_certificate_names_what_had_left_and_stays_as_large():
    many = tuple(
        deletion.Left(DAY, f"lawyer_{n:031d}".translate(DIGITS), "saved") for n in range(300)
    )
    sealed = deletion.seal_certificate(PUBLIC, dataclasses.replace(DONE, left=many))
    assert len(sealed) == MINIMUM + seal.OVERHEAD
    assert deletion.open_certificate(RECEIPT, sealed).left == many[-deletion.MAX_LEFT :]


@pytest.mark.parametrize(
    "wrong",
    [("yesterday", "lawyer", "saved"), (DAY, "<b>", "saved"), (DAY, "lawyer", "account")],
)
def test_a_certificate_of_what_cannot_have_left_is_refused(wrong):
    left = (deletion.Left(*wrong),)
    sealed = deletion.seal_certificate(PUBLIC, dataclasses.replace(DONE, left=left))
    with pytest.raises(FormatError):
        deletion.open_certificate(RECEIPT, sealed)


# --- vectors -------------------------------------------------------------------------------------


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["delete", "keep"])
def test_the_packets_of_the_vectors_are_what_the_specification_says(name):
    """Computed here from its words alone."""
    vector = read(f"good-{name}")
    entropy = bytes.fromhex(vector["receipt"])
    for number, packet in vector["packets"].items():
        info = f"witness-vault/deletion/v1/{name}/{number}".encode()
        made = suite.hkdf(entropy, info, 32)
        assert suite.hkdf(made, b"witness-vault/addendum/v1/packet", 16).hex() == packet
        assert packet_id(deletion.secret(Receipt(entropy), name, int(number))) == packet
    assert deletion.parse(vector["instruction"]).name == name


def test_the_lines_of_the_vectors_stand():
    vector = read("good-sent")
    receipt = Receipt(bytes.fromhex(vector["receipt"]))
    items = [
        SentItem(one["kind"], one["day"], one["id"], canonical.unb64(one["digest"], 16))
        for one in vector["items"]
    ]
    assert deletion.standing(receipt, items) == deletion.Standing(2, DAY, None)
    key = suite.hkdf(receipt.entropy, b"witness-vault/sent/v1/digest", 32)
    for number, item in zip(vector["numbers"], items, strict=True):
        about = canonical.dumps(["witness-vault/deletion/v1", item.kind, number])
        assert suite.mac(key, about)[:16] == item.digest


def test_the_certificate_of_the_vectors_opens():
    vector = read("good-certificate")
    receipt = Receipt(bytes.fromhex(vector["receipt"]))
    opened = deletion.open_certificate(receipt, bytes.fromhex(vector["sealed"]))
    assert (opened.day, opened.until) == (vector["day"], vector["until"])
    assert [dataclasses.asdict(one) for one in opened.left] == vector["left"]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_the_vectors_is_refused(name):
    assert read(name)["expect"] == "FormatError"
    with pytest.raises(FormatError):
        deletion.parse(read(name)["instruction"])
