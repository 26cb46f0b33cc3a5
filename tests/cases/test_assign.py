"""Who handles a case and who opens it change together, whoever does it."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, give, planted, rows, stored_testimony
from tests.support.house import STORY
from vault import clock
from vault.cases.epochs import due, reseal
from vault.cases.holders import appoint, assign, revoke
from vault.cases.lists import inbox, summaries
from vault.cases.reveal import open_case
from vault.cases.written import messages, notes
from vault.errors import (
    BarredError,
    InputError,
    NotAgreedError,
    NotFoundError,
    NotWishedError,
    RefusedError,
)
from vault.journal.reading import Filter
from vault.keyring.compartments import Compartment
from vault.storage.tables.cases import assignments, cases, grants
from vault.storage.tables.cases import summaries as summary_rows


def a_case_is_given(house):
    house.add("second", "lawyer")
    house.add("doctor", "doctor")
    house.add("interpreter", "interpreter")
    house.receipt, house.case = give(house, "a story")


@pytest.fixture
def case(house):
    return house.after(a_case_is_given).case


def who(house, name):
    return house.actors[name].id


def opens(house, name, case):
    try:
        return {r.compartment for r in open_case(house.vault, house.actors[name], case).records}
    except NotFoundError:
        return None


def handlers(house, case):
    people = {actor.id: name for name, actor in house.actors.items()}
    return {people[row.member_id]: row.capacity for row in rows(house, assignments, case_id=case)}


def holders(house, case):
    subject = stored_testimony(house, case).id
    people = {actor.id: name for name, actor in house.actors.items()}
    found = rows(house, grants, subject=subject) + rows(house, grants, subject=case)
    return {people.get(row.member_id, row.member_id) for row in found}


def kinds(house, case):
    return [entry.kind for entry in house.vault.journal.read(Filter(case=case))]


# --- handing over --------------------------------------------------------------------------------


def test_a_lawyer_hands_over_and_opens_it_no_more(house, case):
    notes.write(house.vault, house.actors["lawyer"], case, "for whoever comes")
    assign.hand_over(house.vault, house.actors["lawyer"], case, who(house, "second"))
    assert handlers(house, case) == {"second": "lawyer", "deputy": "deputy"}
    assert holders(house, case) == {"second", "deputy", "recovery"}
    assert opens(house, "lawyer", case) is None
    view = open_case(house.vault, house.actors["second"], case)
    assert {"a story", "for whoever comes"} == {
        r.text or r.answers.get("story") for r in view.records
    }
    assert rows(house, summary_rows, case_id=case, member_id=who(house, "lawyer")) == []
    assert inbox.my_cases(house.vault, house.actors["second"])[0].summary.form == "victim"
    assert {"assign", "revoke", "grant.made", "grant.removed", "keys.renewed"} <= {
        *kinds(house, case)
    }


def test_the_witness_is_told_who_handles_it_now(house, case):
    assign.hand_over(house.vault, house.actors["lawyer"], case, who(house, "second"))
    assign.set_deputy(house.vault, house.actors["second"], case, None)
    house.collect()
    assert list(house.come_back.open(house.receipt).handlers) == ["lawyer"]


def test_handed_to_the_deputy_the_seat_of_the_deputy_is_free(house, case):
    assign.hand_over(house.vault, house.actors["lawyer"], case, who(house, "deputy"))
    assert handlers(house, case) == {"deputy": "lawyer"}
    assert holders(house, case) == {"deputy", "recovery"}


def test_own_labels_of_who_stays_are_kept(house, case):
    deputy = house.actors["deputy"]
    open_case(house.vault, deputy, case)
    summaries.mark(house.vault, deputy, case, "mine", waiting=False)
    assign.hand_over(house.vault, house.actors["lawyer"], case, who(house, "second"))
    assert inbox.my_cases(house.vault, deputy)[0].summary.label == "mine"


@pytest.mark.parametrize("name", ["deputy", "second", "officer", "doctor"])
def test_only_its_lawyer_hands_over(house, case, name):
    with pytest.raises((RefusedError, NotFoundError)):
        assign.hand_over(house.vault, house.actors[name], case, who(house, "second"))
    assert handlers(house, case) == {"lawyer": "lawyer", "deputy": "deputy"}


@pytest.mark.parametrize("name", ["lawyer", "officer", "doctor", "auditor", "admin"])
def test_a_case_is_handed_to_another_lawyer_only(house, case, name):
    with pytest.raises(RefusedError):
        assign.hand_over(house.vault, house.actors["lawyer"], case, who(house, name))
    assert holders(house, case) == {"lawyer", "deputy", "recovery"}


def test_several_cases_go_in_one_step_and_those_that_cannot_stay(house, case):
    others = [give(house, f"story {n}")[1] for n in range(2)]
    lawyer = house.actors["lawyer"]
    revoke.bar(house.vault, lawyer, others[0], who(house, "second"))
    done, kept = assign.hand_over_all(
        house.vault, lawyer, [case, *others, "0" * 32], who(house, "second")
    )
    assert done == 2
    assert dict(kept) == {others[0]: "error.barred", "0" * 32: "error.not_found"}
    assert [line.id for line in inbox.my_cases(house.vault, lawyer)] == [others[0]]
    with pytest.raises(InputError):
        assign.hand_over_all(house.vault, lawyer, [], who(house, "second"))
    with pytest.raises(InputError):
        assign.hand_over_all(
            house.vault, lawyer, map(str, range(assign.MAX_AT_ONCE + 1)), who(house, "second")
        )


# --- deputies ------------------------------------------------------------------------------------


def test_a_new_deputy_replaces_the_old_one_who_opens_it_no_more(house, case):
    assign.set_deputy(house.vault, house.actors["lawyer"], case, who(house, "second"))
    assert handlers(house, case) == {"lawyer": "lawyer", "second": "deputy"}
    assert holders(house, case) == {"lawyer", "second", "recovery"}
    assert opens(house, "deputy", case) is None
    assert opens(house, "second", case)


def test_a_deputy_where_there_was_none_takes_no_key_from_anybody(house, case):
    lawyer = house.actors["lawyer"]
    assign.set_deputy(house.vault, lawyer, case, None)
    renewed = kinds(house, case).count("keys.renewed")
    assign.set_deputy(house.vault, lawyer, case, who(house, "deputy"))
    assert kinds(house, case).count("keys.renewed") == renewed
    assert opens(house, "deputy", case)
    with pytest.raises(RefusedError):
        assign.set_deputy(house.vault, lawyer, case, who(house, "deputy"))
    with pytest.raises(RefusedError):
        assign.set_deputy(house.vault, lawyer, case, lawyer.id)


def test_the_deputy_cannot_take_over_from_a_lawyer_who_is_there(house, case):
    with pytest.raises(RefusedError):
        assign.take_over(house.vault, house.actors["deputy"], case)


def test_the_deputy_takes_over_when_the_lawyer_has_left(house, case):
    revoke.revoke(house.vault, house.actors["officer"], case, who(house, "lawyer"))
    deputy = house.actors["deputy"]
    assign.take_over(house.vault, deputy, case)
    assert handlers(house, case) == {"deputy": "lawyer"}
    assign.set_deputy(house.vault, deputy, case, who(house, "second"))
    assert opens(house, "second", case)


def test_a_lawyer_who_did_not_sign_in_for_two_weeks_is_away_and_becomes_deputy(
    house, case, monkeypatch
):
    later = clock.now() + house.settings.staff.away + 2 * clock.DAY
    monkeypatch.setattr("vault.clock.now", lambda: later)
    assign.take_over(house.vault, house.actors["deputy"], case)
    assert handlers(house, case) == {"deputy": "lawyer", "lawyer": "deputy"}
    assert opens(house, "lawyer", case)
    assign.hand_over(house.vault, house.actors["deputy"], case, who(house, "lawyer"))
    assert handlers(house, case) == {"lawyer": "lawyer"}


def test_only_the_deputy_takes_over(house, case):
    revoke.revoke(house.vault, house.actors["officer"], case, who(house, "lawyer"))
    for name in ("second", "officer", "lawyer"):
        with pytest.raises((NotFoundError, RefusedError)):
            assign.take_over(house.vault, house.actors[name], case)


# --- doctor and interpreter ----------------------------------------------------------------------


def tomorrow():
    return clock.day(clock.now() + clock.DAY)


def test_a_doctor_holds_the_medical_part_only_and_an_interpreter_the_account(house, case):
    lawyer = house.actors["lawyer"]
    assign.add_reader(house.vault, lawyer, case, (who(house, "doctor"), "doctor"), None)
    assign.add_reader(
        house.vault, lawyer, case, (who(house, "interpreter"), "interpreter"), tomorrow()
    )
    held = {
        row.member_id: row.compartments
        for row in rows(house, grants, subject=stored_testimony(house, case).id)
    }
    assert held[who(house, "doctor")] == '["medical"]'
    assert held[who(house, "interpreter")] == '["account"]'
    assert opens(house, "doctor", case) <= {Compartment.MEDICAL}
    assert opens(house, "interpreter", case) == {Compartment.ACCOUNT}
    assign.hand_over(house.vault, lawyer, case, who(house, "second"))
    held = {
        row.member_id: row.compartments
        for row in rows(house, grants, subject=stored_testimony(house, case).id)
    }
    assert held[who(house, "doctor")] == '["medical"]'
    assert held[who(house, "interpreter")] == '["account"]'
    assert not rows(house, grants, subject=case, member_id=who(house, "doctor"))


def test_a_doctors_list_says_what_is_new_and_nothing_of_the_account(house):
    house.add("doctor", "doctor")
    lawyer, doctor = house.actors["lawyer"], house.actors["doctor"]
    house.receipt = house.send({**planted("a story"), "urgency_self": ["held_now"]})
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, None)
    assign.add_reader(house.vault, lawyer, line.id, (doctor.id, "doctor"), None)
    (listed,) = inbox.my_cases(house.vault, doctor)
    assert (listed.unread, listed.summary.urgency, listed.summary.form) == (1, (), "victim")
    open_case(house.vault, doctor, line.id)
    summaries.mark(house.vault, doctor, line.id, "mine", waiting=False)
    (listed,) = inbox.my_cases(house.vault, doctor)
    assert (listed.unread, listed.waiting, listed.summary.label) == (0, False, "mine")


def says(house, receipt, **items):
    back = house.come_back
    back.add(receipt, "ru", {"consent": items}, back.new_send_id())
    house.collect()


def test_a_doctor_and_an_interpreter_read_only_if_the_witness_said_yes_last(house, case):
    lawyer, until = house.actors["lawyer"], tomorrow()
    receipt, silent = given_silently(house)
    doctor, interpreter = ((who(house, name), name) for name in ("doctor", "interpreter"))
    for reader in (doctor, interpreter):
        with pytest.raises(NotAgreedError):
            assign.add_reader(house.vault, lawyer, silent, reader, until)
    assert open_case(house.vault, lawyer, silent).agreed == frozenset()
    says(house, receipt, C05="yes", C04="ask_me_later")
    with pytest.raises(NotAgreedError):
        assign.add_reader(house.vault, lawyer, silent, interpreter, until)
    assign.add_reader(house.vault, lawyer, silent, doctor, until)
    assert open_case(house.vault, lawyer, silent).agreed == {"doctor"}
    says(house, house.receipt, C05="no")
    with pytest.raises(NotAgreedError):
        assign.add_reader(house.vault, lawyer, case, doctor, until)
    assert holders(house, case) == {"lawyer", "deputy", "recovery"}
    assert holders(house, silent) == {"lawyer", "doctor", "recovery"}


def given_silently(house):
    """Send an account that says nothing about other readers, and give it to the lawyer."""
    receipt = house.send({"story": "another", "consent": {"C01": "yes", "C02": "yes"}})
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, who(house, "lawyer"), None)
    return receipt, line.id


def test_what_a_doctor_cannot_do(house, case):
    lawyer, doctor = house.actors["lawyer"], house.actors["doctor"]
    assign.add_reader(house.vault, lawyer, case, (doctor.id, "doctor"), None)
    with pytest.raises(RefusedError):
        assign.set_deputy(house.vault, doctor, case, who(house, "second"))
    with pytest.raises(RefusedError):
        assign.add_reader(house.vault, doctor, case, (who(house, "second"), "doctor"), None)
    with pytest.raises((RefusedError, NotFoundError)):
        messages.reply(house.vault, doctor, case, "from the doctor")
    with pytest.raises(NotFoundError):
        revoke.revoke(house.vault, doctor, case, lawyer.id)
    assert "renew" not in [
        entry.detail.get("for") for entry in house.vault.journal.read(Filter(kind="reveal"))
    ]


def test_an_interpreter_has_a_last_day_after_which_nothing_is_shown(house, case, monkeypatch):
    lawyer, interpreter = house.actors["lawyer"], house.actors["interpreter"]
    with pytest.raises(InputError):
        assign.add_reader(house.vault, lawyer, case, (interpreter.id, "interpreter"), None)
    with pytest.raises(InputError):
        assign.add_reader(house.vault, lawyer, case, (interpreter.id, "interpreter"), "2020-01-01")
    assign.add_reader(house.vault, lawyer, case, (interpreter.id, "interpreter"), tomorrow())
    later = clock.now() + clock.DAY
    monkeypatch.setattr("vault.clock.now", lambda: later)
    assert opens(house, "interpreter", case)
    monkeypatch.setattr("vault.clock.now", lambda: later + clock.DAY)
    assert opens(house, "interpreter", case) is None
    assert inbox.my_cases(house.vault, interpreter) == []
    assert "interpreter" in holders(house, case)
    house.collect()
    assert "interpreter" not in holders(house, case)
    assert rows(house, cases, id=case)[0].keys_due == 1
    assert due.begin_due(house.vault, lawyer) == 1
    assert rows(house, cases, id=case)[0].keys_due == 0


def test_nobody_becomes_a_doctor_of_a_case_without_the_role(house, case):
    for name in ("second", "interpreter", "admin"):
        with pytest.raises(RefusedError):
            assign.add_reader(
                house.vault, house.actors["lawyer"], case, (who(house, name), "doctor"), None
            )
    with pytest.raises(InputError):
        assign.add_reader(
            house.vault, house.actors["lawyer"], case, (who(house, "second"), "lawyer"), None
        )


# --- giving back ---------------------------------------------------------------------------------


def test_a_case_given_back_is_new_again_and_can_be_given_again(house, case):
    notes.write(house.vault, house.actors["lawyer"], case, "closed")
    assign.give_back(house.vault, house.actors["lawyer"], case)
    officer = house.actors["officer"]
    assert handlers(house, case) == {}
    assert holders(house, case) == {"officer", "recovery"}
    assert opens(house, "lawyer", case) is None
    assert opens(house, "officer", case) == {Compartment.ACCOUNT}
    assert [line.id for line in inbox.new_cases(house.vault, officer)] == [case]
    assign.give(house.vault, officer, case, who(house, "second"), None)
    assert opens(house, "second", case)
    assert not rows(house, grants, subject=case, member_id=officer.id)


def test_notes_of_a_case_given_back_stay_with_the_recovery_key(house, case):
    notes.write(house.vault, house.actors["lawyer"], case, "closed")
    assign.give_back(house.vault, house.actors["lawyer"], case)
    assert {row.member_id for row in rows(house, grants, subject=case)} == {"recovery"}
    assign.give(house.vault, house.actors["officer"], case, who(house, "second"), None)
    kept = [row for row in rows(house, grants, subject=case) if row.member_id == "recovery"]
    assert len(kept) == 2  # the closed epochs, and the one of the new lawyer
    view = open_case(house.vault, house.actors["second"], case)
    assert [r.origin for r in view.records if r.kind == "note"] == ["closed"]


# --- taking away ---------------------------------------------------------------------------------


def test_an_officer_takes_a_case_away_without_any_key_and_the_next_sign_in_renews_it(house, case):
    revoke.revoke(house.vault, house.actors["officer"], case, who(house, "lawyer"))
    assert holders(house, case) == {"deputy", "recovery"}
    assert handlers(house, case) == {"deputy": "deputy"}
    assert opens(house, "lawyer", case) is None
    assert rows(house, cases, id=case)[0].keys_due == 1
    renewed = kinds(house, case).count("keys.renewed")
    assert due.begin_due(house.vault, house.actors["deputy"]) == 1
    assert due.begin_due(house.vault, house.actors["deputy"]) == 0
    assert kinds(house, case).count("keys.renewed") == renewed + 1
    house.collect()
    assert list(house.come_back.open(house.receipt).handlers) == ["deputy"]


def test_work_of_one_sign_in_is_bounded(house, case):
    more = [case, *(give(house, f"story {n}")[1] for n in range(2))]
    for each in more:
        revoke.revoke(house.vault, house.actors["officer"], each, who(house, "lawyer"))
    deputy = house.actors["deputy"]
    assert [due.begin_due(house.vault, deputy, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("lawyer", "deputy", True),
        ("lawyer", "doctor", True),
        ("lawyer", "lawyer", False),
        ("deputy", "lawyer", False),
        ("deputy", "doctor", True),
        ("officer", "lawyer", True),
        ("officer", "deputy", True),
        ("officer", "second", False),
        ("doctor", "lawyer", False),
        ("second", "lawyer", False),
        ("admin", "lawyer", False),
        ("auditor", "lawyer", False),
    ],
)
def test_who_may_take_a_case_from_whom(house, case, actor, target, allowed):
    lawyer = house.actors["lawyer"]
    assign.add_reader(house.vault, lawyer, case, (who(house, "doctor"), "doctor"), None)
    before = holders(house, case)
    if allowed:
        revoke.revoke(house.vault, house.actors[actor], case, who(house, target))
        assert holders(house, case) == before - {target}
    else:
        with pytest.raises((RefusedError, NotFoundError)):
            revoke.revoke(house.vault, house.actors[actor], case, who(house, target))
        assert holders(house, case) == before


# --- conflicts of interest -----------------------------------------------------------------------


def test_who_may_not_see_a_case_is_never_given_it(house, case):
    lawyer, second = house.actors["lawyer"], who(house, "second")
    revoke.bar(house.vault, house.actors["officer"], case, second)
    with pytest.raises(BarredError):
        assign.hand_over(house.vault, lawyer, case, second)
    with pytest.raises(BarredError):
        assign.set_deputy(house.vault, lawyer, case, second)
    revoke.allow(house.vault, lawyer, case, second)
    assign.set_deputy(house.vault, lawyer, case, second)
    assert {"may_not_see", "may_not_see.undone"} <= {*kinds(house, case)}


def test_stating_it_of_somebody_who_handles_it_takes_it_from_them(house, case):
    revoke.bar(house.vault, house.actors["officer"], case, who(house, "lawyer"))
    assert holders(house, case) == {"deputy", "recovery"}
    assert opens(house, "lawyer", case) is None


def test_an_officer_who_may_not_see_a_new_account_holds_nothing_of_it(house):
    house.add("other", "intake_officer")
    house.send()
    officer, other = house.actors["officer"], house.actors["other"]
    (line,) = inbox.new_cases(house.vault, officer)
    revoke.bar(house.vault, other, line.id, officer.id)
    assert opens(house, "officer", line.id) is None
    assert due.begin_due(house.vault, other) == 1
    assert holders(house, line.id) == {"other", "recovery"}
    with pytest.raises(NotFoundError):
        revoke.allow(house.vault, officer, line.id, officer.id)


def test_an_officer_who_may_not_see_it_is_not_given_it_by_an_allowance_either(house):
    house.add("other", "intake_officer")
    receipt = house.send({"story": "later", "consent": {"C01": "yes", "C02": "not_yet"}})
    officer, other = house.actors["officer"], house.actors["other"]
    (line,) = inbox.new_cases(house.vault, officer)
    revoke.bar(house.vault, other, line.id, officer.id)
    house.come_back.allow(receipt)
    house.collect()
    assert holders(house, line.id) == {"other", "recovery"}


def test_a_grant_planted_for_who_may_not_see_it_opens_nothing(house, case):
    lawyer = house.actors["lawyer"]
    before = {name: rows(house, table, case_id=case) for name, table in (("a", assignments),)}
    kept = rows(house, grants, member_id=lawyer.id)
    revoke.bar(house.vault, house.actors["officer"], case, lawyer.id)
    with house.vault.database.write() as connection:
        for row in kept:
            connection.execute(grants.insert().values(**row._mapping))
        for row in before["a"]:
            if row.member_id == lawyer.id:
                connection.execute(assignments.insert().values(**row._mapping))
    assert opens(house, "lawyer", case) is None


def test_the_deputy_cannot_bar_the_lawyer_away(house, case):
    with pytest.raises(RefusedError):
        revoke.bar(house.vault, house.actors["deputy"], case, who(house, "lawyer"))


# --- the reader's gender -------------------------------------------------------------------------


def test_a_case_goes_only_to_readers_of_the_gender_that_the_witness_wishes_for(house):
    house.add("woman", "lawyer", gender="female")
    house.add("man", "lawyer", gender="male")
    house.add("she", "intake_officer", gender="female")
    house.send({**STORY, "reader_gender": "female"})
    officer = house.actors["she"]
    (line,) = inbox.new_cases(house.vault, officer)
    for name in ("lawyer", "man"):
        with pytest.raises(NotWishedError):
            assign.give(house.vault, officer, line.id, who(house, name), None)
        with pytest.raises(NotWishedError):
            assign.give(house.vault, officer, line.id, who(house, "woman"), who(house, name))
    assign.give(house.vault, officer, line.id, who(house, "woman"), None)
    with pytest.raises(NotWishedError):
        assign.hand_over(house.vault, house.actors["woman"], line.id, who(house, "man"))


# --- new keys ------------------------------------------------------------------------------------


def lose_keys(house, name):
    """What replacing a member's keys leaves: an assignment without a grant."""
    with house.vault.database.write() as connection:
        member = who(house, name)
        connection.execute(grants.delete().where(grants.c.member_id == member))
        connection.execute(summary_rows.delete().where(summary_rows.c.member_id == member))


