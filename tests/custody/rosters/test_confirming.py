"""Confirming: the only way to become somebody who is sealed to, never by the database alone."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from tests.support.attacks import change, rows
from tests.support.house import STORY, House, enrol_as, sign_in_as
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.custody import keys, rosters
from vault.errors import NotFoundError, NotOpenYetError, RefusedError, RosterExpiredError
from vault.members import people
from vault.storage.tables.cases import grants
from vault.storage.tables.people import enrolments

DELAY = 86_400
WAIT = DELAY + 43_200  # and the time that the second signature may take


def confirm(vault, login, root):
    return rosters.confirm(vault, rosters.waiting(vault, login), root)


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path, roster={"delay": DELAY})
    yield house
    house.close()


def root_of(house):
    return keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())


def enrolled(house, login, *roles):
    code = people.invite(house.vault, house.actors["admin"], login.title(), roles)
    return enrol_as(house.vault, code, login).line


def later(monkeypatch, seconds):
    now = clock.now() + seconds
    monkeypatch.setattr("vault.clock.now", lambda: now)


def test_the_first_three_are_valid_at_once_and_the_next_only_after_the_delay(house, monkeypatch):
    now = clock.now()
    monkeypatch.setattr("vault.clock.now", lambda: now)
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    assert all(m.valid_from <= clock.moment() for m in house.vault.roster().members)
    enrolled(house, "late", "intake_officer")
    member = house.confirm("late")
    assert clock.seconds_of(member.valid_from) - clock.now() == WAIT
    assert house.letterbox.roster().member(member.id) == member


def test_two_administrators_alone_do_not_begin_the_delay(house):
    house.add("second", "administrator")
    house.add("third", "analyst")
    assert house.vault.roster().members[-1].valid_from <= clock.moment()


def test_nothing_is_sealed_to_a_member_before_their_time(house, monkeypatch):
    for login, role in (("officer", "intake_officer"), ("lawyer", "lawyer")):
        house.add(login, role)
    enrolled(house, "late_officer", "intake_officer")
    enrolled(house, "late_lawyer", "lawyer")
    ids = {house.confirm(n).id for n in ("late_officer", "late_lawyer")}
    house.send(STORY)
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    late = next(m.id for m in house.vault.roster().members if m.id in ids and "lawyer" in m.roles)
    assert late not in {reader.id for reader in assign.readers(house.vault)}
    with pytest.raises(RefusedError):
        assign.give(house.vault, house.actors["officer"], line.id, late, None)
    assert not ids & {row.member_id for row in rows(house, grants)}
    later(monkeypatch, WAIT + 1)
    house.send(STORY)
    assign.give(house.vault, house.actors["officer"], line.id, late, None)
    assert ids <= {row.member_id for row in rows(house, grants)}


def test_a_packet_that_names_an_officer_before_their_time_is_refused(house):
    from vault.packet.build import Statement, build_testimony
    from vault.packet.material import Material
    from vault.testimony.tell import recipients

    for login, role in (("officer", "intake_officer"), ("lawyer", "lawyer")):
        house.add(login, role)
    enrolled(house, "late", "intake_officer")
    late = house.confirm("late")
    roster = house.letterbox.roster()
    everyone = (*recipients(roster), (late.id, late.opening))
    statement = Statement(
        {"id": "victim", "version": 1}, "ru", clock.day(), {}, reading_allowed=True
    )
    packet = build_testimony(Material.generate(), statement, roster, everyone)
    house.letterbox.put_testimony(packet.encode(), packet.boxes)
    assert house.collect().refused == 1


def test_an_officer_who_is_not_valid_yet_does_not_open_intake(house):
    house.add("lawyer", "lawyer")
    house.add("third", "analyst")
    enrolled(house, "officer", "intake_officer")
    house.confirm("officer")
    with pytest.raises(NotOpenYetError):
        house.tell.check_open()


# --- what does not verify ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"opening": OpeningKey(bytes(32)).public},
        {"opening": bytes(1216)},
        {"signing": SigningKey(bytes([1] * 32)).public},
        {"invitation": SigningKey(bytes([2] * 32)).public},
        {"by_member": bytes(64)},
        {"by_invitation": bytes(64)},
        {"by_invitation": b""},
        {"roles": '["auditor","lawyer"]'},
        {"roles": '["everything"]'},
        {"roles": "[]"},
        {"roles": "not json"},
    ],
    ids=lambda values: f"{values}"[:40],
)
def test_a_tampered_enrolment_is_not_confirmed(house, values):
    line = enrolled(house, "somebody", "lawyer")
    change(house, enrolments, {"member_id": line.id}, **values)
    before = house.vault.roster()
    with pytest.raises(RefusedError):
        confirm(house.vault, "somebody", root_of(house))
    assert house.vault.roster() == before


def test_keys_signed_by_an_attackers_own_keys_are_not_confirmed(house):
    """A whole enrolment replaced, but for the invitation, whose key the attacker does not have."""
    from vault.roster.invitations import Enrolment

    line = enrolled(house, "somebody", "lawyer")
    (row,) = rows(house, enrolments, member_id=line.id)
    signing, opening = SigningKey(random(32)), OpeningKey.generate()
    forged = Enrolment(row.invitation, line.id, signing.public, opening.public)
    by_invitation, by_member = forged.sign(SigningKey(random(32)), signing)
    change(
        house,
        enrolments,
        {"member_id": line.id},
        signing=signing.public,
        opening=opening.public,
        by_invitation=by_invitation,
        by_member=by_member,
    )
    with pytest.raises(RefusedError):
        confirm(house.vault, "somebody", root_of(house))


def test_a_fingerprint_shown_is_the_fingerprint_confirmed(house):
    line = enrolled(house, "somebody", "lawyer")
    (shown,) = (x for x in people.list_members(house.vault) if x.id == line.id)
    member = confirm(house.vault, "somebody", root_of(house))
    assert line.fingerprint == shown.fingerprint == member.fingerprint


def test_nobody_is_confirmed_by_another_root(house):
    enrolled(house, "somebody", "lawyer")
    before = house.letterbox.roster()
    with pytest.raises(RefusedError):
        confirm(house.vault, "somebody", SigningKey(random(32)))
    assert house.letterbox.roster() == before
    assert sign_in_as(house.vault, "admin")


@pytest.mark.parametrize("login", ["nobody", "admin", ""])
def test_who_does_not_wait_is_not_confirmed(house, login):
    with pytest.raises(NotFoundError):
        confirm(house.vault, login, root_of(house))


def test_the_root_alone_confirms_nobody_while_two_can_sign(house):
    """Whoever holds the root passphrase alone adds no reader to a vault that is founded."""
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    enrolled(house, "somebody", "lawyer")
    before = house.vault.roster()
    with pytest.raises(RefusedError, match="second member"):
        confirm(house.vault, "somebody", root_of(house))
    assert house.vault.roster() == before


def test_when_no_second_is_left_the_root_confirms_again_after_the_delay(house):
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    rosters.end(house.vault, "admin", house.root)
    code = people.invite(house.vault, None, "Another", ["administrator"])
    enrol_as(house.vault, code, "another")
    member = confirm(house.vault, "another", house.root)
    assert clock.seconds_of(member.valid_from) - clock.now() >= DELAY - 2
    assert house.letterbox.roster().member(member.id) == member


def test_nobody_is_confirmed_twice(house):
    house.add("officer", "intake_officer")
    before = house.vault.roster()
    with pytest.raises(NotFoundError):
        confirm(house.vault, "officer", root_of(house))
    assert house.vault.roster() == before


# --- an expired roster ---------------------------------------------------------------------------


def test_under_an_expired_roster_no_case_is_given(tmp_path, monkeypatch):
    house = House.found(tmp_path).staff()
    house.send(STORY)
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    later(monkeypatch, house.settings.roster.lifetime + 1)
    with pytest.raises(RosterExpiredError):
        assign.give(house.vault, officer, line.id, lawyer.id, None)
    house.add("another", "analyst")
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    house.close()


def test_the_published_chain_holds_every_version(house):
    house.add("officer", "intake_officer")
    chain = house.vault.chain()
    assert [canonical.loads(line)["roster"]["version"] for line in chain] == [1, 2, 3]
    assert dataclasses.replace(house.letterbox.roster()) == house.vault.roster()


def test_a_second_that_passes_meanwhile_stops_nobody(house, monkeypatch):
    line = enrolled(house, "somebody", "lawyer")
    ticking = itertools.count(clock.now())
    monkeypatch.setattr("vault.clock.now", lambda: next(ticking))
    assert house.confirm("somebody").id == line.id
    assert house.change_roles("somebody", "analyst").roles == {"analyst"}
    assert house.change_roles("somebody", "analyst", "lawyer") is not None
    assert rosters.end(house.vault, "somebody", house.root).valid_to is not None
