"""A revoked member's keys, with the whole database in hand, open nothing of the next epoch.

The attacker has a copy of every table and every erasure key, all letterbox files, their own keys,
and every seed that they ever held. All that is stored after they lost access is tried with them,
also with labels changed to fit; they open what was stored before, so that the test bites.
"""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from tests.support.attacks import rows, stored_testimony
from vault import canonical
from vault.agents.kdf import LocalKdf
from vault.cases.epochs import due
from vault.cases.holders import assign, revoke
from vault.cases.reveal import open_case
from vault.cases.written import messages, notes
from vault.crypto.seal import KEY_ID_SIZE, OpeningKey, key_id
from vault.custody import keys, rosters
from vault.errors import NotFoundError, WitnessVaultError
from vault.keyring.compartments import Compartment
from vault.keyring.grants import Grant, context, parse_compartments
from vault.keyring.opening import open_grant, unwrap
from vault.keyring.summaries import Keeper, Place
from vault.keyring.summaries import unwrap as unwrap_summary
from vault.packet.box import FORMAT as BOX
from vault.packet.box import context as box_context
from vault.packet.records import context as record_context
from vault.storage.tables.base import VAULT
from vault.storage.tables.erasure import erasure_keys

ACCOUNT, MEDICAL, WORK = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.WORK


class Attacker:
    """Somebody who handled a case, and who copies everything now and then."""

    def __init__(self, house, name):
        self.house, self.actor = house, house.actors[name]
        self.seeds: dict[tuple, OpeningKey] = {}

    def copy(self):
        """Take a full copy of both databases and of the letterbox; try all of it on every grant."""
        with self.house.vault.database.read() as connection:
            tables = {
                table.name: connection.execute(select(table)).all() for table in VAULT.sorted_tables
            }
        with self.house.vault.erasure.read() as connection:
            erasure = {row.subject: row.key for row in connection.execute(select(erasure_keys))}
        box = self.house.settings.paths.letterbox
        files = {path: path.read_bytes() for path in box.rglob("*") if path.is_file()}
        for row in tables["grants"]:
            for place, seed in self.opened_grant(row, erasure).items():
                self.seeds[(row.subject, *place)] = OpeningKey(seed)
        return tables, erasure, files

    def opened_grant(self, row, erasure):
        named = parse_compartments(canonical.loads(row.compartments.encode()))
        stored = Grant(row.subject, row.member_id, named, row.epoch, row.sealed)
        try:
            inner = unwrap(erasure[row.subject], stored, row.id)
        except (WitnessVaultError, KeyError):
            return {}
        # As it is, and as if it were theirs: both labels.
        for who in (row.member_id, self.actor.id):
            relabelled = Grant(inner.subject, who, inner.compartments, inner.epoch, inner.sealed)
            try:
                return dict(open_grant(relabelled, self.actor.opening).by_epoch)
            except WitnessVaultError:
                if self.forced(inner.sealed, [context(row.subject, who, named, row.epoch)]):
                    raise AssertionError("a grant of somebody else opened") from None
        return {}

    @property
    def keys(self):
        return [self.actor.opening, *self.seeds.values()]

    def forced(self, sealed, infos):
        """Return whether any key they have opens a frame in any context, its key id set to fit."""
        for key, info in product(self.keys, infos):
            frame = sealed[:1] + key_id(key.public) + sealed[1 + KEY_ID_SIZE :]
            try:
                key.open(frame, info)
            except WitnessVaultError:
                continue
            return True
        return False

    def opens_record(self, row):
        epochs = {epoch for _, _, epoch in self.seeds} | {row.epoch}
        infos = [
            record_context(subject, Compartment(row.compartment), epoch, row.id, row.kind)
            for subject, epoch in product({row.subject}, epochs)
        ]
        return self.forced(row.sealed, infos)

    def opens_box(self, data):
        return self.forced(data, [box_context(BOX, key.public) for key in self.keys])

    def opens_summary(self, row, erasure):
        place = Place(row.case_id, row.testimony, row.member_id)
        sealed = unwrap_summary(erasure[row.testimony], place, row.sealed)
        keeper = Keeper(self.actor.id, self.actor.opening)
        try:
            keeper.open(place, sealed, lambda _: self.actor.signing.public)
        except WitnessVaultError:
            return False
        return True


