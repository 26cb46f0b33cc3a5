"""Whoever opened an account knows the keys of its MACs: a yes that they make up allows nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.cases.test_consent import YES, both, given_case, given_now, opened, says
from tests.support.attacks import insert, rows
from vault import clock
from vault.cases.holders.access import hold
from vault.cases.reveal.opening import opened_account
from vault.cases.stored import stored_records
from vault.consent import gate
from vault.crypto.suite import random
from vault.keyring.compartments import Compartment
from vault.packet.build import Place, build_addendum
from vault.packet.open_record import open_record
from vault.packet.records import seal_record
from vault.storage.tables.cases import records

ACCOUNT = Compartment.ACCOUNT


def known_to(house, case, who="lawyer"):
    """Return what a reader knows: their hold of the case, and both keys of its MACs."""
    held = hold(house.vault, house.actors[who], case)
    account = opened_account(house.vault, house.actors[who], held, "reply")
    return held, account.receipts.addenda_keys


def forge(house, case, key, form="followup", **answers):
    """Put a page into the letterbox that passes for the witness's."""
    held, keys = known_to(house, case)
    packet = build_addendum(
        random(32),
        SimpleNamespace(addenda_key=keys[key]),
        Place(held.testimony, {name: (1, key) for name, key in held.header.publics.items()}),
        house.letterbox.roster().collector,
        content={
            "form": {"id": form, "version": 1},
            "language": "ru",
            "day": clock.day(),
            "number": 7,
        },
        parts={ACCOUNT: answers},
    )
    house.letterbox.put_packet(packet.encode())
    house.collect()
    (view,) = [one for one in opened(house, case).records if one.number == 7]
    assert view.origin == ("receipt", "second")[key]


@pytest.mark.parametrize("item", ["C07", "C08", "C12"])
def test_a_yes_that_a_reader_makes_up_counts_never(house, item):
    _, case = given_case(house)
    forge(house, case, 0, consent={item: "yes_confidential" if item == "C08" else "yes"})
    decided = opened(house, case).decided[item]
    assert (decided.allowed, decided.reason) == (False, gate.UNVOUCHED)


def test_nor_does_it_undo_a_no_or_a_pause(house):
    receipt, case = given_case(house, C07="yes")
    says(house, receipt, C07="paused")
    forge(house, case, 0, consent={"C07": "yes"})
    assert not opened(house, case).decided["C07"].allowed
    says(house, receipt, C07="yes")
    assert opened(house, case).decided["C07"].allowed


def test_what_was_said_with_the_second_receipt_cannot_be_given_to_the_first(house):
    _, second = both(house)
    case = given_now(house)
    before = {row.id for row in rows(house, records)}
    says(house, second, C07="yes")
    held, keys = known_to(house, case)
    with house.vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), frozenset({ACCOUNT}))
    (page,) = [one.record for one in stored if one.record.id not in before]
    content = open_record(held.testimony, page, held.seeds.key(ACCOUNT, page.epoch))
    made = seal_record(
        held.testimony,
        ACCOUNT,
        1,
        held.header.publics[ACCOUNT],
        record_id=random(16).hex(),
        kind="addendum",
        content=content,
        addenda_key=keys[0],
    )
    values = {"subject": held.testimony, "compartment": "account", "epoch": 1, "author": None}
    own = {"id": made.id, "kind": made.kind, "sealed": made.sealed, "mac": made.mac}
    insert(house, records, **values, **own, slot_day=clock.day())
    assert "receipt" in {one.origin for one in opened(house, case).records if one.id == made.id}
    assert opened(house, case).decided["C07"].reason == gate.UNVOUCHED


def test_nobody_is_made_to_speak_for_themselves(house):
    told = {"story": "a story", "consent": YES, "who_writes": "relative"}
    receipt = house.send(told)
    case = given_now(house)
    says(house, receipt, C07="yes")
    forge(house, case, 0, who_writes="self")
    assert opened(house, case).decided["C07"].reason == gate.NOT_THEIRS


def test_what_is_said_later_with_the_receipt_counts(house):
    receipt, case = given_case(house)
    says(house, receipt, C07="yes")
    assert opened(house, case).decided["C07"].allowed


def test_a_changed_text_sent_from_the_first_page_counts_as_well(house):
    tell = house.tell
    send_id = tell.new_send_id()
    tell.send("victim", "ru", {"story": "a story", "consent": YES}, send_id)
    tell.send("victim", "ru", {"story": "more", "consent": YES | {"C07": "yes"}}, send_id)
    house.collect()
    assert opened(house, given_now(house)).decided["C07"].allowed
