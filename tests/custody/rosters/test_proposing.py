"""Two signatures: an administrator proposes, a second member confirms; nobody else does."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import change, drop, insert, rows
from tests.support.house import House, enrol_as, sign_in_as
from vault import canonical, clock
from vault.custody import rosters
from vault.custody.rosters import changing, proposing
from vault.errors import NotFoundError, RefusedError, RosterError
from vault.members import people
from vault.members.actor import Actor
from vault.roster.chain import Signed, add_signature, sign_roster
from vault.storage.tables.people import enrolments, proposals
from vault.storage.tables.people import rosters as table

DAY = 86_400
WINDOW = 43_200


def enrolled(house, login="new", role="lawyer"):
    code = people.invite(house.vault, house.actors["admin"], login.title(), [role])
    return enrol_as(house.vault, code, login).line.id


def propose(house, member_id, gender=None):
    return rosters.propose_member(house.vault, house.actors["admin"], member_id, gender)


def confirm(house, proposal, login="officer"):
    return rosters.confirm_proposal(house.vault, house.actors[login], proposal)


def put(house, proposal, document):
    """Put another document in place of a proposal's, under the id that it then has."""
    named = proposing.id_of(document)
    change(house, proposals, {"id": proposal}, id=named, document=document)
    return named


def only(house):
    (found,) = rosters.list_proposals(house.vault)
    return found


def kinds(house):
    return [(entry.kind, entry.actor) for entry in house.vault.journal.read()]


# --- the way it goes -----------------------------------------------------------------------------


def test_two_signatures_make_a_member_whom_intake_knows(slow):
    member_id = enrolled(slow)
    proposal = propose(slow, member_id, "female")
    assert slow.vault.roster().member(member_id) is None
    member = confirm(slow, proposal)
    assert slow.letterbox.roster().member(member_id) == member
    assert (member.roles, member.reader_gender) == ({"lawyer"}, "female")
    assert not rosters.list_proposals(slow.vault)


def test_both_steps_are_in_the_log_each_with_who_did_it(slow):
    confirm(slow, propose(slow, enrolled(slow)))
    admin, officer = slow.actors["admin"].id, slow.actors["officer"].id
    assert kinds(slow)[-2:] == [("roster.proposed", admin), ("roster.published", officer)]
    assert slow.vault.journal.read()[-1].detail["signed_by"] == (admin, officer)


def test_the_second_sees_what_they_sign(slow):
    member_id = enrolled(slow)
    propose(slow, member_id)
    found = only(slow)
    (line,) = [one for one in people.list_members(slow.vault) if one.id == member_id]
    assert (found.name, found.member.fingerprint) == (line.name, line.fingerprint)
    assert (found.gains, found.roles_before) == ((("lawyer", None),), ())
    assert found.begins == clock.moment(clock.now() + DAY + WINDOW)
    assert found.until == clock.moment(clock.now() + WINDOW)


def test_whenever_the_second_signs_it_is_announced_for_at_least_the_delay(slow, later):
    proposal = propose(slow, enrolled(slow))
    later(WINDOW - 1)
    member = confirm(slow, proposal)
    assert clock.seconds_of(member.valid_from) - clock.now() >= DAY


def test_a_role_is_given_by_two_and_taken_away_by_one(slow):
    lawyer, admin = slow.actors["lawyer"], slow.actors["admin"]
    assert rosters.change_or_propose(slow.vault, admin, lawyer.id, ["lawyer", "doctor"])
    confirm(slow, only(slow).id)
    assert slow.vault.roster().member(lawyer.id).roles == {"lawyer", "doctor"}
    assert not rosters.change_or_propose(slow.vault, admin, lawyer.id, ["lawyer"])
    assert slow.vault.roster().member(lawyer.id).roles == {"lawyer"}


def test_a_role_for_a_time_is_given_once_more_by_two_after_the_delay(slow, later):
    slow.add("voice", "interpreter")
    later(DAY + WINDOW)
    voice, admin = slow.actors["voice"].id, slow.actors["admin"]
    assert rosters.change_or_propose(slow.vault, admin, voice, ["interpreter"])
    ((role, until),) = only(slow).gains
    assert role == "interpreter"
    assert until > slow.vault.roster().member(voice).times("interpreter")[0].valid_to
    confirm(slow, only(slow).id)
    assert len(slow.vault.roster().member(voice).times("interpreter")) == 2
    rosters.stop(slow.vault, voice, slow.actors["officer"])
    assert slow.vault.roster().member(voice).holds("interpreter", clock.moment())