def test_new_keys_get_a_case_only_from_a_colleague_who_compared_them(house, case):
    lose_keys(house, "lawyer")
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    assert opens(house, "lawyer", case) is None
    (waits,) = reseal.waiting(house.vault, deputy, case)
    assert (waits.member, waits.cases) == (lawyer.id, (case,))
    with pytest.raises(RefusedError):
        reseal.reseal(house.vault, deputy, case, lawyer.id, "0000 " * 7 + "0000")
    reseal.reseal(house.vault, deputy, case, lawyer.id, waits.fingerprint)
    assert opens(house, "lawyer", case)
    assert reseal.waiting(house.vault, deputy) == []
    assert inbox.my_cases(house.vault, lawyer)[0].summary.form == "victim"
    with pytest.raises(RefusedError):
        reseal.reseal(house.vault, deputy, case, lawyer.id, waits.fingerprint)


def test_nothing_gives_them_keys_silently(house, case):
    lose_keys(house, "lawyer")
    change(house, cases, {"id": case}, keys_due=1)
    deputy = house.actors["deputy"]
    assert due.begin_due(house.vault, deputy) == 1
    assign.add_reader(house.vault, deputy, case, (who(house, "doctor"), "doctor"), None)
    assert holders(house, case) == {"deputy", "doctor", "recovery"}


