"""A doctor and an interpreter: each their part by their own keys, and nothing else of the case."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows, stored_testimony
from vault import clock
from vault.cases.epochs import due
from vault.cases.epochs.keys import seeds_of
from vault.cases.holders import assign, revoke
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages, notes
from vault.errors import NotFoundError, RefusedError
from vault.storage.tables.cases import grants

DAY = 86_400
ANSWERS = {
    "story": "what happened",
    "symptoms_now": "what hurts",
    "identity": {"person": {"name": "somebody"}},
    "consent": {"C01": "yes", "C02": "yes", "C04": "yes", "C05": "yes"},
}


def others_read_a_part(house):
    house.receipt = house.send(ANSWERS)
    lawyer = house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, None)
    until = clock.day(clock.now() + DAY)
    for capacity in ("doctor", "interpreter"):
        house.add(capacity, capacity)
        reader = house.actors[capacity].id, capacity
        assign.add_reader(house.vault, lawyer, line.id, reader, until)
    messages.reply(house.vault, lawyer, line.id, "a reply")
    notes.write(house.vault, lawyer, line.id, "a note")
    house.case = line.id


@pytest.fixture
def case(house):
    """A case with a reply and a note, given to a lawyer, read by a doctor and an interpreter."""
    return house.after(others_read_a_part).case


def answers(view):
    return {name for record in view.records for name in record.answers} - {"consent"}


def test_a_doctor_is_shown_the_medical_part_and_nothing_else(house, case):
    view = open_case(house.vault, house.actors["doctor"], case)
    assert {record.compartment for record in view.records} == {"medical"}
    assert answers(view) == {"symptoms_now"}
    assert {record.origin for record in view.records} == {"unchecked"}
    assert not any((view.may_assign, view.may_reply, view.may_note, view.may_set_aside))


def test_an_interpreter_is_shown_the_account_and_nothing_else(house, case):
    view = open_case(house.vault, house.actors["interpreter"], case)
    assert {record.compartment for record in view.records} == {"account"}
    assert "somebody" not in str([record.answers for record in view.records])
    assert answers(view) == {"story"}
    assert not any((view.may_assign, view.may_reply, view.may_note, view.may_set_aside))


@pytest.mark.parametrize(
    ("login", "opens"), [("doctor", {"medical"}), ("interpreter", {"account"})]
)
def test_it_is_their_keys_that_open_no_more(house, case, login, opens):
    testimony, actor = stored_testimony(house, case).id, house.actors[login]
    assert {row.subject for row in rows(house, grants, member_id=actor.id)} == {testimony}
    with house.vault.database.read() as connection:
        seeds = seeds_of(house.vault, connection, actor, testimony)
    assert {str(compartment) for compartment, _ in seeds.by_epoch} == opens


@pytest.mark.parametrize("login", ["doctor", "interpreter"])
def test_neither_writes_to_the_witness_or_into_the_work(house, case, login):
    size = house.entered()
    with pytest.raises(RefusedError):
        messages.reply(house.vault, house.actors[login], case, "words")
    with pytest.raises(RefusedError):
        notes.write(house.vault, house.actors[login], case, "words")
    assert house.entered() == size


def test_after_its_last_day_it_is_closed(house, case, monkeypatch):
    later = clock.now() + 2 * DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    for login in ("doctor", "interpreter"):
        with pytest.raises(NotFoundError):
            open_case(house.vault, house.actors[login], case)
    assert open_case(house.vault, house.actors["lawyer"], case).records


def test_the_witness_learns_of_a_doctor_who_cannot_write_the_box(house, case):
    lawyer = house.actors["lawyer"]
    open_case(house.vault, lawyer, case)
    house.collect()
    open_case(house.vault, house.actors["doctor"], case)
    open_case(house.vault, lawyer, case)  # not the first time today
    house.collect()
    told = {(one.role, one.compartment) for one in house.come_back.open(house.receipt).openings}
    assert ("doctor", "medical") in told
    size = house.entered()
    open_case(house.vault, lawyer, case)
    assert house.entered() == size + 1  # told already: no box is written again


@pytest.mark.parametrize(("login", "item"), [("doctor", "C05"), ("interpreter", "C04")])
def test_who_reads_by_a_yes_that_was_taken_back_reads_no_more(house, case, login, item):
    lawyer, reader = house.actors["lawyer"], house.actors[login]
    assert not open_case(house.vault, lawyer, case).ended
    house.collect()
    back = house.come_back
    back.add(house.receipt, "ru", {"consent": {item: "no"}}, back.new_send_id())
    house.collect()
    with pytest.raises(NotFoundError):
        open_case(house.vault, reader, case)
    assert not rows(house, grants, member_id=reader.id)
    assert due.begin(house.vault, lawyer, case)
    others = {"doctor", "interpreter"} - {login}
    assert all(open_case(house.vault, house.actors[other], case).records for other in others)


def test_a_new_epoch_leaves_out_who_reads_by_a_yes_that_was_taken_back(house, case):
    house.collect()
    back = house.come_back
    back.add(house.receipt, "ru", {"consent": {"C05": "no"}}, back.new_send_id())
    house.collect()
    assert due.begin_anew(house.vault, house.actors["lawyer"], case)
    with pytest.raises(NotFoundError):
        open_case(house.vault, house.actors["doctor"], case)


def test_what_an_interpreter_was_given_goes_when_the_role_is_over_before_the_last_day(
    house, case, monkeypatch
):
    lawyer, again = house.actors["lawyer"], house.add("interpreter.two", "interpreter")
    until = clock.day(clock.now() + 10 * house.settings.roster.for_a_time)
    assign.add_reader(house.vault, lawyer, case, (again.id, "interpreter"), until)
    assert revoke.end_overdue(house.vault) == 0
    later = clock.now() + house.settings.roster.for_a_time + DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    assert revoke.end_overdue(house.vault) == 3  # and the two of the fixture, by their last day
    assert not rows(house, grants, member_id=again.id)
    assert revoke.end_overdue(house.vault) == 0
