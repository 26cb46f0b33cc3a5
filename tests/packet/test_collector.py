"""The collector's part: of one packet, by one receipt, and nothing that opens testimony."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import KEYS
from vault import canonical
from vault.crypto import padding, seal
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, MacError, SealError, WitnessVaultError, WrongKeyError
from vault.packet import collector
from vault.packet.box import locator

TESTIMONY, PACKET = "ab" * 32, "cd" * 16
KEY = seal.OpeningKey(b"collector".ljust(32))
COMMITMENTS = [canonical.b64(bytes([at]) * 32) for at in range(3)]
DAYS = st.dates().map(lambda day: day.isoformat())
INSTRUCTIONS = st.dictionaries(KEYS, st.text("ab"), max_size=4)


def opened(world, made):
    return collector.open_part([world.collector], made.testimony, made.id, made.collector)


@given(DAYS, st.sampled_from(collector.DELIVER))
def test_a_part_opens_to_what_was_sealed(day, deliver):
    content = {"day": day, "deliver": deliver, "commitments": COMMITMENTS}
    sealed = collector.seal_part(KEY.public, TESTIMONY, PACKET, content)
    part = collector.open_part([KEY], TESTIMONY, PACKET, sealed)
    assert part == {"format": collector.FORMAT, **content}


@given(INSTRUCTIONS, DAYS)
def test_an_instruction_is_accepted_from_the_receipt_that_gave_it(instruction, day):
    receipts = (Receipt(b"1" * 16), Receipt(b"2" * 16))
    keys = tuple(receipt.instructions_key for receipt in receipts)
    for index, receipt in enumerate(receipts):
        part = collector.instruction_part(receipt, TESTIMONY, PACKET, instruction, day)
        sealed = collector.seal_part(KEY.public, TESTIMONY, PACKET, part)
        again = collector.open_part([KEY], TESTIMONY, PACKET, sealed)
        assert collector.check_instruction(keys, TESTIMONY, PACKET, again) == index


def test_all_three_kinds_open_for_the_collector_alone(world, packet, addendum, instruction):
    for made in (packet, addendum, instruction):
        assert opened(world, made)["day"] == "2026-11-22"
        for other in (world.officer, world.recovery, world.stranger):
            with pytest.raises(WrongKeyError):
                collector.open_part([other], made.testimony, made.id, made.collector)


def test_what_begins_is_of_one_size_and_what_adds_is_of_one(packet, held_back, addendum):
    sizes = {len(made.collector) for made in (packet, held_back)}
    assert sizes == {4 * collector.MINIMUM + seal.OVERHEAD}
    assert len(addendum.collector) == collector.MINIMUM + seal.OVERHEAD


def test_the_part_of_what_begins_names_both_boxes(world, packet, addendum):
    first, second = collector.boxes_of(opened(world, packet))
    assert sorted(map(locator, (first, second))) == [box.locator for box in packet.boxes]
    for part in ({"boxes": []}, {"boxes": ["AA", "AA"]}, {"boxes": "xx"}, opened(world, addendum)):
        with pytest.raises(FormatError):
            collector.boxes_of(part)


def test_instructions_are_of_one_size_whatever_they_say(world, packet, instruction):
    grants = [grant.to_json() for grant in packet.grants]
    allow = world.instruction(packet, instruction={"name": "allow", "grants": grants})
    sizes = {len(made.collector) for made in (instruction, allow)}
    assert sizes == {collector.INSTRUCTION_MINIMUM + seal.OVERHEAD}


def test_the_part_says_whether_reading_is_allowed(world, packet, held_back):
    assert opened(world, packet)["reading"] == "yes"
    assert opened(world, held_back)["reading"] == "not_yet"


def test_a_part_moved_to_another_packet_does_not_open(world, packet, addendum, instruction):
    for made, other in ((packet, addendum), (addendum, instruction), (instruction, packet)):
        with pytest.raises(SealError):
            collector.open_part([world.collector], other.testimony, other.id, made.collector)
        with pytest.raises(SealError):
            collector.open_part([world.collector], "ef" * 32, made.id, made.collector)


@given(data=st.data())
def test_a_part_with_any_bit_flipped_does_not_open(world, instruction, data):
    sealed = bytearray(instruction.collector)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WitnessVaultError):
        opened(world, dataclasses.replace(instruction, collector=bytes(sealed)))


def test_the_header_commits_to_the_keys_that_instruct(world, packet):
    first, second = collector.check_commitment(packet.header, opened(world, packet))
    assert first == world.material.receipt.instructions_key
    assert second == world.material.second.instructions_key


@pytest.mark.parametrize("place", [0, 1])
def test_a_key_put_in_place_of_a_receipts_is_refused(world, packet, place):
    part = opened(world, packet)
    part["instructions_keys"][place] = canonical.b64(b"x" * 32)
    with pytest.raises(FormatError):
        collector.check_commitment(packet.header, part)


@pytest.mark.parametrize(
    "change",
    [
        {"salt": canonical.b64(bytes(32))},
        {"salt": "AA"},
        {"salt": None},
        {"instructions_keys": []},
        {"instructions_keys": {}},
        {"instructions_keys": ["AA", "AA"]},
        {"instructions_keys": None},
    ],
)
def test_a_part_the_header_does_not_commit_to_is_refused(world, packet, change):
    with pytest.raises(FormatError):
        collector.check_commitment(packet.header, {**opened(world, packet), **change})


def test_the_receipts_exchanged_are_refused(world, packet):
    part = opened(world, packet)
    part["instructions_keys"].reverse()
    with pytest.raises(FormatError):
        collector.check_commitment(packet.header, part)


def test_the_part_of_one_testimony_is_refused_for_another(world, packet):
    other = world.build(type(world.material)(b"another".ljust(32)))
    with pytest.raises(FormatError):
        collector.check_commitment(other.header, opened(world, packet))


def test_an_instruction_by_a_foreign_key_is_refused(world, packet):
    keys = collector.check_commitment(packet.header, opened(world, packet))
    forged = world.instruction(packet, receipt=Receipt(b"x" * 16))
    with pytest.raises(MacError):
        collector.check_instruction(keys, forged.testimony, forged.id, opened(world, forged))


@pytest.mark.parametrize(
    "change",
    [
        {"instruction": {"do": "delete"}},
        {"mac": canonical.b64(bytes(32))},
    ],
)
def test_an_instruction_changed_after_its_mac_is_refused(world, packet, instruction, change):
    keys = collector.check_commitment(packet.header, opened(world, packet))
    part = {**opened(world, instruction), **change}
    with pytest.raises(MacError):
        collector.check_instruction(keys, instruction.testimony, instruction.id, part)


def test_an_instruction_replayed_elsewhere_is_refused(world, packet, instruction):
    keys = collector.check_commitment(packet.header, opened(world, packet))
    part = opened(world, instruction)
    for place in ((packet.testimony, "ef" * 16), ("ef" * 32, instruction.id)):
        with pytest.raises(MacError):
            collector.check_instruction(keys, *place, part)


def test_an_addendums_mac_key_gives_no_instructions(world, packet, instruction):
    keys = (world.material.receipt.addenda_key, world.material.second.addenda_key)
    with pytest.raises(MacError):
        collector.check_instruction(
            keys, instruction.testimony, instruction.id, opened(world, instruction)
        )


def test_another_kinds_part_is_no_instruction(world, packet, addendum):
    for made in (packet, addendum):
        with pytest.raises(FormatError):
            collector.check_instruction((b"", b""), made.testimony, made.id, opened(world, made))


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"day": "2026-11-22"},
        {"day": "2026-11-22", "deliver": "later"},
        {"day": "2026-11-22", "deliver": []},
        {"day": "2026-11-22T10:15:00Z", "deliver": "slot"},
        {"day": "x" * 100, "deliver": "slot"},
        {"day": 1, "deliver": "slot"},
        {"day": None, "deliver": "now"},
        {"day": "2026-11-22", "deliver": "now", "note": ""},
        {
            "day": "2026-11-22",
            "deliver": "now",
            "reading": "maybe",
            "salt": "",
            "instructions_keys": [],
        },
    ],
)
def test_a_part_in_no_known_form_is_refused(content):
    content = content and {"commitments": COMMITMENTS} | content
    sealed = collector.seal_part(KEY.public, TESTIMONY, PACKET, content)
    with pytest.raises(FormatError):
        collector.open_part([KEY], TESTIMONY, PACKET, sealed)


@pytest.mark.parametrize("plain", [b"[]", b"{}", b'{"format":"witness-vault/collector/v2"}', b"x"])
def test_what_opens_but_is_no_part_is_refused(plain):
    info = collector.context(TESTIMONY, PACKET)
    sealed = seal.seal(KEY.public, info, padding.pad(plain, collector.MINIMUM))
    with pytest.raises(FormatError):
        collector.open_part([KEY], TESTIMONY, PACKET, sealed)
