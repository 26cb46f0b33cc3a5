"""Who the witness is: given by the receipt alone, opened for a purpose, taken back for good."""

from __future__ import annotations

import dataclasses
import random

import pytest

from tests.support.attacks import change, plant, rows
from tests.support.house import STORY, sign_in_as
from vault import canonical, clock
from vault.cases import reveal
from vault.cases.epochs.keys import store_grants
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal.identity import PURPOSES, open_identity, released
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.errors import InputError, NotFoundError, RefusedError
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import seal_grant
from vault.packet import identity as asked
from vault.packet.build import build_instruction
from vault.storage.tables.cases import assignments, grants, records, testimonies
from vault.testimony import boxes
from vault.testimony import send_id as ids
from vault.testimony.boxes import box_locator

NAME = "Планета Имярековна"
WHO = {"identity": {"person": {"name": NAME}}}
LATER = {"identity": {"person": {"name": "another name, told later"}}}
IDENTITY = canonical.dumps(["identity"]).decode()


def a_name_is_sent(house):
    tell = house.tell
    send_id = tell.new_send_id()
    house.receipt = tell.send("victim", "ru", {**STORY, **WHO}, send_id).receipt
    house.decoy = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case = line.id
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, deputy.id)
    house.collect()


@pytest.fixture
def given(house):
    """A house where one testimony was sent with a name, and given to lawyer and deputy."""
    return house.after(a_name_is_sent)


def stand(house, receipt=None):
    return house.come_back.open(receipt or house.receipt).identity


def release(house):
    return house.come_back.release(house.receipt, stand(house).stand)


def withdraw(house):
    return house.come_back.withdraw(house.receipt, stand(house).stand)


def add(house, answers):
    back = house.come_back
    back.add(house.receipt, "ru", answers, back.new_send_id())
    house.collect()


def opened(house, who="lawyer", purpose="safety"):
    view = open_identity(house.vault, house.actors[who], house.case, purpose)
    return [record.answers for record in view.records]


def holders(house):
    found = rows(house, grants, compartments=IDENTITY)
    return sorted(row.member_id for row in found)


def kinds(house):
    return [entry.kind for entry in house.vault.journal.read()]


def instruct(house, instruction, receipt=None, secret=None):
    """Send an instruction as any packet maker can."""
    (row,) = rows(house, testimonies, case_id=house.case)
    packet = build_instruction(
        secret or random.randbytes(32),
        receipt or house.receipt,
        row.id,
        house.letterbox.roster().collector,
        instruction=instruction,
        day=clock.day(),
    )
    house.letterbox.put_packet(packet.encode())
    return house.collect()


def release_to(house, who, epoch=1, receipt=None, **changes):
    """Return a release to any member, with the true seeds."""
    content = boxes.look(house.letterbox, receipt or house.receipt).content
    member = house.vault.roster().member(house.actors[who].id)
    recipient = (member.id, member.opening)
    made = asked.release(
        content.testimony,
        receipt or house.receipt,
        content.fixed.identity_seed,
        epoch,
        recipient,
    )
    return {**made, **changes}


# --- before --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lawyer", "deputy"])
def test_before_a_release_nobody_opens_it_and_says_so(given, who):
    assert released(given.vault, given.actors[who], given.case) is None
    with pytest.raises(RefusedError):
        opened(given, who)
    assert "identity.opened" not in kinds(given)


def test_a_case_does_not_show_identity_by_itself(given):
    release(given)
    given.collect()
    view = reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    assert {record.compartment for record in view.records} == {"account"}
    assert NAME not in str([record.answers for record in view.records])


# --- release -------------------------------------------------------------------------------------


def test_what_is_released_shows_at_once_and_takes_effect_at_the_slot(given):
    assert stand(given).may_release
    assert release(given) is True
    shown = stand(given)
    assert (shown.may_release, shown.released, shown.in_effect) == (False, clock.day(), False)
    assert holders(given) == []
    given.collect()
    assert holders(given) == [given.actors["lawyer"].id]
    assert released(given.vault, given.actors["lawyer"], given.case) == clock.day()


