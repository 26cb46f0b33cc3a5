"""Vectors of files: the good packet leads to every file in clear; each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import canonical
from vault.crypto import padding, stream, suite
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError, NotCommittedError, SealError
from vault.packet import collector, dating
from vault.packet import format as packets
from vault.packet.files import attachments_of
from vault.packet.material import Material
from vault.packet.open_record import open_record

VECTORS = Path(__file__).parents[1] / "vectors" / "files"
FAULTS = sorted(path.stem for path in VECTORS.glob("*.json") if path.stem != "good")
GOOD = json.loads((VECTORS / "good.json").read_text())


def read(data, sealed):
    """Return what records say of files, by compartment, and each file in clear, as a vault does."""
    material = Material(bytes.fromhex(GOOD["material"]))
    packet = packets.parse(data)
    opening = OpeningKey(bytes.fromhex(GOOD["collector"]))
    part = collector.open_part([opening], packet.testimony, packet.id, packet.collector)
    named = {file.id: file for file in packet.files}
    said, plain = {}, {}
    for record, noted in zip(packet.records, part["commitments"], strict=True):
        content = open_record(packet.testimony, record, material.compartments[record.compartment])
        attached = attachments_of(content)
        made = dating.commitment_of(record.compartment, record.kind, content)
        if not suite.equal(canonical.unb64(noted), made):
            raise NotCommittedError("record")
        if attached:
            said[str(record.compartment)] = [one.said() for one in attached]
        for one in attached:
            if one.id not in named:
                raise FormatError("a file that the packet does not name")
            plain[one.id] = opened(one, sealed[one.id])
    return said, plain


def opened(one, sealed):
    pieces = stream.decrypt(one.key, [sealed])
    plain = b"".join(padding.unfill(pieces, one.size))
    if not suite.equal(suite.sha256(plain), one.sha256):
        raise SealError("not the file of which the record tells")
    return plain


def of(vector):
    """Return packet and sealed files as a fault has changed them."""
    packet = canonical.loads(vector.get("packet", GOOD["packet"]).encode())
    if "where" in vector:
        (name,) = vector["where"]
        packet[name] = vector["set"]
    sealed = {**GOOD["sealed"], **vector.get("sealed", {})}
    return canonical.dumps(packet), {name: canonical.unb64(data) for name, data in sealed.items()}


def test_the_good_packet_leads_to_every_file():
    said, plain = read(*of(GOOD))
    assert said == GOOD["said"]
    assert {name: canonical.b64(data) for name, data in plain.items()} == GOOD["plain"]


def test_what_the_packet_names_is_what_lies_beside_it():
    data, sealed = of(GOOD)
    for file in packets.parse(data).files:
        assert (file.size, file.sha256) == (len(sealed[file.id]), suite.sha256(sealed[file.id]))


def test_no_name_hash_or_key_of_a_file_stands_in_a_packet_in_clear():
    one = GOOD["said"]["account"][0]
    assert one["name"] not in GOOD["packet"]
    assert one["sha256"] not in GOOD["packet"]


def test_no_family_of_faults_is_empty():
    families = {name.split("-")[0] for name in FAULTS}
    assert families == {"packet", "sealed", "record", "commitment"}
    assert len(FAULTS) > 30


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_with_its_own_error(name):
    fault = json.loads((VECTORS / f"{name}.json").read_text())
    with pytest.raises(vault.errors.WitnessVaultError) as caught:
        read(*of(fault))
    assert type(caught.value).__name__ == fault["expect"]
