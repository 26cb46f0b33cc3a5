"""What the records of a packet commit to: for whoever opens them, and for nobody else."""

import pytest

from tests.packet.conftest import ACCOUNT, MEDICAL, PARTS
from vault import canonical
from vault.errors import FormatError
from vault.packet import collector, dating
from vault.packet.open_record import open_record


def contents(world, made):
    keys = world.material.compartments
    return [
        (record, open_record(made.testimony, record, keys[record.compartment]))
        for record in made.records
    ]


def named(world, made):
    part = collector.open_part([world.collector], made.testimony, made.id, made.collector)
    return collector.commitments(part)


@pytest.mark.parametrize("which", ["packet", "addendum"])
def test_each_record_opened_gives_the_commitment_that_its_packet_names(world, which, request):
    made = request.getfixturevalue(which)
    again = tuple(
        dating.commitment_of(record.compartment, record.kind, content)
        for record, content in contents(world, made)
    )
    assert again == named(world, made)
    assert len(set(again)) == len(again)


def test_an_instruction_commits_to_nothing(world, instruction):
    assert named(world, instruction) == ()


def test_equal_words_sent_twice_have_commitments_of_their_own(world, packet, addendum):
    other = world.addendum(packet, secret=b"t" * 32)
    assert not set(named(world, other)) & set(named(world, addendum))


def test_every_answer_and_what_it_is_an_answer_to_are_parts(world, packet):
    (record, content), *_ = contents(world, packet)
    parts = dating.parts_of(record.compartment, record.kind, content)
    assert parts == {
        "compartment": "account",
        "kind": "statement",
        "form": {"id": "torture", "version": 1},
        "language": "ru",
        "day": "2026-11-22",
        "answer/story": PARTS[ACCOUNT]["story"],
    }


def test_no_key_of_a_box_is_a_part(world, packet):
    (_, content), *_ = contents(world, packet)
    shown = canonical.dumps(dating.parts_of(ACCOUNT, "statement", content)).decode()
    assert content["receipts"]["salt"] not in shown
    assert content["salt"] not in shown
    assert "addenda_key" not in shown


@pytest.mark.parametrize(
    ("name", "value"), [("salt", None), ("salt", "AAAA"), ("answers", []), ("answers", None)]
)
def test_content_without_salt_or_answers_commits_to_nothing(world, packet, name, value):
    (_, content), *_ = contents(world, packet)
    with pytest.raises(FormatError):
        dating.commitment_of(ACCOUNT, "statement", {**content, name: value})


def test_what_one_part_says_is_no_commitment_of_another(world, packet):
    (_, content), *_ = contents(world, packet)
    assert dating.commitment_of(MEDICAL, "statement", content) not in named(world, packet)


@pytest.mark.parametrize(
    "made",
    [[], ["AA"], [canonical.b64(bytes(32))] * 2, [canonical.b64(bytes(32))] * 4, None, [1] * 3],
)
def test_a_part_names_one_commitment_for_each_record(world, made):
    content = {"day": "2026-11-22", "deliver": "slot", "commitments": made}
    sealed = collector.seal_part(world.collector.public, "ab" * 32, "cd" * 16, content)
    with pytest.raises(FormatError):
        collector.open_part([world.collector], "ab" * 32, "cd" * 16, sealed)
