"""The specifications name the tags that the code has; their examples are those of the vectors."""

import json
import re
from pathlib import Path

import pytest

from vault import canonical
from vault.cases.reveal.identity import PURPOSES
from vault.cases.written import staff_records
from vault.crypto import suite
from vault.keyring import epochs, grants, summaries
from vault.packet import box, collector, identity, material, records, visit
from vault.packet import format as packets
from vault.roster import chain, invitations, model

ROOT = Path(__file__).parents[2]
SPEC, VECTORS = ROOT / "docs" / "spec", ROOT / "tests" / "vectors"
TAGS = {
    "roster": {model.FORMAT, chain.SIGNED_FORMAT, invitations.FORMAT},
    "grant": {grants.FORMAT, grants.WRAP_FORMAT, epochs.FORMAT},
    "summary": {summaries.FORMAT, grants.WRAP_FORMAT},
    "packet": {
        packets.FORMAT,
        packets.HEADER_FORMAT,
        records.FORMAT,
        records.MAC_FORMAT,
        collector.FORMAT,
        collector.INSTRUCTION_FORMAT,
        visit.FORMAT,
    },
    "identity": {identity.FORMAT},
    "box": {box.FORMAT, box.FIXED_FORMAT, box.SENT_FORMAT, box.REPLY_FORMAT},
}


def spec(name):
    return (SPEC / f"{name}.md").read_text("utf-8")


def vector(path):
    return json.loads((VECTORS / f"{path}.json").read_text())


@pytest.mark.parametrize("name", TAGS)
def test_a_specification_states_exactly_the_tags_of_the_code(name):
    stated = spec(name).split("Code:")[0]
    assert set(re.findall(r"`(witness-vault/[^`]+)`", stated)) == TAGS[name]


@pytest.mark.parametrize("name", TAGS)
def test_a_specification_is_short_and_says_what_it_does_not_protect_against(name):
    text = spec(name)
    assert len(text.splitlines()) < 300
    assert "## What this does not protect against" in text
    assert text.index("## Example") < text.index("\n## ", text.index("## Example") + 1)


def assert_shows(text, full):
    """Some line of a code block is `full`, where an ellipsis stands for the rest of a value."""
    lines = re.findall(r"^(?:\{.*\})$", text, re.MULTILINE)
    patterns = [re.escape(line).replace("…", '[^"]*') for line in lines]
    assert any(re.fullmatch(pattern, full) for pattern in patterns), full[:200]


def test_the_examples_of_the_roster_are_the_vectors():
    assert_shows(spec("roster"), vector("roster/good-three")["lines"][1])
    code = re.search(r"`([A-Z]{4}(?:-[A-Z]{4}){5})`", spec("roster")).group(1)
    assert invitations.key_of(code).public.hex() in spec("roster")


def test_the_examples_of_grants_are_the_vectors():
    text, good = spec("grant"), vector("grant/good")
    grant = grants.Grant.from_json(good["subject"], good["grant"])
    info = grants.context(grant.subject, grant.recipient, grant.compartments, grant.epoch)
    assert_shows(text, canonical.dumps(good["grant"]).decode())
    assert_shows(text, info.decode())
    assert f"{len(info)} bytes" in text
    assert f"{len(grant.sealed):,} bytes" in text
    stored = vector("grant/good-stored")
    assert_shows(text, grants.wrap_context(grant, stored["grant_id"]).decode())
    seeds = [
        {"compartment": name, "epoch": epoch, "seed": canonical.b64(bytes.fromhex(seed))}
        for name, epoch, seed in good["seeds"]
    ]
    assert_shows(text, canonical.dumps({"format": grants.FORMAT, "seeds": seeds}).decode())


def test_the_examples_of_packets_are_the_vectors():
    text = spec("packet")
    assert_shows(text, vector("packet/good-instruction")["packet"])
    header = canonical.loads(vector("packet/good-testimony")["packet"].encode())["header"]
    assert_shows(text, canonical.dumps(header).decode())
    addendum = packets.parse(vector("packet/good-addendum")["packet"].encode())
    record = addendum.records[0]
    assert_shows(text, canonical.dumps(record.to_json()).decode())
    place = (record.compartment, record.epoch, record.id, record.kind)
    assert_shows(text, records.context(addendum.testimony, *place).decode())
    assert_shows(text, records._mac_message(addendum.testimony, record).decode())


def test_the_labels_of_commitments_and_material_are_the_codes():
    text = spec("packet")
    for label in (material.ACCOUNT_COMMITMENT, material.COLLECTOR_COMMITMENT):
        assert f"`{label.decode()}`" in text
    assert f"`{material.LABEL}`" in text


def test_the_examples_of_boxes_are_the_vectors():
    text, good = spec("box"), vector("box/good-reply")
    (reply,) = good["current"]["replies"]
    assert_shows(text, canonical.dumps(reply["document"]).decode())
    assert reply["signature"] in text
    assert good["author"] in text
    assert reply["document"].keys() == staff_records._FIELDS
    assert staff_records.FORMATS[staff_records.REPLY] == box.REPLY_FORMAT
    assert canonical.dumps(good["fixed"]).decode() in text
    assert canonical.dumps(vector("box/good")["current"]).decode() in text
    assert good["receipt"] in text


def test_the_examples_of_identity_are_the_vectors():
    text = spec("identity")
    for name in ("good-withdraw", "good-release"):
        assert_shows(text, canonical.dumps(vector(f"identity/{name}")["instruction"]).decode())
    assert vector("identity/good-epochs")["receipt"] in text


def test_the_purposes_of_the_specification_are_the_codes():
    listed = ", ".join(f"`{purpose}`" for purpose in PURPOSES)
    assert listed in spec("identity")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("box", box.MINIMUM),
        ("box", box.FIXED_MINIMUM),
        ("box", box.SENT_SIZE),
        ("box", box.MAX_SENT),
        ("packet", records.MINIMUM),
        ("packet", collector.MINIMUM),
        ("packet", collector.INSTRUCTION_MINIMUM),
        ("identity", identity.MAX_EPOCH),
        ("packet", packets.MAX_GRANTS),
        ("grant", grants.MINIMUM),
        ("grant", grants.MAX_SEEDS),
        ("roster", model.MAX_MEMBERS),
        ("roster", chain.MAX_LINE),
        ("roster", invitations.CODE_SIZE),
    ],
)
def test_the_numbers_of_the_specification_are_the_codes(name, number):
    assert re.search(rf"\b{number:,}\b", spec(name))


def test_the_keys_of_the_specification_give_what_the_code_gives(world):
    """Computed here from the words of the specification alone."""
    receipt = world.material.receipt
    fixed = box.Fixed(bytes(32), None, (), "torture", "ru", "2026-11-22")
    publics = world.build().header.publics
    message = {
        "fixed": fixed.to_json(),
        "format": "witness-vault/fixed/v1",
        "publics": {name: canonical.b64(publics[name]) for name in ("account", "medical")},
        "testimony": "5c" * 32,
    }
    key = suite.hkdf(receipt.entropy, b"witness-vault/fixed/v1/mac")
    expected = suite.mac(key, canonical.dumps(message))
    assert box.fixed_mac(receipt, "5c" * 32, publics, fixed) == expected
