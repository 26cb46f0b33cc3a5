"""The collector: whatever lies in the letterbox, the rest is taken, once, and nothing is lost."""

from __future__ import annotations

import dataclasses
import os

import pytest
from sqlalchemy import select

from tests.support.attacks import rows
from tests.support.house import STORY, House
from vault import canonical, clock
from vault.cases.arriving import collect
from vault.cases.ending import retention
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto.seal import OpeningKey
from vault.crypto.suite import random
from vault.errors import LockedError, StorageError
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import seal_grant
from vault.packet.build import Place, Statement, build_addendum, build_testimony
from vault.packet.material import Material
from vault.storage.tables.cases import cases, grants, records, testimonies, tombstones
from vault.testimony.tell import recipients

FORM = {"id": "victim", "version": 1}


def made(house, roster=None, *, allowed=True, story="a story"):
    """Return material and a packet, made but not sent."""
    roster = roster or house.letterbox.roster()
    parts = {Compartment.ACCOUNT: {"story": story}}
    statement = Statement(FORM, "ru", clock.day(), parts, allowed)
    material = Material.generate()
    return material, build_testimony(material, statement, roster, recipients(roster))


def addendum(house, material, packet, secret=None, story="an addendum"):
    publics = {name: (1, key) for name, key in packet.header.publics.items()}
    return build_addendum(
        secret or random(32),
        material.receipt,
        Place(packet.testimony, publics),
        house.letterbox.roster().collector,
        content={"form": FORM, "language": "ru", "day": clock.day()},
        parts={Compartment.ACCOUNT: {"story": story}},
    )


def put(house, data, name=None):
    """Place a file in the letterbox as somebody who writes there does."""
    name = name or random(16).hex()
    (house.settings.paths.letterbox / "in" / name).write_bytes(data)
    return name


def counts(collected):
    return collected.accepted, collected.dropped, collected.refused


def stories(house):
    officer, found = house.actors["officer"], []
    for line in inbox.new_cases(house.vault, officer):
        view = open_case(house.vault, officer, line.id)
        found += [record.answers["story"] for record in view.records if record.answers]
    return sorted(found)


def waiting_nowhere(house):
    folder = house.settings.paths.letterbox
    return not list((folder / "in").iterdir()) and not list((folder / "scratch").iterdir())


# --- what is no packet ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe" * 50,
        b'{"format":"witness-vault/packet/v1","kind":"testimony"}',
        b'{"format":"witness-vault/packet/v9","kind":"testimony"}',
        b'{"format":"witness-vault/packet/v1","kind":"instruction"}',
        b'{"format":NaN}',
        b'{"format":' + b"9" * 5000 + b"}",
        bytes(range(256)) * 274,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_garbage_is_set_aside_with_an_entry_and_stops_nothing(house, garbage):
    name = put(house, garbage)
    _, packet = made(house)
    put(house, packet.encode())
    assert counts(house.collect()) == (1, 0, 1)
    assert waiting_nowhere(house)
    assert (house.settings.paths.letterbox / "refused" / name).read_bytes() == garbage
    assert [e.detail["count"] for e in house.vault.journal.read() if e.kind == "packet.refused"]
    assert stories(house) == ["a story"]


def test_an_oversize_file_is_set_aside_unread(tmp_path):
    house = House.found(tmp_path, letterbox={"packet_limit": 65_536}).staff()
    put(house, b"x" * 65_537)
    assert counts(house.collect()) == (0, 0, 1)
    house.close()


def test_truncated_and_changed_packets_are_set_aside(house):
    data = made(house)[1].encode()
    put(house, data[:-100])
    put(house, data.replace(b'"kind":"testimony"', b'"kind":"addendum"'))
    value = canonical.loads(data)
    value["collector"] = canonical.b64(random(2000))
    put(house, canonical.dumps(value))
    assert counts(house.collect()) == (0, 0, 3)
    assert not rows(house, cases)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_ordinary_file_neither_blocks_nor_is_followed(house, tmp_path, kind):
    path = house.settings.paths.letterbox / "in" / ("0" * 32)
    outside = tmp_path / "outside"
    outside.write_bytes(made(house)[1].encode())
    {"pipe": os.mkfifo, "link": lambda p: p.symlink_to(outside), "folder": os.mkdir}[kind](path)
    put(house, made(house)[1].encode())
    assert counts(house.collect()) == (1, 0, 1)
    assert outside.exists()


# --- what is a packet, but not for this vault ----------------------------------------------------


def test_a_packet_for_another_collector_is_refused(house):
    foreign = dataclasses.replace(house.letterbox.roster(), collector=OpeningKey.generate().public)
    put(house, made(house, foreign)[1].encode())
    assert counts(house.collect()) == (0, 0, 1)


def test_a_packet_sealed_under_a_roster_that_never_was_is_refused(house):
    foreign = dataclasses.replace(house.letterbox.roster(), version=99)
    put(house, made(house, foreign)[1].encode())
    assert counts(house.collect()) == (0, 0, 1)