def test_all_shared_cases_in_one_step(house, case):
    other = give(house, "another")[1]
    lose_keys(house, "lawyer")
    deputy = house.actors["deputy"]
    (waits,) = reseal.waiting(house.vault, deputy)
    assert set(waits.cases) == {case, other}
    assert reseal.reseal_all(house.vault, deputy, waits.member, waits.fingerprint) == (2, 0)
    assert opens(house, "lawyer", other)


# --- after a recovery ----------------------------------------------------------------------------


def test_whom_the_trustees_chose_becomes_the_lawyer_of_a_case_without_one(house, case):
    officer = house.actors["officer"]
    for name in ("lawyer", "deputy"):
        revoke.revoke(house.vault, officer, case, who(house, name))
    _appointed(house, case, "second")
    assert handlers(house, case) == {"second": "lawyer"}
    assert rows(house, cases, id=case)[0].keys_due == 1


def test_nobody_is_appointed_over_a_lawyer_who_holds_the_keys(house, case):
    with pytest.raises(RefusedError):
        _appointed(house, case, "second")
    assert handlers(house, case) == {"lawyer": "lawyer", "deputy": "deputy"}


def _appointed(house, case, name):
    with house.vault.journal.transaction() as transaction:
        appoint.appoint(house.vault, transaction, "root", case, who(house, name))


