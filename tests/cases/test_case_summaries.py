"""The line of a case in a member's list: what it says, and what nobody else can make it say.

Whatever was moved, planted or broken leaves a line without a summary, never a wrong one.
"""

from __future__ import annotations

import pytest

from tests.support.attacks import change, drop, give, give_a_story, insert, rows
from tests.support.house import STORY
from vault.cases.holders import assign
from vault.cases.lists import inbox, summaries
from vault.cases.model import RecordView
from vault.cases.reveal import open_case
from vault.cases.reveal.reading import urgency_of
from vault.cases.written import messages
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.custody import erasure
from vault.errors import EncodingError, NotFoundError, RefusedError, TooLongError
from vault.journal.reading import Filter
from vault.keyring.compartments import Compartment
from vault.keyring.summaries import Keeper, Place, Summary, post, wrap
from vault.storage.tables.cases import records, testimonies
from vault.storage.tables.cases import summaries as table
from vault.storage.tables.erasure import erasure_keys

URGENT = {**STORY, "urgency_self": ["held_now", "child"]}
FORGED = Summary("forged", "xx", ("forged",), "forged", seen=9, replies=9, waiting=False)


@pytest.fixture
def case(house):
    """A case given to lawyer and deputy; nobody of them has looked at anything yet."""
    return house.after(give_a_story).case


def line(house, case, who="lawyer"):
    actor = house.actors[who]
    lines = inbox.new_cases if who == "officer" else inbox.my_cases
    (found,) = (line for line in lines(house.vault, actor) if line.id == case)
    return found


def look(house, case, who="lawyer"):
    return open_case(house.vault, house.actors[who], case).line


def state(line):
    return line.unread, line.waiting


def add(house, text="Ещё."):
    house.come_back.add(house.receipt, "ru", {"story": text}, house.come_back.new_send_id())
    house.collect()


def row_of(house, case, who="lawyer"):
    (row,) = rows(house, table, case_id=case, member_id=house.actors[who].id)
    return row


# --- what it says --------------------------------------------------------------------------------