def test_proposed_anew_it_replaces_what_waited(slow):
    member_id = enrolled(slow)
    propose(slow, member_id)
    again = propose(slow, member_id)
    assert [one.id for one in rosters.list_proposals(slow.vault)] == [again]


# --- who may not ---------------------------------------------------------------------------------


def test_who_proposed_does_not_confirm(slow):
    proposal = propose(slow, enrolled(slow))
    with pytest.raises(RefusedError, match=proposing.PROPOSED_IT):
        confirm(slow, proposal, "admin")


def test_who_is_concerned_does_not_confirm(slow):
    admin, lawyer = slow.actors["admin"], slow.actors["lawyer"]
    proposal = rosters.propose_roles(slow.vault, admin, lawyer.id, ["lawyer", "doctor"])
    with pytest.raises(RefusedError, match=proposing.CONCERNED):
        confirm(slow, proposal, "lawyer")
    assert confirm(slow, proposal, "officer")


@pytest.mark.parametrize("login", ["officer", "lawyer"])
def test_only_an_administrator_proposes(slow, login):
    member_id = enrolled(slow)
    with pytest.raises(RefusedError, match=changing.NOT_ADMINISTRATOR):
        rosters.propose_member(slow.vault, slow.actors[login], member_id, None)
    assert not rows(slow, proposals)


def test_who_has_not_begun_neither_confirms_nor_declines_nor_proposes(slow):
    slow.add("early", "administrator")
    proposal = propose(slow, enrolled(slow))
    early = slow.actors["early"]
    with pytest.raises(RefusedError, match=changing.NOT_BEGUN):
        confirm(slow, proposal, "early")
    with pytest.raises(RefusedError, match=changing.NOT_BEGUN):
        rosters.decline(slow.vault, early, proposal)
    with pytest.raises(RefusedError, match=changing.NOT_ADMINISTRATOR):
        rosters.propose_member(slow.vault, early, enrolled(slow, "other"), None)


def test_before_three_are_there_nothing_is_proposed(tmp_path):
    house = House.found(tmp_path)
    house.add("officer", "intake_officer")
    with pytest.raises(RefusedError, match=changing.NOT_FOUNDED):
        propose(house, enrolled(house))
    house.close()


def test_without_a_second_the_terminal_is_named(slow):
    for login in ("officer", "lawyer"):
        rosters.end(slow.vault, login, slow.root)
    with pytest.raises(RefusedError, match=proposing.NO_SECOND):
        propose(slow, enrolled(slow))


def test_declined_or_withdrawn_it_is_gone_and_logged(slow):
    for login in ("officer", "admin"):
        proposal = propose(slow, enrolled(slow, login + "2"))
        rosters.decline(slow.vault, slow.actors[login], proposal)
        assert kinds(slow)[-1] == ("roster.declined", slow.actors[login].id)
        with pytest.raises(NotFoundError):
            confirm(slow, proposal, "lawyer")


# --- stale and over ------------------------------------------------------------------------------


def test_for_an_older_list_it_is_refused_and_can_be_proposed_anew(slow):
    first, second = enrolled(slow, "one"), enrolled(slow, "two")
    one, two = propose(slow, first), propose(slow, second)
    confirm(slow, one)
    assert only(slow).state == proposing.STALE
    with pytest.raises(RefusedError, match=proposing.NO_LONGER):
        confirm(slow, two)
    again = rosters.propose_again(slow.vault, slow.actors["admin"], two)
    assert confirm(slow, again).id == second


def test_after_too_long_it_is_refused_and_can_be_proposed_anew(slow, later):
    lawyer = slow.actors["lawyer"].id
    admin = slow.actors["admin"]
    old = rosters.propose_roles(slow.vault, admin, lawyer, ["lawyer", "doctor"])
    later(WINDOW)
    with pytest.raises(RefusedError, match=proposing.NO_LONGER):
        confirm(slow, old)
    assert "doctor" in confirm(slow, rosters.propose_again(slow.vault, admin, old)).roles


# --- attacks -------------------------------------------------------------------------------------