def test_the_lawyer_opens_it_for_a_purpose_and_the_entry_comes_first(given):
    release(given)
    given.collect()
    assert opened(given, purpose="un_committee") == [WHO]
    (entry,) = [e for e in given.vault.journal.read() if e.kind == "identity.opened"]
    assert entry.actor == given.actors["lawyer"].id
    assert dict(entry.detail) == {"as": "lawyer", "for": "un_committee"}
    assert entry.subject["case"] == given.case


def test_without_its_entry_nothing_is_opened(given, monkeypatch):
    release(given)
    given.collect()
    tried = []

    def refuse(*_, **__):
        raise InputError("the log does not take it")

    monkeypatch.setattr("vault.journal.journal.Transaction.log", refuse)
    monkeypatch.setattr("vault.cases.reveal.opened.open_record", lambda *_: tried.append(1))
    with pytest.raises(InputError):
        opened(given)
    assert tried == []


def test_the_witness_sees_who_opened_it_and_for_what(given):
    release(given)
    given.collect()
    opened(given, purpose="care")
    given.collect()
    box = given.come_back.open(given.receipt)
    shown = [(o.day, o.role, o.purpose) for o in box.openings if o.compartment == "identity"]
    assert shown == [(clock.day(), "lawyer", "care")]
    assert box.identity.in_effect


@pytest.mark.parametrize("purpose", ["", "other", "Safety", "to tell his employer", "safety\n"])
def test_a_purpose_is_one_of_the_list_and_never_free_words(given, purpose):
    release(given)
    given.collect()
    with pytest.raises(InputError):
        opened(given, purpose=purpose)
    assert "identity.opened" not in kinds(given)


@pytest.mark.parametrize("who", ["deputy", "officer", "admin", "auditor"])
def test_nobody_else_opens_it(given, who):
    release(given)
    given.collect()
    with pytest.raises((RefusedError, NotFoundError)):
        opened(given, who)


def test_the_names_of_others_are_there_too_and_what_is_added_while_it_stands(given):
    release(given)
    given.collect()
    add(given, {"people": [{"name": "a name of somebody", "source": "heard"}]})
    assert opened(given) == [WHO, {"people": [{"name": "a name of somebody"}]}]


def test_the_entry_of_a_release_is_the_witnesses_and_has_a_day_only(given):
    release(given)
    given.collect()
    (entry,) = [e for e in given.vault.journal.read() if e.kind == "identity.released"]
    assert (entry.actor, entry.time) == ("witness", clock.day())
    assert entry.subject["member"] == given.actors["lawyer"].id


def test_releasing_twice_acts_once(given):
    before = stand(given).stand
    assert [given.come_back.release(given.receipt, before) for _ in range(3)] == [True] * 3
    given.collect()
    assert given.come_back.release(given.receipt, before) is True
    assert given.collect().accepted == 0
    assert kinds(given).count("identity.released") == 1
    assert [s.kind for s in given.come_back.open(given.receipt).sent] == ["released"]


def test_a_packet_that_is_sent_again_acts_once(given):
    release(given)
    (name,) = given.letterbox.waiting()
    data = given.letterbox.packet(name)
    given.collect()
    withdraw(given)
    given.collect()
    for _ in range(2):
        given.letterbox.put_packet(data)
    collected = given.collect()
    assert (collected.accepted, collected.dropped) == (0, 2)
    assert holders(given) == []


def test_no_lawyer_nothing_to_release(house):
    receipt = house.send({**STORY, **WHO})
    for one in (receipt, Receipt.generate()):
        shown = house.come_back.open(one).identity
        assert (shown.may_release, shown.released, shown.stand) == (False, None, "")
        with pytest.raises(RefusedError):
            house.come_back.release(one, shown.stand)


def test_a_lawyer_who_left_is_not_released_to(given, monkeypatch):
    shown = stand(given).stand
    monkeypatch.setattr("vault.roster.model.RosterMember.holds", lambda *_: False)
    assert not stand(given).may_release
    with pytest.raises(RefusedError):
        given.come_back.release(given.receipt, shown)
    assert given.letterbox.waiting() == []