def test_an_officer_has_no_summary_before_opening_and_one_afterwards(house):
    house.send(URGENT, form="child", language="kk")
    (before,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert before.summary is None
    assert state(before) == (1, True)
    look(house, before.id, "officer")
    after = line(house, before.id, "officer")
    assert (after.summary.form, after.summary.language) == ("child", "kk")
    assert after.summary.urgency == ("held_now", "child")
    assert state(after) == (0, True)


def test_giving_a_case_posts_a_summary_to_lawyer_and_deputy_and_ends_the_officers(house):
    house.send(URGENT)
    officer = house.actors["officer"]
    (new,) = inbox.new_cases(house.vault, officer)
    look(house, new.id, "officer")
    summaries.mark(house.vault, officer, new.id, "the officer's own words", waiting=False)
    assign.give(house.vault, officer, new.id, house.actors["lawyer"].id, house.actors["deputy"].id)
    assert rows(house, table, member_id=officer.id) == []
    for who in ("lawyer", "deputy"):
        found = line(house, new.id, who)
        assert found.summary.urgency == ("held_now", "child")
        assert (found.summary.label, state(found)) == ("", (1, True))


def test_a_list_keeps_posted_summaries_as_own_ones(house, case):
    posted = row_of(house, case).sealed
    first = line(house, case)
    kept = row_of(house, case).sealed
    assert len(kept) < len(posted)
    assert line(house, case) == first
    assert row_of(house, case).sealed == kept


def test_a_list_is_one_entry_and_opens_nothing(house, case):
    before = house.entered()
    line(house, case)
    (entry,) = house.vault.journal.read(limit=1, newest_first=True)
    assert (entry.kind, house.entered()) == ("list", before + 1)


def test_looking_for_words_is_said_in_the_entry_but_not_which(house, case):
    inbox.my_cases(house.vault, house.actors["lawyer"], searched=True)
    (entry,) = house.vault.journal.read(limit=1, newest_first=True)
    said = {"what": "mine", "count": 1, "cases": (case,)}
    assert (entry.kind, dict(entry.detail)) == ("search", said)


def test_a_search_names_every_case_and_more_than_one_entry_holds_stand_in_the_next(
    house, case, monkeypatch
):
    _, other = give(house, "another story")
    _, third = give(house, "a third story")
    monkeypatch.setattr(inbox, "MAX_ITEMS", 2)
    inbox.my_cases(house.vault, house.actors["lawyer"], searched=True)
    entries = house.vault.journal.read(limit=2, newest_first=True)
    assert [len(entry.detail["cases"]) for entry in entries] == [1, 2]
    named = {case for entry in entries for case in entry.detail["cases"]}
    assert named == {case, other, third}
    assert {(entry.kind, entry.detail["count"]) for entry in entries} == {("search", 3)}


def test_unread_until_opened_and_waiting_until_answered(house, case):
    assert state(line(house, case)) == (1, True)
    assert state(look(house, case)) == (0, True)
    messages.reply(house.vault, house.actors["lawyer"], case, "Я с вами.")
    assert state(line(house, case)) == (0, False)
    add(house)
    assert state(line(house, case)) == (1, True)
    look(house, case)
    assert state(line(house, case)) == (0, True)


def test_a_reply_does_not_mark_as_read_what_came_meanwhile(house, case):
    look(house, case)
    add(house)
    messages.reply(house.vault, house.actors["lawyer"], case, "Отвечаю на первое.")
    assert state(line(house, case)) == (1, True)


def test_a_reply_of_somebody_else_answers_too_and_stays_so_when_opened(house, case):
    look(house, case)
    look(house, case, "deputy")
    messages.reply(house.vault, house.actors["deputy"], case, "Я заместитель.")
    assert state(line(house, case)) == (0, False)
    look(house, case)
    assert state(line(house, case)) == (0, False)
    assert state(line(house, case, "deputy")) == (0, False)


def test_the_ledger_keeps_the_order_within_a_day(house, case):
    look(house, case)
    messages.reply(house.vault, house.actors["deputy"], case, "Первый.")
    add(house)
    look(house, case)
    assert state(line(house, case)) == (0, True)


def told(number, origin, *codes):
    return RecordView(
        id=str(number),
        compartment=Compartment.ACCOUNT,
        kind="addendum",
        day="2026-11-26",
        author="witness",
        answers={"urgency_self": list(codes)},
        origin=origin,
        number=number,
    )


def test_urgency_from_the_second_receipt_adds_and_takes_nothing_away():
    views = [told(1, "receipt", "held_now"), told(9, "second", "injured_now")]
    assert urgency_of(views) == ("held_now", "injured_now")
    assert urgency_of([*views, told(10, "second")]) == ("held_now",)
    assert urgency_of([*views, told(2, "receipt")]) == ("injured_now",)


def test_urgency_told_later_shows_once_somebody_has_looked(house, case):
    look(house, case)
    back = house.come_back
    back.add(house.receipt, "ru", {"urgency_self": ["injured_now"]}, back.new_send_id())
    house.collect()
    assert line(house, case).summary.urgency == ()
    look(house, case)
    assert line(house, case).summary.urgency == ("injured_now",)


def test_a_second_look_at_the_same_changes_nothing(house, case):
    look(house, case)
    kept, size = row_of(house, case).sealed, house.entered()
    look(house, case)
    assert row_of(house, case).sealed == kept
    assert house.entered() == size + 1


def test_the_last_activity_is_the_day_of_whatever_happened_last(house, case, monkeypatch):
    monkeypatch.setattr("vault.clock.day", lambda *_: "2031-05-06")
    add(house)
    assert line(house, case).active == "2031-05-06"


# --- the member's own mark -----------------------------------------------------------------------


def test_a_label_is_the_members_own_and_an_entry_without_its_words(house, case):
    look(house, case)
    summaries.mark(house.vault, house.actors["lawyer"], case, "  суд\t 12 марта ", waiting=False)
    own = line(house, case)
    assert (own.summary.label, own.waiting) == ("суд 12 марта", False)
    assert line(house, case, "deputy").summary.label == ""
    (entry,) = house.vault.journal.read(Filter(kind="mark.changed"))
    assert (dict(entry.subject), dict(entry.detail)) == ({"case": case}, {})


def test_an_own_mark_outlives_another_look_but_not_another_word_of_the_witness(house, case):
    look(house, case)
    summaries.mark(house.vault, house.actors["lawyer"], case, "kept", waiting=False)
    look(house, case)
    assert state(line(house, case)) == (0, False)
    add(house)
    look(house, case)
    after = line(house, case)
    assert (after.summary.label, after.waiting) == ("kept", True)


def test_a_label_is_refused_where_there_is_no_case_no_summary_or_no_room(house, case):
    lawyer = house.actors["lawyer"]
    with pytest.raises(NotFoundError):
        summaries.mark(house.vault, lawyer, "0" * 32, "x", waiting=True)
    with pytest.raises(TooLongError):
        summaries.mark(house.vault, lawyer, case, "x" * 81, waiting=True)
    with pytest.raises(EncodingError):
        summaries.mark(house.vault, lawyer, case, "x\0", waiting=True)
    drop(house, table, case_id=case, member_id=lawyer.id)
    with pytest.raises(RefusedError):
        summaries.mark(house.vault, lawyer, case, "x", waiting=True)


# --- attacks -------------------------------------------------------------------------------------


@pytest.fixture
def two(house, case):
    """Two cases of the lawyer, both looked at, with labels."""
    _, other = give(house, "another story")
    for one in (case, other):
        look(house, one)
        look(house, one, "deputy")
        summaries.mark(house.vault, house.actors["lawyer"], one, one[:4], waiting=False)
    return case, other


def test_a_summary_moved_from_another_case_is_none(house, two):
    case, other = two
    moved = row_of(house, other)
    for named in ({"sealed": moved.sealed}, {"sealed": moved.sealed, "testimony": moved.testimony}):
        change(house, table, {"case_id": case, "member_id": house.actors["lawyer"].id}, **named)
        assert line(house, case).summary is None
        assert state(line(house, case)) == (1, True)
        assert line(house, other).summary.label == other[:4]


def test_a_summary_moved_from_another_member_is_none(house, two):
    case, _ = two
    moved = row_of(house, case, "deputy").sealed
    change(house, table, {"case_id": case, "member_id": house.actors["lawyer"].id}, sealed=moved)
    assert line(house, case).summary is None


@pytest.mark.parametrize("signer", ["nobody", "auditor", "admin"])
@pytest.mark.parametrize("named", ["signer", "officer"])
def test_a_planted_summary_needs_the_signature_of_somebody_who_gives_cases(
    house, case, signer, named
):
    lawyer, actor = house.actors["lawyer"], house.actors.get(signer)
    signing = actor.signing if actor else SigningKey(random(32))
    by = actor.id if actor and named == "signer" else house.actors["officer"].id
    place = Place(case, row_of(house, case).testimony, lawyer.id)
    key = erasure.find(house.vault, place.testimony)
    forged = wrap(key, place, post(place, lawyer.opening.public, FORGED, by, signing))
    change(house, table, {"case_id": case, "member_id": lawyer.id}, sealed=forged)
    assert line(house, case).summary is None


def test_an_own_summary_planted_by_another_member_is_none(house, case):
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    place = Place(case, row_of(house, case).testimony, lawyer.id)
    key = erasure.find(house.vault, place.testimony)
    forged = wrap(key, place, Keeper(lawyer.id, deputy.opening).keep(place, FORGED))
    change(house, table, {"case_id": case, "member_id": lawyer.id}, sealed=forged)
    assert line(house, case).summary is None


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(1081), bytes(3000)])
def test_bytes_that_are_no_summary_hide_no_list_and_opening_makes_a_new_one(house, two, sealed):
    case, other = two
    change(house, table, {"case_id": case, "member_id": house.actors["lawyer"].id}, sealed=sealed)
    assert line(house, case).summary is None
    assert line(house, other).summary.label == other[:4]
    assert look(house, case).summary.form == "victim"
    assert line(house, case).summary.form == "victim"