def test_one_signature_written_as_a_version_is_refused_by_every_reader(slow):
    """An administrator who also writes to the database and to the letterbox."""
    member_id = enrolled(slow)
    propose(slow, member_id)
    line = only(slow).line
    insert(slow, table, version=slow.vault.roster().version + 1, document=line)
    with pytest.raises(RosterError):
        slow.vault.roster()
    slow.letterbox.publish_chain([*slow.vault.chain()])
    with pytest.raises(RosterError):
        slow.letterbox.roster()


@pytest.mark.parametrize("second", ["admin", "new", "root"])
def test_no_other_second_signature_counts(slow, second):
    member_id = enrolled(slow)
    proposal = propose(slow, member_id)
    key = slow.root if second == "root" else slow.actors["admin"].signing
    by = {"admin": slow.actors["admin"].id, "new": member_id, "root": "root"}[second]
    signed = add_signature(only(slow).line, by, key)
    insert(slow, table, version=slow.vault.roster().version + 1, document=signed)
    with pytest.raises(RosterError):
        slow.vault.roster()
    assert proposal


@pytest.mark.parametrize("document", [b"", b"{}", b"junk"])
def test_garbage_among_the_proposals_is_passed_over(slow, document):
    member_id = enrolled(slow)
    proposal = propose(slow, member_id)
    proposal = put(slow, proposal, document)
    assert not rosters.list_proposals(slow.vault)
    with pytest.raises(NotFoundError):
        confirm(slow, proposal)


def test_a_proposal_changed_in_the_database_is_passed_over(slow):
    proposal = propose(slow, enrolled(slow))
    value = canonical.loads(only(slow).line)
    for member in value["roster"]["members"]:
        member["reader_gender"] = "male"
    put(slow, proposal, canonical.dumps(value))
    assert not rosters.list_proposals(slow.vault)


def test_a_proposal_of_no_administrator_is_passed_over(slow):
    proposal = propose(slow, enrolled(slow))
    lawyer, roster = slow.actors["lawyer"], Signed.parse(only(slow).line).roster
    put(slow, proposal, sign_roster(roster, lawyer.signing, lawyer.id))
    assert not rosters.list_proposals(slow.vault)


def test_what_would_change_more_than_the_page_shows_is_passed_over(slow):
    """An administrator hides a second new member behind the first."""
    shown, hidden = enrolled(slow, "shown"), enrolled(slow, "hidden")
    admin = slow.actors["admin"]
    propose(slow, hidden)
    (second,) = [one for one in Signed.parse(only(slow).line).roster.members if one.id == hidden]
    proposal = propose(slow, shown)
    (row,) = rows(slow, proposals, id=proposal)
    roster = Signed.parse(row.document).roster
    both = tuple(sorted((*roster.members, second), key=lambda one: one.id))
    forged = sign_roster(dataclasses.replace(roster, members=both), admin.signing, admin.id)
    put(slow, proposal, forged)
    assert [one.member.id for one in rosters.list_proposals(slow.vault)] == [hidden]


def test_a_begin_that_the_second_could_not_see_in_time_is_refused(slow, later):
    """An administrator signs a begin of issue and delay only, and waits for the second."""
    proposal, admin = propose(slow, enrolled(slow)), slow.actors["admin"]
    roster = Signed.parse(only(slow).line).roster
    early = clock.moment(clock.now() + DAY)
    members = tuple(
        dataclasses.replace(one, valid_from=early) if one.id == only(slow).member.id else one
        for one in roster.members
    )
    forged = sign_roster(dataclasses.replace(roster, members=members), admin.signing, admin.id)
    proposal = put(slow, proposal, forged)
    later(60)
    assert only(slow).state == proposing.OVER
    with pytest.raises(RefusedError, match=proposing.NO_LONGER):
        confirm(slow, proposal)


@pytest.mark.parametrize("values", [{"by_member": bytes(64)}, {"roles": '["auditor","lawyer"]'}])
def test_an_enrolment_changed_in_the_database_is_not_proposed(slow, values):
    member_id = enrolled(slow)
    change(slow, enrolments, {"member_id": member_id}, **values)
    with pytest.raises(RefusedError):
        propose(slow, member_id)


# --- what is announced ---------------------------------------------------------------------------


def test_a_new_member_is_announced_until_they_begin(slow, later):
    confirm(slow, propose(slow, enrolled(slow)))
    (one,) = people.announced(slow.vault)
    assert (one.name, one.roles, one.replaces) == ("New", ("lawyer",), False)
    assert one.begins == clock.moment(clock.now() + DAY + WINDOW)
    later(DAY + WINDOW)
    assert not people.announced(slow.vault)


