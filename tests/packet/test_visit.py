"""The signal of a visit: one packet a day for each receipt, which says which one to few."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vault import canonical
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError
from vault.packet import collector, identity, visit
from vault.packet.build import build_instruction, packet_id

VECTORS = [json.loads(p.read_text()) for p in sorted(Path("tests/vectors/visit").glob("*.json"))]
OWN, SECOND = Receipt(bytes(range(16))), Receipt(bytes(16))
TESTIMONY, DAY = "5c" * 32, "2026-11-26"
COLLECTOR = OpeningKey(bytes(32))


def packet(receipt, instruction, secret):
    return build_instruction(
        secret, receipt, TESTIMONY, COLLECTOR.public, instruction=instruction, day=DAY
    )


def signal(receipt, day=DAY):
    return packet(receipt, visit.instruction(receipt, TESTIMONY, day), visit.secret(receipt, day))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_vectors(vector):
    if vector["expect"] == "FormatError":
        with pytest.raises(FormatError):
            visit.parse(vector["instruction"])
        return
    receipt = Receipt(bytes.fromhex(vector["receipt"]))
    made = visit.instruction(receipt, vector["testimony"], vector["day"])
    assert made == vector["instruction"]
    assert visit.parse(made) == canonical.unb64(made["proof"])
    assert visit.proof_key(receipt.addenda_key).hex() == vector["proof_key"]
    assert packet_id(visit.secret(receipt, vector["day"])) == vector["packet"]


def test_visits_of_one_day_are_one_packet_and_of_another_day_or_receipt_another():
    assert signal(OWN).id == signal(OWN).id
    assert len({signal(OWN).id, signal(OWN, "2026-11-27").id, signal(SECOND).id}) == 3


def test_a_visit_has_the_size_of_every_other_instruction_and_of_that_with_the_other_receipt():
    withdrawal = packet(OWN, identity.withdrawal(2), identity.withdrawal_secret(OWN, 2))
    sizes = {len(made.encode()) for made in (signal(OWN), signal(SECOND), withdrawal)}
    assert len(sizes) == 1


def test_of_a_visit_only_the_macs_say_with_which_receipt_it_was():
    parts = [
        collector.open_part([COLLECTOR], TESTIMONY, made.id, made.collector)
        for made in (signal(OWN), signal(SECOND))
    ]
    for part in parts:
        part.pop("mac")
        part["instruction"].pop("proof")
    assert parts[0] == parts[1]


def test_the_day_is_found_by_who_holds_the_key_of_that_receipt_alone():
    days = ["2026-11-25", DAY, "2026-11-27"]
    own, second = (visit.proof_key(receipt.addenda_key) for receipt in (OWN, SECOND))
    proofs = {visit.proof(second, TESTIMONY, DAY)}
    assert visit.days_among(second, TESTIMONY, proofs, days) == (DAY,)
    assert visit.days_among(own, TESTIMONY, proofs, days) == ()
    assert visit.days_among(second, "00" * 32, proofs, days) == ()


def test_the_key_of_the_proofs_is_not_that_of_the_addenda():
    assert visit.proof_key(OWN.addenda_key) != OWN.addenda_key
