"""Identity in the receipt's hands: keys nobody else makes, instructions of one meaning each."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError
from vault.keyring.compartments import Compartment
from vault.keyring.grants import Grant
from vault.keyring.opening import open_grant
from vault.packet import collector, identity, sent
from vault.packet.box import MAX_SENT
from vault.packet.build import packet_id

IDENTITY = Compartment.IDENTITY
RECEIPT, FIRST, DAY = Receipt(b"1" * 16), b"f" * 32, "2026-11-26"
PUBLIC = seal.OpeningKey(RECEIPT.box_seed).public
VECTORS = Path(__file__).parents[1] / "vectors" / "identity"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
FAULTS = [name for name in NAMES if not name.startswith("good-")]


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def line(kind, epoch, packet="ab" * 16, day=DAY, receipt=RECEIPT):
    return identity.item(receipt, kind, epoch, packet, day)


# --- vectors -------------------------------------------------------------------------------------


def test_the_keys_and_ids_of_the_vectors_are_the_codes():
    vector = read("good-epochs")
    receipt, first = (bytes.fromhex(vector[name]) for name in ("receipt", "first"))
    receipt = Receipt(receipt)
    made = identity.seeds(receipt, first, 3)
    assert {str(n): seed.hex() for _, n, seed in made} == vector["seeds"]
    for number, digest in vector["publics_sha256"].items():
        assert suite.sha256(identity.public(receipt, first, int(number))).hex() == digest
    for number, packet in vector["release"].items():
        secret = identity.release_secret(receipt, int(number), vector["member"])
        assert packet_id(secret) == packet
    for number, packet in vector["withdraw"].items():
        assert packet_id(identity.withdrawal_secret(receipt, int(number))) == packet


def test_the_seeds_are_what_the_specification_says():
    """Computed here from its words alone."""
    vector = read("good-epochs")
    entropy = bytes.fromhex(vector["receipt"])
    assert vector["seeds"]["1"] == vector["first"]
    for number in (2, 3):
        info = f"witness-vault/identity/v1/epoch/{number}".encode()
        assert suite.hkdf(entropy, info, 32).hex() == vector["seeds"][str(number)]


def test_the_lines_of_the_vector_are_the_codes():
    vector = read("good-sent")
    receipt = Receipt(bytes.fromhex(vector["receipt"]))
    for item, epoch in zip(vector["items"], vector["epochs"], strict=True):
        made = identity.item(receipt, item["kind"], epoch, item["id"], item["day"])
        assert made.to_json() == item


def test_a_good_release_opens_for_its_lawyer_and_holds_every_epoch():
    vector = read("good-release")
    asked = identity.parse(vector["testimony"], vector["instruction"])
    key = seal.OpeningKey(bytes.fromhex(vector["lawyer"]))
    held = open_grant(asked.grant, key)
    assert {str(n): seed.hex() for _, n, seed in held} == vector["seeds"]
    assert asked.grant.compartments == (IDENTITY,)
    assert asked.epoch == 2


def test_a_good_withdrawal_names_the_epoch_that_begins():
    vector = read("good-withdraw")
    assert identity.parse(vector["testimony"], vector["instruction"]) == identity.Withdrawal(2)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused(name):
    vector = read(name)
    with pytest.raises(FormatError):
        identity.parse(vector["testimony"], vector["instruction"])


def test_no_family_of_vectors_is_empty():
    assert len(FAULTS) > 12


# --- keys ----------------------------------------------------------------------------------------


def test_no_epoch_gives_the_key_of_another_and_no_receipt_that_of_another():
    publics = [identity.public(RECEIPT, FIRST, n) for n in range(1, 6)]
    publics += [identity.public(Receipt(b"2" * 16), FIRST, n) for n in range(2, 6)]
    assert len(set(publics)) == len(publics)


def test_the_first_is_the_header_s_and_whoever_has_it_alone_makes_no_later_one(world, packet):
    material = world.material
    first = material.compartments[IDENTITY].seed
    assert identity.public(material.receipt, first, 1) == packet.header.publics[IDENTITY]
    later = identity.public(material.receipt, first, 2)
    assert later == identity.public(material.receipt, b"another first seed".ljust(32), 2)


def test_a_release_and_a_withdrawal_are_of_one_size(world, packet):
    receipt = world.material.receipt
    recipient = ("ab" * 16, world.officer.public)
    asked = [identity.withdrawal(2)]
    asked += [identity.release(packet.testimony, receipt, FIRST, n, recipient) for n in (1, 2, 20)]
    made = [world.instruction(packet, instruction=one) for one in asked]
    assert {len(one.collector) for one in made} == {collector.INSTRUCTION_MINIMUM + seal.OVERHEAD}
    second = world.instruction(packet, receipt=world.material.second, instruction=asked[1])
    assert len(second.encode()) == len(made[0].encode())


# --- "those who handle my case may know now" -----------------------------------------------------


@pytest.fixture(scope="module")
def known(world):
    return world.build(identity_now=True)


def test_a_packet_that_gives_identity_looks_like_one_that_does_not(packet, known):
    assert len(packet.encode()) == len(known.encode())
    for name in ("grants", "identity_grants"):
        one, other = ([_label(g) for g in getattr(p, name)] for p in (packet, known))
        assert one == other


def _label(grant: Grant):
    return grant.recipient, grant.compartments, grant.epoch, len(grant.sealed)


def test_only_where_it_was_chosen_do_the_grants_open_identity(world, packet, known):
    seed = world.material.compartments[IDENTITY].seed
    for made, chosen in ((packet, False), (known, True)):
        (grant,) = made.identity_grants
        opened = open_grant(grant, world.officer).by_epoch[IDENTITY, 1]
        assert (opened == seed) is chosen


def test_recovery_is_never_given_identity(known):
    assert "recovery" not in {grant.recipient for grant in known.identity_grants}
    assert all(IDENTITY not in grant.compartments for grant in known.grants)


def test_with_not_yet_it_does_not_count(world):
    made = world.build(identity_now=True, reading_allowed=False)
    assert made.identity_grants == ()
    part = collector.open_part((world.collector,), made.id, made.id, made.collector)
    assert part["identity"] == "later"


def test_only_the_first_box_tells_of_the_choice_and_both_files_are_of_one_size(world, known):
    receipts = (world.material.receipt, world.material.second)
    files = [world.box_of(known, index).sent for index in (0, 1)]
    items = [sent.open_sent(*pair) for pair in zip(receipts, files, strict=True)]
    assert [[item.kind for item in one] for one in items] == [["testimony", "known"], ["testimony"]]
    assert len({len(data) for data in files}) == 1


# --- what stands ---------------------------------------------------------------------------------


def test_nothing_chosen_is_the_first_epoch():
    assert identity.standing(RECEIPT, ()) == identity.Standing(1, (), None)


def test_the_last_choice_stands_in_whatever_order_its_lines_lie():
    lines = [line("released", 1), line("withdrawn", 2), line("released", 2, "cd" * 16)]
    for order in itertools.permutations(lines):
        stands = identity.standing(RECEIPT, order)
        assert (stands.epoch, stands.released) == (2, (("cd" * 16, DAY),))
    for order in itertools.permutations(lines[:2]):
        assert identity.standing(RECEIPT, order) == identity.Standing(2, (), DAY)


def test_knowing_at_once_is_a_release_of_the_first_epoch():
    known = line("known", 1)
    assert identity.standing(RECEIPT, [known]).released
    assert not identity.standing(RECEIPT, [known, line("withdrawn", 2)]).released


def test_what_the_box_says_counts_where_it_is_newer():
    lines = [line("released", 1)]
    assert identity.standing(RECEIPT, lines, at_least=3) == identity.Standing(3, (), None)
    assert identity.standing(RECEIPT, lines, at_least=1).released


def test_lines_of_another_receipt_say_nothing():
    lines = [line("withdrawn", 2, receipt=Receipt(b"2" * 16))]
    assert identity.standing(RECEIPT, lines).epoch == 1


@given(st.integers(0, 3), st.integers(1, 2 * MAX_SENT))
def test_a_choice_is_never_pushed_out_by_what_is_added(before, after):
    other = sent.SentItem("addendum", DAY, "ef" * 16, bytes(16))
    choices = [line("released", 1), line("withdrawn", 2)]
    items = (other, *[other] * before, *choices, *[other] * after)
    kept = sent.open_sent(RECEIPT, sent.seal_sent(PUBLIC, items))
    assert identity.standing(RECEIPT, kept).epoch == 2
    assert len(kept) <= MAX_SENT


def test_the_largest_file_of_choices_still_fits():
    first = sent.SentItem("testimony", DAY, "ab" * 32, bytes(16))
    items = (first, *(line(kind, n) for n in range(2, 63) for kind in ("withdrawn", "released")))
    assert sent.open_sent(RECEIPT, sent.seal_sent(PUBLIC, items))


def test_no_repr_of_what_stands_names_a_packet():
    assert "ab" * 16 not in repr(identity.standing(RECEIPT, [line("released", 1)]))