def test_a_role_is_announced_until_it_begins(slow, later):
    slow.change_roles("lawyer", "lawyer", "doctor")
    (one,) = people.announced(slow.vault)
    assert (one.name, one.roles) == ("Lawyer", ("doctor",))
    later(DAY + WINDOW)
    assert not people.announced(slow.vault)


@pytest.mark.parametrize("login", ["admin", "officer", "lawyer"])
def test_every_member_can_stop_what_is_announced(slow, login, later):
    member_id = enrolled(slow)
    confirm(slow, propose(slow, member_id))
    rosters.stop(slow.vault, member_id, slow.actors[login])
    assert not people.announced(slow.vault)
    later(DAY + WINDOW)
    assert not slow.letterbox.roster().member(member_id).active(clock.moment())
    published = [e for e in slow.vault.journal.read() if e.kind == "roster.published"][-1]
    assert (published.actor, published.subject["member"]) == (slow.actors[login].id, member_id)


def test_a_role_that_is_stopped_leaves_the_others(slow):
    slow.change_roles("lawyer", "lawyer", "doctor")
    rosters.stop(slow.vault, slow.actors["lawyer"].id, slow.actors["officer"])
    assert slow.vault.roster().member(slow.actors["lawyer"].id).roles == {"lawyer"}


def test_nobody_stops_what_has_begun(slow, later):
    member_id = enrolled(slow)
    confirm(slow, propose(slow, member_id))
    later(DAY + WINDOW)
    with pytest.raises(NotFoundError):
        rosters.stop(slow.vault, member_id, slow.actors["officer"])
    with pytest.raises(NotFoundError):
        rosters.stop(slow.vault, "00" * 16, slow.actors["officer"])


def test_who_is_announced_stops_nobody(slow):
    slow.add("early", "lawyer")
    other = enrolled(slow)
    confirm(slow, propose(slow, other))
    with pytest.raises(RefusedError, match=changing.NOT_BEGUN):
        rosters.stop(slow.vault, other, slow.actors["early"])


def test_who_is_announced_signs_in_and_is_nothing_yet(slow, later):
    slow.add("early", "administrator")
    secret = sign_in_as(slow.vault, "early").to_secret()
    assert Actor.from_secret(slow.vault, secret).roles == frozenset()
    later(DAY + WINDOW)
    assert Actor.from_secret(slow.vault, secret).roles == {"administrator"}


# --- changed between the page and the button ------------------------------------------------------


def test_a_proposal_exchanged_after_it_was_shown_is_not_what_is_confirmed(slow):
    """An administrator who writes to the database shows a harmless one and puts a reader there."""
    shown = propose(slow, enrolled(slow, "harmless", "analyst"))
    propose(slow, enrolled(slow, "reader", "intake_officer"))
    (other,) = [one for one in rosters.list_proposals(slow.vault) if one.id != shown]
    drop(slow, proposals, id=other.id)
    change(slow, proposals, {"id": shown}, document=other.line, member_id=other.member.id)
    assert not rosters.list_proposals(slow.vault)
    with pytest.raises(NotFoundError):
        confirm(slow, shown)


def test_roles_written_after_the_page_was_made_are_not_signed(slow):
    member_id = enrolled(slow, role="analyst")
    (line,) = [one for one in people.list_members(slow.vault) if one.id == member_id]
    change(slow, enrolments, {"member_id": member_id}, roles='["intake_officer"]')
    admin = slow.actors["admin"]
    with pytest.raises(RefusedError, match=proposing.NOT_AGREED):
        rosters.propose_member(slow.vault, admin, member_id, None, line.agreed)
    assert not rows(slow, proposals)


def test_a_stale_proposal_is_signed_anew_for_what_it_said_only(slow):
    member_id = enrolled(slow, role="analyst")
    proposal = propose(slow, member_id)
    rosters.renew(slow.vault, slow.root)
    change(slow, enrolments, {"member_id": member_id}, roles='["intake_officer"]')
    with pytest.raises(RefusedError, match=proposing.NOT_AGREED):
        rosters.propose_again(slow.vault, slow.actors["admin"], proposal)
    change(slow, enrolments, {"member_id": member_id}, roles='["analyst"]')
    assert rosters.propose_again(slow.vault, slow.actors["admin"], proposal)