# --- what the vault checks -----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
def test_the_vault_refuses_a_release_to_somebody_who_is_no_lawyer(given, who):
    assert instruct(given, release_to(given, who)).refused == 1
    assert holders(given) == []


def test_the_vault_keeps_no_grant_for_a_lawyer_of_other_cases(given):
    given.add("stranger", "lawyer")
    assert instruct(given, release_to(given, "stranger")).accepted == 1
    assert holders(given) == []


def test_the_vault_refuses_a_release_to_another_key_than_the_roster_s(given):
    made, other = release_to(given, "lawyer"), release_to(given, "deputy")
    grant = {**made["grant"], "sealed": other["grant"]["sealed"]}
    assert instruct(given, {**made, "grant": grant}).refused == 1
    assert holders(given) == []


def test_a_role_that_may_not_open_identity_gets_none(given, monkeypatch):
    role = dataclasses.replace(given.vault.roles["lawyer"], opens=frozenset({"account"}))
    monkeypatch.setitem(given.vault.roles, "lawyer", role)
    assert instruct(given, release_to(given, "lawyer")).refused == 1
    assert holders(given) == []


def test_a_stranger_s_release_is_refused(given):
    made = release_to(given, "lawyer")
    assert instruct(given, made, receipt=Receipt.generate()).refused == 1


def test_a_grant_of_the_database_s_own_making_opens_nothing(given):
    """Whoever can write there can label any row; only the seeds that the receipt sealed open it."""
    (row,) = [
        row
        for row in rows(given, grants, member_id=given.actors["deputy"].id)
        if "account" in row.compartments
    ]
    change(given, grants, {"id": row.id}, compartments=IDENTITY)
    with pytest.raises((RefusedError, NotFoundError)):
        opened(given, "deputy")


def test_a_key_and_a_record_of_the_database_s_own_making_show_as_unproven(given):
    lawyer, seed = given.actors["lawyer"], OpeningKey(b"k" * 32)
    (row,) = rows(given, testimonies, case_id=given.case)
    forged = Seeds({(Compartment.IDENTITY, 2): seed.seed})
    with given.vault.journal.transaction() as transaction:
        grant = seal_grant(row.id, lawyer.id, lawyer.opening.public, forged)
        store_grants(given.vault, transaction.connection, [grant], None)
        transaction.log("grant.made", lawyer.id, {"case": given.case, "member": lawyer.id})
    content = {"form": {"id": "victim", "version": 1}, "language": "ru", "day": clock.day()}
    content["answers"] = {"identity": {"person": {"name": "a name put under somebody"}}}
    plant(given, given.case, (2, seed.public), content, compartment="identity")
    view = open_identity(given.vault, lawyer, given.case, "safety")
    assert [(r.origin, r.answers) for r in view.records] == [("unproven", {})]
    assert view.closed == 1


# --- the second receipt --------------------------------------------------------------------------


def test_the_second_box_offers_nothing_and_looks_like_an_unopened_one(given):
    release(given)
    given.collect()
    shown = stand(given, given.decoy)
    assert shown == stand(given, Receipt.generate())


def test_instructions_of_the_second_receipt_leave_the_same_entry_and_no_effect(given):
    release(given)
    given.collect()
    assert instruct(given, asked.withdrawal(2), receipt=given.decoy).accepted == 1
    assert holders(given) == [given.actors["lawyer"].id]
    given_back = rows(given, testimonies, case_id=given.case)
    assert [row.identity_epoch for row in given_back] == [1]
    made = release_to(given, "deputy", receipt=given.decoy)
    assert instruct(given, made, receipt=given.decoy).accepted == 1
    assert holders(given) == [given.actors["lawyer"].id]
    assert kinds(given)[-20:].count("identity.withdrawn") == 1
    assert kinds(given).count("identity.released") == 2