# --- identity ------------------------------------------------------------------------------------


def identity_holders(house, case):
    subject = stored_testimony(house, case).id
    people = {actor.id: name for name, actor in house.actors.items()}
    return {
        people.get(row.member_id, row.member_id)
        for row in rows(house, grants, subject=subject)
        if "identity" in row.compartments
    }


KNOWN_NOW = {
    **STORY,
    "identity": {"person": {"name": "Айгуль"}},
    "consent": {"C01": "yes", "C02": "yes", "C02_identity": "yes"},
}


def test_identity_goes_with_the_first_giving_only_where_the_officer_holds_it(house):
    house.add("second", "lawyer")
    officer, lawyer, second = (house.actors[name] for name in ("officer", "lawyer", "second"))
    house.send()
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    assert identity_holders(house, line.id) == set()
    house.send(KNOWN_NOW)
    (line,) = inbox.new_cases(house.vault, officer)
    assert identity_holders(house, line.id) == {"officer"}
    assign.give(house.vault, officer, line.id, lawyer.id, who(house, "deputy"))
    assert identity_holders(house, line.id) == {"lawyer", "deputy"}
    assign.hand_over(house.vault, lawyer, line.id, second.id)
    assert identity_holders(house, line.id) == {"deputy"}
    assign.give_back(house.vault, second, line.id)
    assert identity_holders(house, line.id) == set()
