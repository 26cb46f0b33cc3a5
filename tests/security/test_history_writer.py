"""Write access to roster and ledger: what is changed, dropped or taken back is refused or found."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from tests.support.attacks import change, drop, insert, rows
from tests.support.exported import exported
from tests.support.house import STORY
from vault import canonical
from vault.cases.holders import assign
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.errors import LedgerError, RosterError, StorageError
from vault.ledger.entry import Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.verify import verify_export
from vault.roster.chain import sign_roster
from vault.roster.model import Roster
from vault.storage.tables.ledger import checkpoints, ledger_entries, ledger_head
from vault.storage.tables.people import rosters


def everything_sealed_is_refused(house):
    told = house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    for act in (
        lambda: messages.reply(house.vault, lawyer, case, "to whom?"),
        lambda: assign.readers(house.vault),
        lambda: open_case(house.vault, lawyer, case),
        house.collect,
    ):
        with pytest.raises(RosterError):
            act()
    assert len(house.letterbox.waiting()) == 1, "the fault is no packet's"
    assert told.receipt


def newest(house):
    return max(rows(house, rosters), key=lambda row: row.version)


def with_swapped_key(house, signing):
    """Return the newest roster with another opening key for the lawyer, signed by `signing`."""
    value = canonical.loads(newest(house).document)["roster"]
    for member in value["members"]:
        if member["id"] == house.actors["lawyer"].id:
            member["opening"] = canonical.b64(OpeningKey.generate().public)
    return value if signing is None else sign_roster(Roster.from_json(value), signing)


# --- the roster ----------------------------------------------------------------------------------


def test_a_key_swapped_in_the_newest_roster_is_refused(house):
    document = canonical.loads(newest(house).document)
    document["roster"] = with_swapped_key(house, None)
    change(house, rosters, {"version": newest(house).version}, document=canonical.dumps(document))
    everything_sealed_is_refused(house)


def test_a_roster_signed_by_another_root_is_refused(house):
    document = with_swapped_key(house, SigningKey(random(32)))
    change(house, rosters, {"version": newest(house).version}, document=document)
    everything_sealed_is_refused(house)


def test_a_roster_taken_back_to_an_older_version_is_refused(house):
    drop(house, rosters, version=newest(house).version)
    everything_sealed_is_refused(house)


def test_all_rosters_dropped_is_refused(house):
    with house.vault.database.write() as connection:
        connection.execute(rosters.delete())
    everything_sealed_is_refused(house)


@pytest.mark.parametrize("version", [1, 2])
def test_a_missing_link_is_refused(house, version):
    drop(house, rosters, version=version)
    everything_sealed_is_refused(house)


def test_two_versions_exchanged_are_refused(house):
    one, two = (row.document for row in rows(house, rosters)[:2])
    change(house, rosters, {"version": 1}, document=two)
    change(house, rosters, {"version": 2}, document=one)
    everything_sealed_is_refused(house)


def test_an_old_roster_published_as_a_new_one_is_refused(house):
    insert(house, rosters, version=newest(house).version + 1, document=newest(house).document)
    everything_sealed_is_refused(house)


def test_a_roster_taken_back_together_with_its_entry_is_found_by_the_auditor(house):
    drop(house, rosters, version=newest(house).version)
    last = max(rows(house, ledger_entries, kind="roster.published"), key=lambda row: row.seq)
    drop(house, ledger_entries, seq=last.seq)
    with pytest.raises(RosterError):  # the vault gives no export of it
        verify(house)
    kept = sorted(rows(house, ledger_entries), key=lambda row: row.seq)
    notes = sorted(rows(house, checkpoints), key=lambda row: row.size)
    with pytest.raises(LedgerError) as caught:  # and whoever reads the disk finds where
        verify_export(
            [row.leaf for row in kept],
            [row.hash for row in kept],
            [row.note for row in notes],
            house.vault.journal.verifier().vkey(),
        )
    assert caught.value.seq == last.seq


def test_an_old_chain_published_to_intake_is_refused_and_the_true_one_taken_again(house):
    from vault.letterbox import Letterbox

    chain = house.vault.chain()
    settings = house.settings
    assert house.letterbox.roster().version == len(chain)
    house.letterbox.publish_chain(chain[:-1])
    for letterbox in (house.letterbox, Letterbox(settings.paths.letterbox, settings.letterbox)):
        with pytest.raises(RosterError):
            letterbox.roster()
    house.letterbox.publish_chain(chain)
    assert house.letterbox.roster().version == len(chain)


# --- the ledger ----------------------------------------------------------------------------------


def verify(house):
    export = exported(house.vault.journal)
    vkey = house.vault.journal.verifier().vkey()
    return verify_export(export.entries, export.leaf_hashes, export.checkpoints, vkey)


def rewritten(leaf, **values):
    value = canonical.loads(leaf) | values
    return canonical.dumps(value)


def test_an_untouched_log_verifies_to_its_last_entry(house):
    report = verify(house)
    assert report.unverified == 0
    assert report.entries == house.vault.journal.size()


@pytest.mark.parametrize("rehash", [False, True])
def test_a_changed_opening_is_named(house, rehash):
    case, lawyer = house.cases["first"], house.actors["lawyer"]
    open_case(house.vault, lawyer, case)
    row = next(r for r in rows(house, ledger_entries, kind="reveal"))
    leaf = rewritten(row.leaf, actor=house.actors["deputy"].id)
    values = {"leaf": leaf} | ({"hash": leaf_hash(leaf)} if rehash else {})
    change(house, ledger_entries, {"seq": row.seq}, **values)
    with pytest.raises(LedgerError) as caught:
        verify(house)
    assert caught.value.seq is not None
    assert caught.value.seq <= row.seq


def test_a_dropped_opening_is_named(house):
    open_case(house.vault, house.actors["lawyer"], house.cases["first"])
    row = rows(house, ledger_entries, kind="reveal")[-1]
    drop(house, ledger_entries, seq=row.seq)
    with pytest.raises(LedgerError) as caught:
        verify(house)
    assert caught.value.seq == row.seq


def test_two_entries_exchanged_are_named(house):
    one, two = rows(house, ledger_entries)[3:5]
    change(house, ledger_entries, {"seq": one.seq}, leaf=two.leaf, hash=two.hash)
    change(house, ledger_entries, {"seq": two.seq}, leaf=one.leaf, hash=one.hash)
    with pytest.raises(LedgerError) as caught:
        verify(house)
    assert caught.value.seq == one.seq


def test_a_changed_entry_does_not_close_the_case_for_its_lawyer(house):
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    open_case(house.vault, lawyer, case)
    row = rows(house, ledger_entries, kind="reveal")[-1]
    change(house, ledger_entries, {"seq": row.seq}, leaf=b"junk")
    assert open_case(house.vault, lawyer, case).records
    with pytest.raises(LedgerError) as caught:
        verify(house)
    assert caught.value.seq == row.seq


def test_the_last_entry_dropped_and_the_head_moved_back_is_not_signed_over(house):
    """The head returns to where it was before an opening, checkpoint included."""
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    before = rows(house, ledger_head)[0]
    open_case(house.vault, lawyer, case)
    with house.vault.database.write() as connection:
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq >= before.size))
        connection.execute(checkpoints.delete().where(checkpoints.c.size > before.size))
        connection.execute(update(ledger_head).values(size=before.size, frontier=before.frontier))
    with pytest.raises(LedgerError):
        open_case(house.vault, lawyer, case)


# Each takes an opening out again within its own commit, so that head and entries agree.
RULES = {
    "triggers": (
        (
            "CREATE TRIGGER gone AFTER INSERT ON ledger_entries BEGIN "
            "DELETE FROM ledger_entries WHERE seq = new.seq; END"
        ),
        (
            "CREATE TRIGGER back AFTER UPDATE ON ledger_head WHEN new.size != {size} BEGIN "
            "UPDATE ledger_head SET size = {size}, frontier = x'{frontier}'; END"
        ),
    ),
    "only the head": (
        (
            "CREATE TRIGGER back AFTER UPDATE ON ledger_head WHEN new.size != {size} BEGIN "
            "UPDATE ledger_head SET size = {size}, frontier = x'{frontier}'; END"
        ),
    ),
    "another member's": (
        (
            "CREATE TRIGGER other AFTER INSERT ON ledger_entries BEGIN "
            "UPDATE ledger_entries SET actor = 'root', member = NULL WHERE seq = new.seq; END"
        ),
    ),
    "conflicts passed over": (
        "ALTER TABLE ledger_head RENAME TO before",
        (
            "CREATE TABLE ledger_head (id INTEGER PRIMARY KEY, frontier BLOB, "
            "size INTEGER CHECK (size = {size}))"
        ),
        "INSERT INTO ledger_head SELECT id, frontier, size FROM before",
        "CREATE TRIGGER passed BEFORE UPDATE ON ledger_head BEGIN SELECT RAISE(IGNORE); END",
    ),
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_no_rule_in_the_database_takes_the_entry_of_an_opening_out_again(house, rules):
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    before = rows(house, ledger_head)[0]
    with house.vault.database.write() as connection:
        for rule in rules:
            filled = rule.format(size=before.size, frontier=before.frontier.hex())
            connection.execute(text(filled))
    with pytest.raises(StorageError):
        open_case(house.vault, lawyer, case)
    assert rows(house, ledger_head)[0].size == before.size


def test_an_auditor_is_never_given_an_old_checkpoint_to_keep_as_the_newest(house):
    """A rule left in the database puts an older one, truly signed, in the place of each."""
    old = rows(house, checkpoints)[0]
    rule = f"""CREATE TRIGGER older AFTER INSERT ON checkpoints BEGIN
        UPDATE checkpoints SET note = x'{old.note.hex()}', frontier = x'{old.frontier.hex()}'
        WHERE size = new.size; END"""
    with house.vault.database.write() as connection:
        connection.execute(text(rule))
    log_many(house, house.actors["lawyer"], 1)
    with pytest.raises(LedgerError):
        house.vault.journal.checkpoint_to_keep()


def test_nor_is_one_given_that_others_were_taken_away_after(house):
    log_many(house, house.actors["lawyer"], 1)
    drop(house, checkpoints, size=rows(house, ledger_head)[0].size)
    with pytest.raises(LedgerError):
        house.vault.journal.checkpoint_to_keep()
    log_many(house, house.actors["lawyer"], 1)
    assert house.vault.journal.checkpoint_to_keep()


def log_many(house, member, count):
    with house.vault.journal.transaction() as transaction:
        for _ in range(count):
            transaction.log("list", member.id, {}, {"what": "mine"})


def test_openings_dropped_with_their_checkpoints_are_not_signed_over_by_a_longer_commit(house):
    """One more entry than were taken away: no size is signed twice."""
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    before = rows(house, ledger_head)[0]
    open_case(house.vault, lawyer, case)
    gone = rows(house, ledger_head)[0].size - before.size
    with house.vault.database.write() as connection:
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq >= before.size))
        connection.execute(checkpoints.delete().where(checkpoints.c.size > before.size))
        connection.execute(update(ledger_head).values(size=before.size, frontier=before.frontier))
    with pytest.raises(LedgerError):
        log_many(house, lawyer, gone + 1)


def test_no_opening_is_answered_when_its_entry_cannot_be_signed(house):
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    size = rows(house, ledger_head)[0].size
    drop(house, checkpoints, size=size)
    row = rows(house, ledger_entries)[-1]
    change(house, ledger_entries, {"seq": row.seq}, leaf=rewritten(row.leaf, actor="root"))
    with pytest.raises(LedgerError):
        open_case(house.vault, lawyer, case)


def test_what_the_box_shows_of_openings_comes_from_entries_that_parse(house):
    lawyer, case = house.actors["lawyer"], house.cases["first"]
    open_case(house.vault, lawyer, case)
    with house.vault.database.read() as connection:
        leaves = connection.execute(
            select(ledger_entries.c.leaf).where(ledger_entries.c.kind == "reveal")
        ).scalars()
        actors = {Entry.parse(leaf).actor for leaf in leaves}
        assert actors == {lawyer.id, house.actors["officer"].id}
    house.collect()
    openings = house.come_back.open(house.receipts["first"]).openings
    assert {opening.role for opening in openings} == {"lawyer", "intake_officer"}
