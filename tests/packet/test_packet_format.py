"""Packets: read back as made; cut, flipped, swapped or enlarged ones are refused."""

import copy
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.errors import FormatError, UnknownVersionError, WitnessVaultError
from vault.keyring.grants import Grant
from vault.packet.format import MAX_GRANTS, Header, parse


@pytest.fixture(scope="module")
def packets(packet, held_back, addendum, instruction):
    return [packet, held_back, addendum, instruction]


def test_every_kind_reads_back_as_made(packets):
    for made in packets:
        assert parse(made.encode()) == made


def test_the_testimony_id_is_the_hash_of_the_header(packet):
    assert packet.id == packet.testimony == packet.header.testimony
    assert Header.from_json(canonical.loads(packet.header.encode())).testimony == packet.id


@pytest.mark.parametrize(
    "change",
    [
        {"account_commitment": bytes(32)},
        {"collector_commitment": bytes(32)},
        {"roster_version": 2},
        {"roster_hash": bytes(32)},
    ],
)
def test_another_header_is_another_testimony(packet, change):
    assert dataclasses.replace(packet.header, **change).testimony != packet.testimony


@given(data=st.data())
def test_a_packet_cut_anywhere_is_refused(packets, data):
    encoded = data.draw(st.sampled_from(packets)).encode()
    with pytest.raises(FormatError):
        parse(encoded[: data.draw(st.integers(0, len(encoded) - 1))])


@given(data=st.data())
def test_a_packet_with_any_bit_flipped_is_refused_or_another_packet(packets, data):
    made = data.draw(st.sampled_from(packets))
    encoded = bytearray(made.encode())
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert parse(bytes(encoded)) != made
    except WitnessVaultError as error:
        assert isinstance(error, FormatError)  # noqa: PT017 - both ways are right


@given(st.binary() | st.text().map(str.encode))
def test_garbage_is_refused(data):
    with pytest.raises(FormatError):
        parse(data)


@pytest.mark.parametrize("name", ["witness-vault/packet/v2", "", None, [], {}])
def test_another_version_is_named_as_such(packet, name):
    value = {**canonical.loads(packet.encode()), "format": name}
    with pytest.raises(UnknownVersionError):
        parse(canonical.dumps(value))


def set_at(path, value):
    def change(document):
        *steps, last = path
        for step in steps:
            document = document[step]
        document[last] = value

    return change


def reverse(name):
    return lambda document: document[name].reverse()


def repeat(name):
    return lambda document: document[name].__setitem__(1, document[name][0])


def drop(name, at=0):
    return lambda document: document[name].pop(at)


def lengthen_one(name):
    def change(document):
        frame = canonical.unb64(document["boxes"][0][name])
        document["boxes"][0][name] = canonical.b64(frame + b"\0")

    return change


def exchange(name):
    def change(document):
        one, other = document["boxes"]
        one[name], other[name] = other[name], one[name]

    return change


FAULTS = {
    "kind unknown": set_at(["kind"], "message"),
    "kind a list": set_at(["kind"], []),
    "kind of another": set_at(["kind"], "addendum"),
    "extra field": set_at(["note"], ""),
    "header a list": set_at(["header"], []),
    "header of another version": set_at(["header", "format"], "witness-vault/header/v2"),
    "header with an extra field": set_at(["header", "note"], ""),
    "public key short": set_at(["header", "publics", "account"], "AA"),
    "public key of no curve": set_at(
        ["header", "publics", "account"], canonical.b64(b"\xff" * 1216)
    ),
    "public key of work": set_at(["header", "publics", "work"], "AA"),
    "commitments a list": set_at(["header", "commitments"], []),
    "commitment short": set_at(["header", "commitments", "account"], "AA"),
    "roster version zero": set_at(["header", "roster", "version"], 0),
    "roster version true": set_at(["header", "roster", "version"], value=True),
    "roster hash null": set_at(["header", "roster", "hash"], None),
    "collector null": set_at(["collector"], None),
    "grants an object": set_at(["grants"], {}),
    "grant a list": set_at(["grants", 0], []),
    "grant for a name": set_at(["grants", 0, "recipient"], "officer"),
    "grant compartments an object": set_at(["grants", 0, "compartments"], {"account": 1}),
    "records empty": set_at(["records"], []),
    "record missing": drop("records"),
    "records swapped": reverse("records"),
    "record twice": repeat("records"),
    "record kind an addendum": set_at(["records", 0, "kind"], "addendum"),
    "record kind a list": set_at(["records", 0, "kind"], []),
    "record kind of staff": set_at(["records", 0, "kind"], "reply"),
    "record compartment work": set_at(["records", 0, "compartment"], "work"),
    "record compartment a list": set_at(["records", 0, "compartment"], []),
    "record compartment of another": set_at(["records", 0, "compartment"], "medical"),
    "record epoch zero": set_at(["records", 0, "epoch"], 0),
    "record epoch true": set_at(["records", 0, "epoch"], value=True),
    "record id a name": set_at(["records", 0, "id"], "first"),
    "record without mac": set_at(["records", 0, "mac"], ""),
    "record mac short": set_at(["records", 0, "mac"], "AA"),
    "box missing": drop("boxes"),
    "boxes three": lambda d: d["boxes"].append(d["boxes"][1]),
    "boxes swapped": reverse("boxes"),
    "box twice": repeat("boxes"),
    "box under another name": set_at(["boxes", 0, "locator"], "00" * 16),
    "boxes under each other's names": exchange("locator"),
    "box contents exchanged": exchange("box"),
    "sent files exchanged": exchange("sent"),
    "box empty": set_at(["boxes", 0, "box"], ""),
    "boxes of unequal size": lengthen_one("box"),
    "sent files of unequal size": lengthen_one("sent"),
    "files": set_at(["files"], [{}]),
    "files null": set_at(["files"], None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_other_shape_of_a_testimony_is_refused(packet, fault):
    value = copy.deepcopy(canonical.loads(packet.encode()))
    FAULTS[fault](value)
    with pytest.raises(FormatError):
        parse(canonical.dumps(value))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "first"},
        {"id": None},
        {"testimony": "ab" * 16},
        {"testimony": "AB" * 32},
        {"testimony": []},
        {"collector": 1},
        {"note": ""},
    ],
)
def test_any_other_shape_of_addendum_or_instruction_is_refused(addendum, instruction, change):
    for made in (addendum, instruction):
        with pytest.raises(FormatError):
            parse(canonical.dumps({**canonical.loads(made.encode()), **change}))


def test_the_records_of_a_testimony_do_not_make_an_addendum(packet, addendum):
    value = canonical.loads(addendum.encode())
    value["records"] = [record.to_json() for record in packet.records]
    with pytest.raises(FormatError):
        parse(canonical.dumps(value))


def test_the_number_of_grants_is_bounded(packet):
    value = canonical.loads(packet.encode())
    value["grants"] = value["grants"][:1] * (MAX_GRANTS + 1)
    with pytest.raises(FormatError):
        parse(canonical.dumps(value))


def test_a_grant_takes_its_subject_from_the_header(packet):
    assert {grant.subject for grant in parse(packet.encode()).grants} == {packet.testimony}
    assert isinstance(packet.grants[0], Grant)