def test_a_packet_made_under_an_older_roster_is_taken(house):
    before = house.letterbox.roster()
    house.add("second", "intake_officer")
    put(house, made(house, before)[1].encode())
    assert counts(house.collect()) == (1, 0, 0)
    assert stories(house) == ["a story"]


def with_grants(packet, *more):
    return dataclasses.replace(packet, grants=(*packet.grants, *more))


def grant_for(packet, recipient, public):
    return seal_grant(packet.testimony, recipient, public, Seeds({("account", 1): random(32)}))


@pytest.mark.parametrize("who", ["lawyer", "auditor", "admin"])
def test_a_grant_to_a_member_who_is_no_officer_is_refused(house, who):
    packet, member = made(house)[1], house.actors[who]
    grant = grant_for(packet, member.id, member.opening.public)
    put(house, with_grants(packet, grant).encode())
    assert counts(house.collect()) == (0, 0, 1)
    assert not rows(house, grants)


def test_a_grant_to_somebody_outside_the_roster_is_refused(house):
    packet = made(house)[1]
    grant = grant_for(packet, random(16).hex(), OpeningKey.generate().public)
    put(house, with_grants(packet, grant).encode())
    assert counts(house.collect()) == (0, 0, 1)


def test_a_grant_in_an_officers_name_to_another_key_is_refused(house):
    packet, officer = made(house)[1], house.actors["officer"]
    foreign = grant_for(packet, officer.id, OpeningKey.generate().public)
    kept = tuple(g for g in packet.grants if g.recipient != officer.id)
    put(house, dataclasses.replace(packet, grants=(*kept, foreign)).encode())
    assert counts(house.collect()) == (0, 0, 1)


def test_the_same_recipient_twice_is_refused(house):
    packet = made(house)[1]
    put(house, with_grants(packet, packet.grants[0]).encode())
    assert counts(house.collect()) == (0, 0, 1)


def test_grants_that_contradict_the_choice_are_refused(house):
    _, allowed = made(house)
    _, not_yet = made(house, allowed=False)
    put(house, dataclasses.replace(allowed, grants=()).encode())
    officer = house.actors["officer"]
    extra = grant_for(not_yet, officer.id, officer.opening.public)
    put(house, with_grants(not_yet, extra).encode())
    assert counts(house.collect()) == (0, 0, 2)


def test_the_collector_part_of_another_packet_is_refused(house):
    packet, other = made(house)[1], made(house)[1]
    put(house, dataclasses.replace(packet, collector=other.collector).encode())
    assert counts(house.collect()) == (0, 0, 1)


# --- replays and crashes -------------------------------------------------------------------------


def everything(house):
    """Return what the database holds of witnesses, without the access log."""
    tables = (cases, testimonies, records, grants, tombstones)
    return {table.name: sorted(map(repr, rows(house, table))) for table in tables}


def test_a_replayed_testimony_is_dropped_and_the_box_left_as_it_is(house):
    material, packet = made(house)
    put(house, packet.encode())
    house.collect()
    before, changed = everything(house), made(house)
    locator = packet.boxes[0].locator
    box = house.settings.paths.letterbox / "boxes" / f"{locator}.box"
    newer = b"a newer box" * 1000
    box.write_bytes(newer)
    put(house, packet.encode())
    put(house, packet.encode())
    assert counts(house.collect()) == (0, 2, 0)
    assert everything(house) == before
    assert box.read_bytes() == newer
    assert changed
    assert material


def test_a_replayed_addendum_is_dropped(house):
    material, packet = made(house)
    added = addendum(house, material, packet).encode()
    put(house, packet.encode())
    put(house, added)
    assert counts(house.collect()) == (2, 0, 0)
    before = everything(house)
    put(house, added)
    assert counts(house.collect()) == (0, 1, 0)
    assert everything(house) == before
    assert stories(house) == ["a story", "an addendum"]