def test_entries_of_both_receipts_have_the_same_form(given):
    for receipt in (given.decoy, given.receipt):
        instruct(given, release_to(given, "lawyer", receipt=receipt), receipt=receipt)
        instruct(given, asked.withdrawal(2), receipt=receipt)
    found = [e for e in given.vault.journal.read() if e.kind.startswith("identity.")]
    first, second = found[:2], found[2:]
    assert [(e.kind, e.time, e.subject, e.detail) for e in first] == [
        (e.kind, e.time, e.subject, e.detail) for e in second
    ]


def test_both_boxes_stay_of_one_size_whatever_was_released(given):
    folder = given.settings.paths.letterbox / "boxes"

    def sizes():
        return {
            kind: {p.stat().st_size for p in folder.glob(f"*.{kind}")} for kind in ("box", "sent")
        }

    before = sizes()
    release(given)
    given.collect()
    opened(given)
    given.collect()
    assert sizes() == before
    assert all(len(found) == 1 for found in before.values())


# --- withdrawal ----------------------------------------------------------------------------------


def test_taking_it_back_shows_at_once_and_ends_it_at_the_slot(given):
    release(given)
    given.collect()
    assert withdraw(given) is True
    shown = stand(given)
    assert (shown.released, shown.withdrawn, shown.may_release) == (None, clock.day(), True)
    given.collect()
    assert holders(given) == []
    with pytest.raises(RefusedError):
        opened(given)


def test_what_is_added_after_is_unreadable_with_every_earlier_seed_and_the_whole_database(given):
    """The attack: a lawyer who kept a copy of their grant, with everything that is stored."""
    release(given)
    given.collect()
    kept = rows(given, grants, compartments=IDENTITY)
    withdraw(given)
    given.collect()
    add(given, LATER)
    with given.vault.database.write() as connection:
        connection.execute(grants.insert(), [dict(row._mapping) for row in kept])
    assert opened(given) == [WHO]  # what was read stays read
    view = open_identity(given.vault, given.actors["lawyer"], given.case, "safety")
    assert view.closed == 1


def test_an_addendum_before_the_slot_is_already_under_the_new_key(given):
    release(given)
    given.collect()
    withdraw(given)
    back = given.come_back
    back.add(given.receipt, "ru", LATER, back.new_send_id())
    packets = map(canonical.loads, map(given.letterbox.packet, given.letterbox.waiting()))
    (added,) = [packet for packet in packets if packet["kind"] == "addendum"]
    assert [record["epoch"] for record in added["records"]] == [2, 2, 2]


@pytest.mark.parametrize("lost", ["sent", "box"])
def test_one_of_the_two_files_is_enough_to_go_on_with_the_new_key(given, lost):
    release(given)
    given.collect()
    old = given.letterbox.box(_locator(given))
    withdraw(given)
    given.collect()
    reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    given.collect()
    if lost == "sent":
        given.letterbox.put_sent(_locator(given), b"damaged")
    else:
        given.letterbox.put_box(_locator(given), old)
    add(given, LATER)
    epochs = {r.epoch for r in _identity_records(given)}
    assert epochs == {1, 2}


def test_released_again_everything_opens_again(given):
    release(given)
    given.collect()
    withdraw(given)
    given.collect()
    add(given, LATER)
    assert release(given) is True
    given.collect()
    assert opened(given) == [WHO, LATER]
    assert stand(given).released == clock.day()


def test_all_in_one_slot_ends_as_it_was_chosen_last_in_any_order(given):
    """The collector shuffles: nothing may depend on which packet it takes first."""
    lawyer = given.actors["lawyer"].id
    for turn in range(4):
        epoch = 2 * turn
        release(given)
        withdraw(given)
        release(given)
        assert len(given.letterbox.waiting()) == 3
        given.collect()
        assert holders(given) == [lawyer]
        withdraw(given)
        release(given)
        withdraw(given)
        given.collect()
        assert holders(given) == []
        (row,) = rows(given, testimonies, case_id=given.case)
        assert row.identity_epoch == 1 + 3 * (turn + 1) > epoch


def test_an_old_page_changes_nothing(given):
    first = stand(given).stand
    release(given)
    withdraw(given)
    assert given.come_back.release(given.receipt, first) is False
    assert given.come_back.withdraw(given.receipt, first) is True  # done already
    release(given)
    assert given.come_back.withdraw(given.receipt, first) is False
    assert stand(given).released == clock.day()