def go_on(house, case, receipt, actor):
    """What happens after: the witness adds, a member replies and notes, boxes are delivered."""
    house.collect()  # the box with the new keys reaches the witness
    back = house.come_back
    back.add(receipt, "ru", {"story": "После этого."}, back.new_send_id())
    house.collect()
    messages.reply(house.vault, actor, case, "Ответ после.")
    notes.write(house.vault, actor, case, "note afterwards")
    open_case(house.vault, actor, case)
    house.collect()


def revoked(house, case):
    """The officer takes it away; the new epoch begins when the deputy signs in."""
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    revoke.revoke(house.vault, house.actors["officer"], case, lawyer.id)
    assert due.begin_due(house.vault, deputy) == 1
    return deputy


def handed_over(house, case):
    stranger = house.actors["stranger"]
    assign.hand_over(house.vault, house.actors["lawyer"], case, stranger.id)
    return stranger


def ended(house, case):
    """The roster ends the lawyer; the deputy signs in and takes the case over."""
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    rosters.end(house.vault, "lawyer", root)
    deputy = house.actors["deputy"]
    due.begin_due(house.vault, deputy)
    assign.take_over(house.vault, deputy, case)
    return deputy


@pytest.mark.parametrize("leave", [revoked, handed_over, ended])
def test_a_revoked_members_keys_with_the_whole_database_open_nothing_of_the_next_epoch(
    house, leave
):
    case, receipt = house.cases["first"], house.receipts["first"]
    subject = stored_testimony(house, case).id
    attacker = Attacker(house, "lawyer")
    before, _, files_before = attacker.copy()
    old = {row.id for row in before["records"]} | {row.id for row in before["grants"]}
    assert {(subject, c, e) for c in (ACCOUNT, MEDICAL) for e in (1, 2)} <= attacker.seeds.keys()
    own = [row for row in before["records"] if row.subject in {subject, case}]
    opened = {row.id for row in own if attacker.opens_record(row)}
    assert opened == {row.id for row in own if row.compartment != "identity"}

    actor = leave(house, case)
    go_on(house, case, receipt, actor)

    known = set(attacker.seeds)
    after, erasure, files = attacker.copy()
    fresh = [
        row for row in after["records"] if row.id not in old and row.subject in {subject, case}
    ]
    assert {(row.compartment, row.kind) for row in fresh} >= {
        ("account", "addendum"),
        ("medical", "addendum"),
        ("account", "reply"),
        ("work", "note"),
    }
    assert {row.epoch for row in fresh if row.compartment in {"account", "medical"}} == {3}
    assert {key for key in attacker.seeds if key[0] in {subject, case}} == {
        key for key in known if key[0] in {subject, case}
    }
    assert [row for row in fresh if attacker.opens_record(row)] == []
    for row in after["summaries"]:
        if row.case_id == case:
            assert not attacker.opens_summary(row, erasure)
    boxes = [path for path in files if files_before.get(path) != files[path]]
    assert boxes
    assert not any(attacker.opens_box(files[path]) for path in boxes)
    assert not any(attacker.opens_box(row.box) for row in after["outbox"])
    with pytest.raises(NotFoundError):
        open_case(house.vault, attacker.actor, case)
    texts = {
        record.text or record.answers.get("story")
        for record in open_case(house.vault, actor, case).records
    }
    assert {"the first story", "После этого.", "Ответ после."} <= texts


def test_until_a_holder_signs_in_what_arrives_is_still_sealed_to_the_old_epoch(house):
    """The known weakness: what comes between the loss and the next holder's sign-in and slot."""
    case, receipt = house.cases["first"], house.receipts["first"]
    attacker = Attacker(house, "lawyer")
    attacker.copy()
    lawyer = house.actors["lawyer"]
    revoke.revoke(house.vault, house.actors["officer"], case, lawyer.id)
    back = house.come_back
    back.add(receipt, "ru", {"story": "Слишком рано."}, back.new_send_id())
    house.collect()
    early = [
        row
        for row in rows(house, VAULT.tables["records"], kind="addendum", compartment="account")
        if row.subject == stored_testimony(house, case).id
    ]
    assert [attacker.opens_record(row) for row in early] == [True]
    with pytest.raises(NotFoundError):
        open_case(house.vault, lawyer, case)
    due.begin_due(house.vault, house.actors["deputy"])
    go_on(house, case, receipt, house.actors["deputy"])
    late = [
        row
        for row in rows(house, VAULT.tables["records"], kind="addendum", compartment="account")
        if row.subject == stored_testimony(house, case).id and row.id != early[0].id
    ]
    assert [attacker.opens_record(row) for row in late] == [False]