def test_a_crash_between_commit_and_removal_leaves_exactly_one_testimony(house, monkeypatch):
    letterbox = house.letterbox
    data = made(house)[1].encode()
    name = put(house, data)

    def crash(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(letterbox, "remove_packet", crash)
    with pytest.raises(KeyboardInterrupt):
        house.collect()
    monkeypatch.undo()
    assert letterbox.waiting() == [name]
    assert counts(house.collect()) == (0, 1, 0)
    assert waiting_nowhere(house)
    assert len(rows(house, testimonies)) == 1
    assert stories(house) == ["a story"]


def test_a_crash_before_the_commit_leaves_nothing_and_the_packet(house, monkeypatch):
    name = put(house, made(house)[1].encode())

    def crash(*_):
        raise StorageError("disk")

    monkeypatch.setattr(collect.Taking, "take", crash)
    with pytest.raises(StorageError):
        house.collect()
    monkeypatch.undo()
    assert house.letterbox.waiting() == [name]
    assert not rows(house, cases)
    assert counts(house.collect()) == (1, 0, 0)


def test_another_testimony_with_record_ids_that_are_there_is_refused_alone(house):
    first, second, third = (made(house)[1] for _ in range(3))
    squatting = dataclasses.replace(
        second,
        records=tuple(
            dataclasses.replace(own, id=other.id)
            for own, other in zip(second.records, first.records, strict=True)
        ),
    )
    put(house, first.encode())
    house.collect()
    put(house, squatting.encode())
    put(house, third.encode())
    assert counts(house.collect()) == (1, 0, 1)
    assert stories(house) == ["a story", "a story"]


def test_an_addendum_with_record_ids_that_are_there_is_refused_alone(house):
    material, packet = made(house)
    added = addendum(house, material, packet)
    squatting = dataclasses.replace(
        added,
        records=tuple(
            dataclasses.replace(own, id=other.id)
            for own, other in zip(added.records, packet.records, strict=True)
        ),
    )
    for data in (packet, squatting):
        put(house, data.encode())
    assert counts(house.collect()) == (1, 0, 1)


# --- order ---------------------------------------------------------------------------------------


def test_an_addendum_of_an_earlier_batch_than_its_testimony_is_taken(house, monkeypatch):
    monkeypatch.setattr(collect, "BATCH", 1)
    monkeypatch.setattr(collect, "_shuffle", lambda names: names.sort())
    material, packet = made(house)
    put(house, addendum(house, material, packet).encode(), "0" * 32)
    put(house, packet.encode(), "f" * 32)
    assert counts(house.collect()) == (2, 0, 0)
    assert stories(house) == ["a story", "an addendum"]


def test_an_addendum_for_an_unknown_testimony_is_set_aside(house):
    material, packet = made(house)
    name = put(house, addendum(house, material, packet).encode())
    assert counts(house.collect()) == (0, 0, 1)
    assert (house.settings.paths.letterbox / "refused" / name).exists()
    assert not rows(house, records)


def test_an_addendum_without_the_receipt_is_kept_and_shown_as_unproven(house):
    material, packet = made(house)
    put(house, packet.encode())
    put(house, addendum(house, Material.generate(), packet, story="a stranger's").encode())
    assert counts(house.collect()) == (2, 0, 0)
    assert stories(house) == ["a story"]
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    origins = [r.origin for r in open_case(house.vault, house.actors["officer"], line.id).records]
    assert sorted(origins) == ["receipt", "unproven"]
    assert material


def test_the_second_receipts_addendum_says_so(house):
    material, packet = made(house)
    other = dataclasses.make_dataclass("Other", ["receipt"])(material.second)
    put(house, packet.encode())
    put(house, addendum(house, other, packet).encode())
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    view = open_case(house.vault, house.actors["officer"], line.id)
    assert {r.kind: r.origin for r in view.records} == {
        "statement": "receipt",
        "addendum": "second",
    }


def test_a_slot_of_120_with_three_bad_ones(house):
    for _ in range(117):
        put(house, made(house)[1].encode())
    for bad in (b"", b"{}", random(5000)):
        put(house, bad)
    assert counts(house.collect()) == (117, 0, 3)
    assert waiting_nowhere(house)
    assert len(rows(house, testimonies)) == len(rows(house, tombstones)) == 117
    intake = [e for e in house.vault.journal.read() if e.kind == "intake"]
    assert len(intake) == len({e.subject["case"] for e in intake}) == 117
    assert {e.time for e in intake} == {clock.day()}


# --- when the vault cannot -----------------------------------------------------------------------


def test_a_locked_vault_takes_nothing_and_refuses_nothing(house):
    put(house, made(house)[1].encode())
    house.vault.agent.lock()
    with pytest.raises(LockedError):
        house.collect()
    assert len(house.letterbox.waiting()) == 1


def test_a_vault_locked_in_the_middle_refuses_nothing(house, monkeypatch):
    put(house, made(house)[1].encode())
    true = house.letterbox.waiting

    def waiting():
        house.vault.agent.lock()
        return true()

    monkeypatch.setattr(house.letterbox, "waiting", waiting)
    with pytest.raises(LockedError):
        house.collect()
    assert len(true()) == 1
    assert not list((house.settings.paths.letterbox / "refused").iterdir())


def test_nothing_finer_than_a_day_is_kept_of_what_witnesses_did(house):
    material, packet = made(house)
    put(house, packet.encode())
    put(house, addendum(house, material, packet).encode())
    house.collect()
    for entry in house.vault.journal.read():
        by_day = entry.actor == "witness" or entry.kind == "date.noted"
        assert by_day == (len(entry.time) == len("2026-11-22"))
    with house.vault.database.read() as connection:
        ends = retention.first_day(house.vault)
        for table in (cases, testimonies, records, grants, tombstones):
            for row in connection.execute(select(table)).mappings():
                days = {name: row[name] for name in row if name.endswith("_day") or name == "day"}
                assert set(days.values()) <= {clock.day(), ends}
                rest = [v for name, v in row.items() if name not in days]
                assert not [v for v in rest if isinstance(v, int) and v > 1000]


def test_no_row_of_a_witness_has_a_number_that_counts(house):
    for table in (cases, testimonies, records, grants, tombstones):
        assert table.dialect_options["sqlite"]["with_rowid"] is False
    house.send(STORY)
    assert rows(house, cases)