@pytest.mark.parametrize("page", ["", "x", "ж" * 40, "A" * 22])
def test_a_page_of_nobody_changes_nothing(given, page):
    assert given.come_back.release(given.receipt, page) is False
    release(given)
    assert given.come_back.withdraw(given.receipt, page) is False
    assert given.collect().accepted == 1


def test_after_many_turns_it_stays_taken_back(given):
    for epoch in range(2, asked.MAX_EPOCH + 1):
        boxes = given.come_back
        boxes.release(given.receipt, stand(given).stand)
        assert boxes.withdraw(given.receipt, stand(given).stand) is True, epoch
    assert not stand(given).may_release
    given.collect()
    assert holders(given) == []


# --- "those who handle my case may know now" -----------------------------------------------------


KNOWN = {**STORY, **WHO, "consent": {"C01": "yes", "C02": "yes", "C02_identity": "yes"}}


def test_chosen_when_telling_it_reaches_lawyer_and_deputy_with_the_first_giving(house):
    receipt = house.send(KNOWN)
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.receipt, house.case = receipt, line.id
    assert holders(house) == [house.actors["officer"].id]
    assert stand(house).released == clock.day()
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, deputy.id)
    assert holders(house) == sorted([lawyer.id, deputy.id])
    assert opened(house) == [WHO] == opened(house, "deputy")
    house.collect()
    assert stand(house).in_effect
    withdraw(house)
    house.collect()
    assert holders(house) == []


def test_an_officer_who_only_passes_it_on_does_not_open_it(house):
    house.send(KNOWN)
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case = line.id
    with pytest.raises(NotFoundError):
        opened(house, "officer")


def test_an_officer_whose_role_may_not_hold_it_gets_none(house, monkeypatch):
    role = dataclasses.replace(house.vault.roles["intake_officer"], opens=frozenset({"account"}))
    monkeypatch.setitem(house.vault.roles, "intake_officer", role)
    house.send(KNOWN)
    assert holders(house) == []


def test_not_chosen_nothing_of_it_is_kept(house):
    house.send({**STORY, **WHO})
    assert holders(house) == []
    assert "identity.released" not in kinds(house)


def test_with_not_yet_it_does_not_count(house):
    receipt = house.send({**KNOWN, "consent": {**KNOWN["consent"], "C02": "not_yet"}})
    assert house.come_back.allow(receipt)
    house.collect()
    assert holders(house) == []


def test_recovery_is_never_given_identity(given):
    release(given)
    given.collect()
    held = rows(given, grants, member_id="recovery")
    assert held
    assert all("identity" not in row.compartments for row in held)


def test_every_purpose_is_a_code():
    assert all(purpose.isidentifier() and purpose.islower() for purpose in PURPOSES)


def _locator(house):
    return box_locator(house.receipt)


def _identity_records(house):
    return rows(house, records, compartment="identity")


# --- by a way round ------------------------------------------------------------------------------


def test_a_lawyer_who_is_an_officer_too_passes_no_name_on_by_giving_the_case_back(given):
    given.change_roles("lawyer", "lawyer", "intake_officer")
    given.add("other", "lawyer")
    both = given.actors["lawyer"] = sign_in_as(given.vault, "lawyer")
    release(given)
    given.collect()
    assert holders(given) == [both.id]
    assign.give_back(given.vault, both, given.case)
    assert holders(given) == []
    assign.give(given.vault, both, given.case, given.actors["other"].id, None)
    assert holders(given) == []


def test_a_lawyer_planted_in_the_database_is_not_named_to_the_witness_and_given_nothing(given):
    given.add("other", "lawyer")
    lawyer, other = given.actors["lawyer"], given.actors["other"]
    to_other = release_to(given, "other")
    change(given, assignments, {"member_id": lawyer.id}, member_id=other.id)
    reveal.open_case(given.vault, given.actors["deputy"], given.case)
    given.collect()
    assert not stand(given).may_release
    instruct(given, to_other)
    assert holders(given) == []
