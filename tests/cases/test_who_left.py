"""Grants to officers who left between the sealing and the taking: none is kept for them."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.house import STORY
from vault.cases.epochs import due
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.custody import rosters
from vault.storage.tables.cases import cases, epochs, grants

NOT_YET = {"story": "later", "consent": {"C01": "yes", "C02": "not_yet"}}
KNOWN = {**STORY, "consent": {"C01": "yes", "C02": "yes", "C02_identity": "yes"}}


def told(house, answers):
    tell = house.tell
    return tell.send("victim", "ru", answers, tell.new_send_id()).receipt


def holders(house):
    return {row.member_id for row in rows(house, grants)}


@pytest.fixture
def two(house):
    house.add("second.officer", "intake_officer")
    return house


def leaves(house):
    rosters.end(house.vault, "officer", house.root)
    return house.actors["officer"].id


def goes_on(house):
    """The officer who stays begins an epoch of which the other has no key, even from a copy."""
    stays = house.actors["second.officer"]
    assert [row.keys_due for row in rows(house, cases)] == [1]
    assert due.begin_due(house.vault, stays) == 1
    assert [row.made_by for row in rows(house, epochs)] == [stays.id]
    (line,) = inbox.new_cases(house.vault, stays)
    assert open_case(house.vault, stays, line.id).records


@pytest.mark.parametrize("answers", [STORY, KNOWN])
def test_a_packet_that_waited_gives_nothing_to_an_officer_who_left_meanwhile(two, answers):
    told(two, answers)
    gone = leaves(two)
    two.collect()
    assert gone not in holders(two)
    assert two.actors["second.officer"].id in holders(two)
    goes_on(two)


def test_allowing_later_gives_nothing_to_an_officer_who_left_meanwhile(two):
    receipt = told(two, NOT_YET)
    two.collect()
    gone = leaves(two)
    two.come_back.allow(receipt)
    two.collect()
    assert gone not in holders(two)
    goes_on(two)


def test_nothing_is_due_where_nobody_left(two):
    told(two, STORY)
    two.collect()
    assert [row.keys_due for row in rows(two, cases)] == [0]
