"""One testimony from a frightened person to the one lawyer, and the proof of who read it."""

from __future__ import annotations

import pytest

from tests.support.house import STORY
from vault.cases import reveal
from vault.cases.holders import assign
from vault.cases.lists import inbox, triage
from vault.cases.written import messages, notes
from vault.errors import NotFoundError, RefusedError
from vault.testimony import Outcome
from vault.testimony import send_id as ids


@pytest.fixture
def given(house):
    """A house where one testimony was sent and given to the lawyer and the deputy."""
    house.receipt = house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case = line.id
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, deputy.id)
    house.collect()
    return house


def test_the_officer_opens_a_new_account(house):
    house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    view = reveal.open_case(house.vault, house.actors["officer"], line.id)
    assert [r.answers for r in view.records] == [STORY]
    assert view.may_assign
    assert view.records[0].origin == "receipt"


def test_the_lawyer_opens_what_was_given_and_the_officer_no_longer(given):
    view = reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    assert view.records[0].answers == STORY
    assert view.readers == (("Deputy", "deputy"),)
    assert reveal.open_case(given.vault, given.actors["deputy"], given.case).records
    with pytest.raises(NotFoundError):
        reveal.open_case(given.vault, given.actors["officer"], given.case)


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_nobody_else_opens_it(given, who):
    with pytest.raises(NotFoundError):
        reveal.open_case(given.vault, given.actors[who], given.case)


def test_a_foreign_case_and_an_unknown_one_give_the_same_answer(given):
    stranger = given.add("stranger", "lawyer")
    answers = []
    for case in (given.case, "0" * 32):
        with pytest.raises(NotFoundError) as caught:
            reveal.open_case(given.vault, stranger, case)
        answers.append(str(caught.value))
    assert answers[0] == answers[1]
    given.vault.journal.write_refusals()
    assert "refused" in [entry.kind for entry in given.vault.journal.read()]


def test_a_reply_arrives_in_the_box_at_the_next_slot(given):
    messages.reply(given.vault, given.actors["lawyer"], given.case, "Я с вами.")
    assert given.come_back.open(given.receipt).replies == ()
    given.collect()
    box = given.come_back.open(given.receipt)
    assert [(r.text, r.role) for r in box.replies] == [("Я с вами.", "lawyer")]
    assert box.unverified == 0
    assert set(box.handlers) == {"lawyer", "deputy"}


def test_an_opening_shows_in_the_box(given):
    reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    given.collect()
    shown = {(o.role, o.compartment) for o in given.come_back.open(given.receipt).openings}
    assert {("lawyer", "account"), ("lawyer", "medical")} < shown
    # Of the notes of the team it says nothing: they are not the witness's.
    assert {what for _, what in shown} == {"account", "medical"}


def test_an_addendum_after_the_assignment_reaches_the_lawyer_under_the_new_epoch(given):
    back = given.come_back
    send_id = back.new_send_id()
    outcome = back.add(given.receipt, "ru", {"story": "Вспомнил ещё."}, send_id)
    assert outcome is Outcome.NEW
    assert back.add(given.receipt, "ru", {"story": "Вспомнил ещё."}, send_id) is Outcome.SAME
    assert given.collect().accepted == 1
    view = reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    addenda = [r for r in view.records if r.kind == "addendum"]
    assert [r.answers for r in addenda] == [{"story": "Вспомнил ещё."}]
    assert addenda[0].origin == "receipt"
    assert [s.kind for s in back.open(given.receipt).sent] == ["addendum"]


def test_a_note_is_cleaned_and_only_for_who_handles_the_case(given):
    html = '<b>ok</b><script>alert(1)</script><a href="x">y</a>'
    notes.write(given.vault, given.actors["lawyer"], given.case, html)
    view = reveal.open_case(given.vault, given.actors["deputy"], given.case)
    (note,) = [r for r in view.records if r.kind == "note"]
    assert note.text.startswith("<b>ok</b>&lt;script&gt;")
    assert "<a" not in note.text
    assert note.author == "Lawyer"


def test_a_case_is_given_once(given):
    lawyer, officer = given.actors["lawyer"], given.actors["officer"]
    with pytest.raises(NotFoundError):
        assign.give(given.vault, officer, given.case, lawyer.id, None)
    with pytest.raises(RefusedError):
        assign.give(given.vault, lawyer, given.case, lawyer.id, None)


def test_not_yet_is_kept_and_opened_by_nobody(house):
    receipt = house.send({"story": "secret", "consent": {"C01": "yes", "C02": "not_yet"}})
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert not line.readable
    with pytest.raises(NotFoundError):
        reveal.open_case(house.vault, house.actors["officer"], line.id)
    assert house.come_back.open(receipt).replies == ()


def test_the_entry_of_an_opening_stands_before_the_answer(given):
    before = given.vault.journal.size()
    reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    entry = next(e for e in given.vault.journal.read() if e.seq == before)
    assert (entry.kind, entry.actor) == ("reveal", given.actors["lawyer"].id)
    assert entry.subject["case"] == given.case


def test_set_aside_and_bring_back(house):
    house.send()
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    triage.set_aside(house.vault, officer, line.id)
    assert inbox.new_cases(house.vault, officer)[0].status == "set_aside"
    triage.bring_back(house.vault, officer, line.id)
    assert inbox.new_cases(house.vault, officer)[0].status == "new"
    with pytest.raises(RefusedError):
        triage.bring_back(house.vault, officer, line.id)


NOT_YET = {"story": "secret", "consent": {"C01": "yes", "C02": "not_yet"}}


def test_allowing_later_hands_over_the_grants_that_were_held_back(house):
    receipt = house.send(NOT_YET)
    assert house.come_back.open(receipt).may_allow
    assert house.come_back.allow(receipt) is Outcome.NEW
    assert house.come_back.allow(receipt) is Outcome.SAME
    assert not house.come_back.open(receipt).may_allow
    assert house.collect().accepted == 1
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert line.readable
    view = reveal.open_case(house.vault, house.actors["officer"], line.id)
    assert view.records[0].answers == NOT_YET


def test_nothing_can_be_allowed_where_nothing_is_held_back(house):
    receipt = house.send()
    assert not house.come_back.open(receipt).may_allow
    with pytest.raises(RefusedError):
        house.come_back.allow(receipt)


def test_an_allowance_from_the_second_receipt_is_taken_alike_and_opens_nothing(house):
    tell = house.tell
    send_id = tell.new_send_id()
    tell.send("victim", "ru", NOT_YET, send_id)
    second = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    assert house.come_back.allow(second) is Outcome.NEW
    assert house.collect().accepted == 1
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert not line.readable
    assert "consent.changed" in [entry.kind for entry in house.vault.journal.read()]


def test_what_was_written_on_one_day_keeps_its_order(given):
    for text in ("первый", "второй", "третий"):
        messages.reply(given.vault, given.actors["lawyer"], given.case, text)
        back = given.come_back
        back.add(given.receipt, "ru", {"story": f"ответ на {text}"}, back.new_send_id())
    given.collect()
    view = reveal.open_case(given.vault, given.actors["lawyer"], given.case)
    said = [r.text or r.answers["story"] for r in view.records if r.kind in {"reply", "addendum"}]
    # The order of the access log: a reply stands there at once, an addendum from the slot on.
    assert said == [
        "первый",
        "второй",
        "третий",
        "ответ на первый",
        "ответ на второй",
        "ответ на третий",
    ]
