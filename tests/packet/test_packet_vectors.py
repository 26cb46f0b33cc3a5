"""Packet vectors: the good ones open to what they state, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import canonical
from vault.crypto.seal import OpeningKey
from vault.errors import NoGrantError
from vault.keyring.compartments import Compartment
from vault.keyring.opening import open_grant
from vault.packet import collector
from vault.packet import format as packets
from vault.packet.check import receipts_of
from vault.packet.material import Material
from vault.packet.open_record import open_record
from vault.packet.records import check_mac

VECTORS = Path(__file__).parents[1] / "vectors" / "packet"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
GOOD = [name for name in NAMES if name.startswith("good-")]
FAULTS = [name for name in NAMES if name not in GOOD]


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def changed(packet, where, value):
    document = canonical.loads(packet.encode())
    *steps, last = where
    target = document
    for step in steps:
        target = target[step]
    target[last] = value
    return canonical.dumps(document)


class Reader:
    """Opens a whole packet, in the order in which a vault does."""

    def __init__(self, vector):
        self.material = Material(bytes.fromhex(vector["material"]))
        self.keys = {who: OpeningKey(bytes.fromhex(s)) for who, s in vector["keys"].items()}

    def answers(self, data):
        packet = packets.parse(data)
        part = collector.open_part(
            [self.keys["collector"]], packet.testimony, packet.id, packet.collector
        )
        if isinstance(packet, packets.Testimony):
            return packet, self._testimony(packet, part)
        if isinstance(packet, packets.Addendum):
            return packet, self._addendum(packet)
        keys = (self.material.receipt.instructions_key, self.material.second.instructions_key)
        return packet, collector.check_instruction(keys, packet.testimony, packet.id, part)

    def _testimony(self, packet, part):
        collector.check_commitment(packet.header, part)
        officer, recovery = packet.grants
        open_grant(recovery, self.keys["recovery"])
        (named,) = packet.identity_grants
        identity = open_grant(named, self.keys["officer"]).key(Compartment.IDENTITY, 1)
        given = identity is not None and identity.public == packet.header.publics["identity"]
        assert given == (part["identity"] == "now")
        seeds = open_grant(officer, self.keys["officer"])
        contents = {}
        for record in packet.records[:2]:
            key = seeds.key(record.compartment, record.epoch)
            if key is None:
                raise NoGrantError
            contents[record.compartment] = open_record(packet.testimony, record, key)
        receipts = receipts_of(packet.header, contents[Compartment.ACCOUNT])
        for record in packet.records:
            check_mac(packet.testimony, record, receipts.addenda_keys)
        return {name: content["answers"] for name, content in contents.items()}

    def _addendum(self, packet):
        keys = (self.material.receipt.addenda_key, self.material.second.addenda_key)
        senders = {check_mac(packet.testimony, record, keys) for record in packet.records}
        assert len(senders) == 1
        return {
            r.compartment: open_record(
                packet.testimony, r, self.material.compartments[r.compartment]
            )["answers"]
            for r in packet.records
        }


def test_no_family_of_vectors_is_empty():
    assert len(GOOD) == 6
    assert len(FAULTS) > 30


@pytest.mark.parametrize("name", GOOD)
def test_a_good_packet_opens_to_what_it_states(name):
    vector = read(name)
    packet, opened = Reader(vector).answers(vector["packet"].encode())
    assert packet.id == vector["id"]
    assert packet.encode() == vector["packet"].encode()
    if isinstance(opened, int):
        assert opened == (1 if name.endswith("second") else 0)
    else:
        assert opened.items() <= vector["answers"].items()
        assert {Compartment.ACCOUNT, Compartment.MEDICAL} <= opened.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_with_its_own_error(name):
    fault = read(name)
    vector = read(fault["of"])
    data = changed(vector["packet"], fault["where"], fault["set"])
    with pytest.raises(vault.errors.WitnessVaultError) as caught:
        Reader(vector).answers(data)
    assert type(caught.value).__name__ == fault["expect"]
