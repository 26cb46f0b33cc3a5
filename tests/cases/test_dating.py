"""The day of what came stands in the log: of every record, and of nobody."""

import pytest

from tests.cases.test_collect import addendum, made, put
from vault import canonical, clock
from vault.cases.arriving import dating
from vault.cases.arriving.instructed import collector_keys
from vault.crypto.suite import random
from vault.ledger.entry import MAX_ITEMS
from vault.ledger.proof_of_date import NOTED
from vault.packet import collector
from vault.packet.build import build_instruction


def noted(house):
    return [entry for entry in house.vault.journal.read() if entry.kind == NOTED]


def committed(house, packet):
    keys = collector_keys(house.vault)
    part = collector.open_part(keys, packet.testimony, packet.id, packet.collector)
    return {canonical.b64(one) for one in collector.commitments(part)}


@pytest.fixture
def sent(house):
    material, packet = made(house)
    put(house, packet.encode())
    return material, packet


def test_every_record_of_a_slot_stands_in_its_entry_dated_by_the_day(house, sent):
    put(house, (more := addendum(house, *sent)).encode())
    house.collect()
    (entry,) = noted(house)
    assert entry.time == clock.day()
    assert committed(house, sent[1]) | committed(house, more) < set(entry.detail["commitments"])


def test_the_entry_names_no_case_and_tells_neither_how_many_nor_in_which_order(house, sent):
    house.collect()
    put(house, addendum(house, *sent).encode())
    house.collect()
    for entry in noted(house):
        listed = list(entry.detail["commitments"])
        assert not entry.subject
        assert len(listed) == MAX_ITEMS
        assert listed == sorted(listed)


def test_a_flood_is_noted_in_several_entries_with_nothing_left_out(house):
    packets = [made(house)[1] for _ in range(11)]
    for packet in packets:
        put(house, packet.encode())
    house.collect()
    entries = noted(house)
    assert len(entries) == 2
    listed = {one for entry in entries for one in entry.detail["commitments"]}
    assert all(committed(house, packet) <= listed for packet in packets)


def test_what_is_refused_or_only_instructs_is_not_noted(house, sent):
    put(house, sent[1].encode()[:-1])
    house.collect()
    before = len(noted(house))
    instructed = build_instruction(
        random(32),
        sent[0].receipt,
        sent[1].testimony,
        house.letterbox.roster().collector,
        instruction={"name": "keep", "number": 1},
        day=clock.day(),
    )
    put(house, instructed.encode())
    put(house, b"{}")
    house.collect()
    assert len(noted(house)) == before


def test_a_replay_is_not_noted_again(house, sent):
    house.collect()
    put(house, sent[1].encode())
    assert house.collect().dropped == 1
    assert len(noted(house)) == 1


def test_a_commitment_is_found_where_it_was_first_noted(house, sent):
    house.collect()
    (entry,) = noted(house)
    with house.vault.database.read() as connection:
        for one in committed(house, sent[1]):
            assert dating.find(connection, canonical.unb64(one)) == entry
        assert dating.find(connection, bytes(32)) is None
