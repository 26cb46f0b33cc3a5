"""New keys in place of a member's: the person keeps login and cases, and opens nothing silently."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, give, rows
from tests.support.house import House, enrol_as, passphrase_of, sign_in_as
from vault.cases.reveal import open_case
from vault.custody import bars, rosters
from vault.errors import InputError, NotFoundError, RefusedError, SignInError
from vault.members import people
from vault.members.actor import Actor
from vault.storage.tables.cases import assignments, cases, grants, summaries
from vault.storage.tables.people import enrolments, members

NEW = "another passphrase that is long and new"


@pytest.fixture
def replaced(house):
    """The lawyer with new keys, confirmed by two; returns the case they handle, old id, new id."""
    _, case = give(house, "a story")
    old = house.actors["lawyer"].id
    member_id = _enrolled(house, "lawyer")
    proposal = rosters.propose_member(house.vault, house.actors["admin"], member_id, None)
    rosters.confirm_proposal(house.vault, house.actors["officer"], proposal)
    return case, old, member_id


def _enrolled(house, login):
    code = people.invite_again(house.vault, house.actors["admin"], house.actors[login].id)
    return enrol_as(house.vault, code, login, NEW).line.id


def test_they_sign_in_under_the_login_they_had_with_the_new_passphrase_only(house, replaced):
    _, _, member_id = replaced
    assert sign_in_as(house.vault, "lawyer", NEW).id == member_id
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer", passphrase_of("lawyer"))


def test_their_old_sessions_are_over(house, replaced):
    with pytest.raises(Exception, match="session has ended"):
        Actor.from_secret(house.vault, house.actors["lawyer"].to_secret())


def test_they_handle_their_cases_and_open_none(house, replaced):
    case, old, member_id = replaced
    (mine,) = rows(house, assignments, member_id=member_id)
    assert (mine.case_id, mine.capacity) == (case, "lawyer")
    for member in (old, member_id):
        assert not rows(house, grants, member_id=member)
        assert not rows(house, summaries, member_id=member)
    with pytest.raises(NotFoundError):
        open_case(house.vault, sign_in_as(house.vault, "lawyer", NEW), case)


def test_the_old_keys_open_nothing_either_and_new_ones_are_due(house, replaced):
    case, _, _ = replaced
    with pytest.raises(NotFoundError):
        open_case(house.vault, house.actors["lawyer"], case)
    (row,) = rows(house, cases, id=case)
    assert row.keys_due == 1
    assert open_case(house.vault, house.actors["deputy"], case).records


def test_the_roster_says_whose_keys_they_replace_to_both_houses(house, replaced):
    _, old, member_id = replaced
    roster = house.letterbox.roster()
    assert roster.member(member_id).replaces == old
    assert roster.member(old).valid_to is not None
    assert roster == house.vault.roster()


def test_the_log_names_each_step(house, replaced):
    case, old, member_id = replaced
    entries = house.vault.journal.read()
    invited = [e for e in entries if e.kind == "member.invited"][-1]
    published = [e for e in entries if e.kind == "roster.published"][-1]
    assert invited.subject["member"] == old
    assert published.detail["in_place_of"] == old
    after = {(e.kind, e.subject.get("member")) for e in entries[entries.index(published) :]}
    assert {("revoke", old), ("assign", member_id)} <= after
    assert case in {e.subject.get("case") for e in entries[entries.index(published) :]}


def test_a_bar_follows_them_to_their_new_keys(house):
    _, case = give(house, "a story")
    auditor = house.actors["auditor"].id
    with house.vault.journal.transaction() as transaction:
        transaction.log(bars.BARRED, house.actors["officer"].id, {"case": case, "member": auditor})
    member_id = _enrolled(house, "auditor")
    house.confirm("auditor")
    with house.vault.database.read() as connection:
        assert member_id in bars.of_case(connection, case)


def test_until_it_is_confirmed_the_old_keys_count(house):
    _, case = give(house, "a story")
    _enrolled(house, "lawyer")
    assert open_case(house.vault, sign_in_as(house.vault, "lawyer"), case).records
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer", NEW)


def test_a_waiting_line_names_whose_keys_they_are(house):
    member_id = _enrolled(house, "lawyer")
    (line,) = [one for one in people.list_members(house.vault) if one.id == member_id]
    assert (line.state, line.login, line.replaces) == ("waiting", "lawyer", "Lawyer")


@pytest.mark.parametrize("login", ["deputy", "somebody.else"])
def test_the_invitation_is_for_the_login_they_have(house, login):
    code = people.invite_again(house.vault, house.actors["admin"], house.actors["lawyer"].id)
    with pytest.raises(InputError, match="login kept"):
        enrol_as(house.vault, code, login, NEW)


def test_an_ordinary_invitation_does_not_take_the_login_of_somebody(house):
    code = people.invite(house.vault, house.actors["admin"], "Lawyer", ["lawyer"])
    with pytest.raises(InputError, match="login taken"):
        enrol_as(house.vault, code, "lawyer", NEW)


def test_whose_keys_are_replaced_does_not_confirm_it(house):
    member_id = _enrolled(house, "lawyer")
    proposal = rosters.propose_member(house.vault, house.actors["admin"], member_id, None)
    with pytest.raises(RefusedError):
        rosters.confirm_proposal(house.vault, house.actors["lawyer"], proposal)


def test_only_an_administrator_invites_again_and_only_whom_there_is(house, replaced):
    _, old, _ = replaced
    with pytest.raises(RefusedError):
        people.invite_again(house.vault, house.actors["officer"], house.actors["deputy"].id)
    for nobody in (old, "00" * 16):
        with pytest.raises(NotFoundError):
            people.invite_again(house.vault, house.actors["admin"], nobody)


def test_the_only_administrator_gets_new_keys_by_the_root_who_ends_the_old_ones_first(tmp_path):
    house = House.found(tmp_path).staff()
    admin = house.actors["admin"].id
    code = people.invite_again(house.vault, None, admin)
    enrol_as(house.vault, code, "admin", NEW)
    waiting = rosters.waiting(house.vault, "admin")
    assert waiting.replaces == admin
    with pytest.raises(RefusedError):
        rosters.confirm(house.vault, waiting, house.root)
    rosters.end(house.vault, "admin", house.root)
    member = rosters.confirm(house.vault, rosters.waiting(house.vault, "admin"), house.root)
    assert sign_in_as(house.vault, "admin", NEW).id == member.id
    assert len(rows(house, members, login="admin")) == 1
    house.close()


def test_new_keys_make_nobody_an_auditor_of_what_they_opened(house):
    house.change_roles("lawyer", "analyst")
    member_id = _enrolled(house, "lawyer")
    proposal = rosters.propose_member(house.vault, house.actors["admin"], member_id, None)
    rosters.confirm_proposal(house.vault, house.actors["officer"], proposal)
    with pytest.raises(RefusedError, match="exclude"):
        house.change_roles("lawyer", "auditor")
    code = people.invite_again(house.vault, house.actors["admin"], member_id)
    again = enrol_as(house.vault, code, "lawyer", NEW).line.id
    change(house, enrolments, {"member_id": again}, roles='["auditor"]')
    with pytest.raises(RefusedError, match="exclude"):
        rosters.propose_member(house.vault, house.actors["admin"], again, None)
