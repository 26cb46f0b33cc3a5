"""The gate: never a yes without a yes, narrowing at once, widening after its delay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.consent import gate, items
from vault.consent.history import CHILD, FIRST, PROXY, SECOND, SELF, Statement, Stop, history
from vault.consent.items import ITEMS

DAY = 86_400
NOW = "2026-03-20T12:00:00Z"
ONWARD = sorted(item.id for item in ITEMS.values() if item.onward)
INSIDE = sorted(ITEMS.keys() - set(ONWARD))
VALUES = ["yes", "no", "not_yet", "ask_me_later", "paused", "do_nothing", "lawyer_decides", "?"]
VALUES += ["yes_confidential", "yes_name_to_government"]


def on(day: int) -> str:
    return f"2026-03-{day:02}"


def said(item, value="yes", day=1, **more):
    known = {"arrived": on(day), "record": f"{item}/{value}/{day}/{more.get('number', 0)}"}
    return Statement(item, value, on(day), **{**known, **more})


def ask(item, *statements, now=NOW, delay=0, level=None, **more):
    return gate.may(item, history(statements, **more), now, delay, level)


def words(item=None):
    return st.builds(
        said,
        st.sampled_from(sorted(ITEMS)) if item is None else st.just(item),
        st.sampled_from(VALUES),
        st.integers(1, 28),
        number=st.integers(0, 5),
        later=st.booleans(),
        origin=st.sampled_from([FIRST, SECOND]),
        by=st.sampled_from([SELF, PROXY, CHILD]),
    )


HISTORIES = st.lists(words(), max_size=20)
DELAYS = st.integers(0, 10 * DAY)
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30)).map(  # noqa: DTZ001 - made UTC
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
)


# --- over any history ----------------------------------------------------------------------------


@given(HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS, DELAYS)
def test_never_a_yes_without_a_yes_of_the_first_receipt(statements, item, now, delay):
    found = ask(item, *statements, now=now, delay=delay)
    if found.allowed:
        assert found.said in statements
        assert found.said.origin == FIRST
        assert ITEMS[item].rank(found.said.value) > 0
    else:
        assert found.reason in gate.REASONS


@given(HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS, DELAYS)
def test_a_no_a_pause_or_ask_me_later_said_last_stands_at_once(statements, item, now, delay):
    for value in ("no", "paused", "ask_me_later"):
        last = said(item, value, 28, number=9)
        assert not ask(item, *statements, last, now=now, delay=delay).allowed


@given(HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS, DELAYS)
def test_the_second_receipt_never_widens_anything(statements, item, now, delay):
    own = [one for one in statements if one.origin == FIRST]
    with_second = ask(item, *statements, now=now, delay=delay)
    if with_second.allowed:
        assert ask(item, *own, now=now, delay=delay).allowed


@given(HISTORIES, st.sampled_from(INSIDE), MOMENTS, DELAYS)
def test_the_second_receipt_takes_nobodys_reading_away(statements, item, now, delay):
    own = [one for one in statements if one.origin == FIRST]
    assert ask(item, *statements, now=now, delay=delay) == ask(item, *own, now=now, delay=delay)


@given(st.permutations(range(8)), st.lists(words("C08"), min_size=8, max_size=8), MOMENTS, DELAYS)
def test_the_order_in_which_the_words_are_listed_changes_nothing(order, statements, now, delay):
    shuffled = [statements[place] for place in order]
    one, other = (ask("C08", *listed, now=now, delay=delay) for listed in (statements, shuffled))
    assert (one.allowed, one.begins) == (other.allowed, other.begins)


@given(HISTORIES, HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS)
def test_words_about_other_items_change_nothing(statements, others, item, now):
    about = {item, items.ASSENT, items.GUARDIAN, items.PERSON}
    own = [one for one in statements if one.item in about]
    others = [one for one in others if one.item not in about]
    assert ask(item, *own, now=now) == ask(item, *own, *others, now=now)


@given(HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS, DELAYS)
def test_a_longer_delay_and_a_stop_never_allow_more(statements, item, now, delay):
    if ask(item, *statements, now=now, delay=delay + 3600).allowed:
        assert ask(item, *statements, now=now, delay=delay).allowed
    found = ask(item, *statements, now=now, delay=delay)
    if found.said is not None:
        stop = Stop(item, found.said.record)
        stopped = ask(item, *statements, now=now, delay=delay, stops=[stop])
        assert not (stopped.allowed and not found.allowed)


@given(HISTORIES, st.sampled_from(sorted(ITEMS)), MOMENTS, DELAYS)
def test_a_day_of_arrival_set_to_another_brings_no_yes_back_over_a_no(statements, item, now, delay):
    """Whoever writes to the database chooses the day on which the vault took something in."""
    no = said(item, "no", 15, number=9)
    earlier = [one for one in statements if one.said < on(15) or one.origin == SECOND]
    moved = [replace(one, arrived=on(28)) for one in earlier]
    assert not ask(item, *moved, no, now=now, delay=delay).allowed


# --- one rule each -------------------------------------------------------------------------------


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_silence_is_no(item):
    assert ask(item) == gate.Decision(allowed=False, reason=gate.SILENCE)


@pytest.mark.parametrize("item", sorted(ITEMS.keys() - {items.DOMESTIC}))
def test_a_yes_is_a_yes(item):
    assert ask(item, said(item, ITEMS[item].allows[0])).allowed


@pytest.mark.parametrize("value", ["no", "not_yet", "ask_me_later", "paused", "", "YES", "yes "])
def test_nothing_else_is(value):
    assert not ask("C05", said("C05", value)).allowed


def test_a_yes_after_a_no_waits_from_the_end_of_its_day():
    words = said("C09", "yes", 1, later=False), said("C09", "no", 3), said("C09", "yes", 18)
    waits = ask("C09", *words, now="2026-03-19T23:59:59Z", delay=DAY)
    assert (waits.reason, waits.begins) == (gate.WAITS, on(20))
    assert ask("C09", *words, now="2026-03-20T00:00:00Z", delay=DAY).allowed


def test_the_delay_counts_from_the_later_of_both_days():
    early = said("C09", "yes", 1, arrived=on(19))
    assert ask("C09", early, delay=DAY).begins == on(21)
    future = said("C09", "yes", 25, arrived=on(19))
    assert ask("C09", future, delay=DAY).begins == on(27)


def test_what_was_said_when_telling_waits_for_nothing():
    assert ask("C06", said("C06", later=False, day=20), delay=DAY).allowed


def test_saying_yes_again_begins_no_new_delay():
    assert ask("C09", said("C09", "yes", 10), said("C09", "yes", 20), delay=DAY).allowed


def test_a_narrower_yes_counts_at_once_under_a_broader_one():
    words = said("C08", "yes_name_to_government", 10), said("C08", "yes_confidential", 20)
    assert ask("C08", *words, delay=DAY).allowed
    named = ask("C08", *words, delay=DAY, level="yes_name_to_government")
    assert not named.allowed


def test_a_broader_yes_waits_while_the_narrower_one_stands():
    words = said("C08", "yes_confidential", 10), said("C08", "yes_name_to_government", 20)
    assert ask("C08", *words, delay=DAY).allowed
    assert ask("C08", *words, delay=DAY, level="yes_name_to_government").reason == gate.WAITS


def test_a_widening_that_was_stopped_counts_only_when_it_is_said_again():
    first = said("C10", "yes", 5)
    stop = Stop("C10", first.record)
    assert ask("C10", first, stops=[stop]).reason == gate.STOPPED
    assert ask("C10", first, said("C10", "yes", 9), stops=[stop]).allowed


def test_a_no_with_the_second_receipt_holds_back_what_would_leave_the_house():
    yes, forced = said("C07", "yes", 5), said("C07", "no", 7, origin=SECOND)
    assert ask("C07", yes, forced).reason == gate.FORCED
    assert ask("C07", yes, forced, said("C07", "yes", 7)).reason == gate.FORCED
    assert ask("C07", yes, forced, said("C07", "yes", 8)).allowed


def test_two_answers_of_one_place_in_the_order_are_a_no():
    assert not ask("C09", said("C09", "yes", 5), said("C09", "no", 5)).allowed


def test_a_proxy_allows_four_items_and_no_other():
    allowed = {
        item
        for item in ITEMS
        if ask(
            item,
            *(said(item, ITEMS[item].allows[0], day, by=PROXY) for day in (1, 5)),
            said(items.PERSON, items.WISHED),
            notes_read=[on(5)],
        ).allowed
    }
    assert allowed == {"C01", "C02", "C06", "C17"}


def test_a_proxy_lets_a_person_be_counted_only_if_that_person_was_asked():
    assert ask("C06", said("C06", by=PROXY)).reason == gate.NOT_THEIRS


def test_a_child_needs_its_own_word_and_no_adult_against_it():
    yes, assent = said("C07", by=CHILD), said(items.ASSENT, "yes")
    against = said(items.GUARDIAN, items.AGAINST)
    assert ask("C01", said("C01", by=CHILD)).allowed
    assert ask("C07", yes).reason == gate.NO_ASSENT
    assert ask("C07", yes, assent).allowed
    assert ask("C07", yes, assent, against).reason == gate.ADULT_AGAINST
    assert ask("C07", yes, said(items.GUARDIAN, "agrees")).reason == gate.NO_ASSENT


# --- the complaint to the authorities ------------------------------------------------------------


def complaint(*days, read=(), **more):
    words = [said("C12", "yes", day, number=place) for place, day in enumerate(days)]
    return ask("C12", *words, notes_read=[on(day) for day in read], **more)


def test_one_yes_to_a_complaint_is_none():
    assert complaint(5, read=[1]).reason == gate.AGAIN


@pytest.mark.parametrize("second", [5, 6])
def test_two_yes_less_than_a_whole_day_apart_are_one(second):
    """The end of the 5th and the beginning of the 6th are a minute apart."""
    assert complaint(5, second, read=[1]).reason == gate.AGAIN


def test_both_days_must_lie_apart_that_of_the_witness_and_that_of_the_vault():
    """Whoever has the words can date two packets as they like and send them together."""
    together = [said("C12", "yes", day, arrived=on(9), number=day) for day in (3, 9)]
    assert ask("C12", *together, notes_read=[on(1)]).reason == gate.AGAIN


def test_the_legal_note_is_read_before_the_second_yes():
    assert complaint(5, 7).reason == gate.NOTE
    assert complaint(5, 7, read=[8]).reason == gate.NOTE
    assert complaint(5, 7, read=[7]).allowed
    assert complaint(5, 7, 10, read=[8]).allowed


def test_a_no_between_both_begins_anew():
    words = said("C12", "yes", 5), said("C12", "no", 6), said("C12", "yes", 9)
    assert ask("C12", *words, notes_read=[on(1)]).reason == gate.AGAIN


def test_the_second_yes_waits_like_any_widening():
    assert complaint(5, 20, read=[6], delay=DAY).reason == gate.WAITS


def test_an_item_or_a_level_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        ask("C99")
    with pytest.raises(ValueError, match="tuple"):
        ask("C07", level="yes_confidential")


def test_a_delay_is_never_shorter_than_it_says():
    """Said in the last minute of the 10th, it may wait a day: until the end of the 11th."""
    found = ask("C09", said("C09", day=10), delay=DAY, now="2026-03-11T23:59:59Z")
    assert (found.reason, found.begins) == (gate.WAITS, on(12))
    assert ask("C09", said("C09", day=10), delay=DAY, now="2026-03-12T00:00:00Z").allowed


def test_what_waits_is_told_also_where_something_narrower_counts():
    words = said("C08", "yes_confidential", 10), said("C08", "yes_name_to_government", 20)
    found = gate.waiting("C08", history(words), NOW, DAY)
    assert found == gate.Waiting(on(22), (words[1].record,))
    stops = [Stop("C08", record) for record in found.records]
    assert gate.waiting("C08", history(words, stops), NOW, DAY) is None
    assert ask("C08", *words, delay=DAY, stops=stops).allowed
    named = ask("C08", *words, delay=DAY, stops=stops, level="yes_name_to_government")
    assert named.reason == gate.STOPPED


def test_a_thousand_words_to_every_item_are_judged_in_a_moment():
    """Whoever has the words can send as many pages as they like; the case must still open."""
    values = ["yes", "no"]
    words = [
        said(item, values[place % 2], 1 + place % 28, number=place)
        for item in ITEMS
        for place in range(1_000)
    ]
    found = history(words)
    begun = perf_counter()
    for item in ITEMS:
        gate.may(item, found, NOW, DAY)
    assert perf_counter() - begun < 2


# --- whose own word counts -----------------------------------------------------------------------


def test_beside_a_yes_that_counts_another_one_waits_and_can_be_stopped():
    first, later = said("C18", day=1, later=False), said("C18", day=20)
    told = history([first, later])
    assert ask("C18", first, later).allowed
    assert gate.counting("C18", told, NOW, DAY) == {first.record}
    assert gate.counting("C18", told, NOW, 0) == {first.record, later.record}
    stopped = history([first, later], stops=[Stop("C18", later.record)])
    assert gate.counting("C18", stopped, NOW, 0) == {first.record}


def test_what_was_taken_back_or_said_by_another_does_not_count():
    first, no = said("C18", day=1), said("C18", "no", day=2)
    again, second = said("C18", day=3), said("C18", day=3, number=1, origin=SECOND)
    assert gate.counting("C18", history([first, no]), NOW, 0) == frozenset()
    assert gate.counting("C18", history([first, no, again, second]), NOW, 0) == {again.record}
    assert gate.counting("C18", history([said("C18", by=PROXY)]), NOW, 0) == frozenset()