def test_a_summary_for_a_testimony_that_is_not_the_cases_is_none(house, two):
    case, other = two
    testimony = row_of(house, other).testimony
    change(
        house, table, {"case_id": case, "member_id": house.actors["lawyer"].id}, testimony=testimony
    )
    assert line(house, case).summary is None
    assert look(house, case).summary.label == ""


def test_an_older_summary_put_back_says_unread_rather_than_read(house, case):
    posted = row_of(house, case).sealed
    look(house, case)
    read = row_of(house, case).sealed
    messages.reply(house.vault, house.actors["lawyer"], case, "Ответ.")
    where = {"case_id": case, "member_id": house.actors["lawyer"].id}
    change(house, table, where, sealed=read)
    assert state(line(house, case)) == (0, False)  # the reply is counted all the same
    change(house, table, where, sealed=posted)
    assert state(line(house, case)) == (1, True)


def test_packets_that_vanish_make_everything_unread(house, case):
    add(house)
    look(house, case)
    subject = row_of(house, case).testimony
    drop(house, records, subject=subject, kind="addendum", compartment="account")
    assert state(line(house, case)) == (1, True)


def test_planted_records_count_as_unread_and_are_shown_as_unproven_when_opened(house, case):
    look(house, case)
    subject = row_of(house, case).testimony
    insert(
        house,
        records,
        id=random(16).hex(),
        subject=subject,
        compartment="account",
        epoch=1,
        kind="addendum",
        sealed=b"x",
        mac=None,
        author=None,
        slot_day="2026-01-01",
    )
    assert line(house, case).unread == 1
    view = open_case(house.vault, house.actors["lawyer"], case)
    assert "unproven" in {record.origin for record in view.records}


def test_deleting_the_erasure_key_deletes_the_summary(house, two):
    case, other = two
    with house.vault.erasure.write() as connection:
        subject = row_of(house, case).testimony
        connection.execute(erasure_keys.delete().where(erasure_keys.c.subject == subject))
    assert line(house, case).summary is None
    assert line(house, other).summary.label == other[:4]


def test_a_case_without_its_testimony_still_has_its_line(house, case):
    drop(house, testimonies, case_id=case)
    assert line(house, case).packets == 0
