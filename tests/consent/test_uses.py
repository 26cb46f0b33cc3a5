"""The gate with parameters: how many others, which file for whom, who decides in whose place."""

from __future__ import annotations

import pytest

from tests.consent.test_gate import DAY, NOW, said
from vault.consent import gate, uses
from vault.consent.history import SECOND, Stop, history
from vault.consent.uses import Absence, Decides, Viewer

FILE = "ab" * 16
OTHER_FILE = "cd" * 16


def compare(others, *statements, now=NOW, delay=0, **more):
    return uses.may_compare(others, history(statements, **more), now, delay)


def at_least(number, day=1, **more):
    return said("C09_threshold", str(number), day, **more)


# --- C09: compare --------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "allowed"), [(1, False), (2, False), (3, True), (5_000, True)])
def test_as_many_others_as_the_witness_asks_for_are_enough_and_fewer_are_not(others, allowed):
    found = compare(others, said("C09"), at_least(3))
    assert (found.allowed, found.reason) == (allowed, gate.ALLOWED if allowed else gate.NO)


def test_without_a_number_one_other_is_enough():
    assert compare(1, said("C09")).allowed


def test_a_number_alone_allows_nothing():
    assert compare(9, at_least(1)).reason == gate.SILENCE
    assert compare(9, said("C09", "no"), at_least(1)).reason == gate.NO


def test_asking_for_more_counts_at_once_and_for_fewer_waits():
    more = compare(2, said("C09"), at_least(1), at_least(4, 20), delay=DAY)
    assert (more.allowed, more.reason) == (False, gate.NO)
    fewer = said("C09"), at_least(4), at_least(2, 20)
    assert compare(2, *fewer, delay=DAY).reason == gate.WAITS
    assert compare(2, *fewer, delay=DAY, now="2026-03-23T00:00:00Z").allowed
    assert compare(4, *fewer, delay=DAY).allowed


def test_the_second_receipt_can_ask_for_more_and_never_for_fewer():
    assert compare(2, said("C09"), at_least(9, 2, origin=SECOND)).reason == gate.FORCED
    assert not compare(2, said("C09"), at_least(4), at_least(1, 2, origin=SECOND)).allowed


@pytest.mark.parametrize("value", ["", "-1", "1001", "1" * 40, "³", "1.0", "yes", "٣"])
def test_what_is_no_number_of_the_page_allows_nothing(value):
    assert not compare(1_000, said("C09"), said("C09_threshold", value)).allowed


def test_a_stop_of_the_comparing_stops_the_number_that_came_with_it():
    stops = [Stop("C09_threshold", at_least(2, 5).record)]
    assert compare(2, said("C09"), at_least(4), at_least(2, 5), stops=stops).reason == gate.STOPPED


@pytest.mark.parametrize("others", [0, -1])
def test_there_is_nothing_to_compare_with_nobody(others):
    with pytest.raises(ValueError, match="others"):
        compare(others, said("C09"))


# --- C10: told of others -------------------------------------------------------------------------


def test_to_be_told_of_others_needs_its_own_word_and_the_comparing_both():
    def tell(others, *statements):
        return uses.may_tell_of_others(others, history(statements), NOW, 0)

    assert tell(3, said("C09"), said("C10"), at_least(3)).allowed
    assert tell(2, said("C09"), said("C10"), at_least(3)).reason == gate.NO
    assert tell(3, said("C09")).reason == gate.SILENCE
    assert tell(3, said("C10")).reason == gate.SILENCE


# --- C15: one file -------------------------------------------------------------------------------


def show(viewer, *statements):
    return uses.may_show(FILE, viewer, history(statements), NOW, 0)


def test_a_file_is_shown_only_to_whom_its_own_word_names():
    words = said("C15"), said(f"C15/{FILE}", "doctor")
    assert show(Viewer.DOCTOR, *words).allowed
    assert show(Viewer.COURT, *words).reason == gate.NO


@pytest.mark.parametrize(
    "words",
    [
        (),
        (said("C15"),),
        (said(f"C15/{FILE}", "doctor"),),
        (said("C15"), said(f"C15/{OTHER_FILE}", "doctor")),
        (said("C15"), said(f"C15/{FILE}", "lawyer_only")),
        (said("C15"), said(f"C15/{FILE}", "nobody_yet")),
        (said("C15"), said(f"C15/{FILE}", "yes")),
        (said("C15"), said(f"C15/{FILE}", "doctor"), said("C15", "paused", 2)),
        (said("C15"), said(f"C15/{FILE}", "doctor"), said(f"C15/{FILE}", "court", 2)),
        (said("C15"), said(f"C15/{FILE}", "doctor", origin=SECOND)),
    ],
)
def test_every_other_word_shows_it_to_nobody(words):
    assert not show(Viewer.DOCTOR, *words).allowed


# --- C16, C17: who decides -----------------------------------------------------------------------

TRUSTED, LAWYER = said("C16"), said("C17", "lawyer_decides")


@pytest.mark.parametrize(
    ("absence", "words", "who"),
    [
        (Absence.TAKEN, (TRUSTED, LAWYER), Decides.TRUSTED_PERSON),
        (Absence.TAKEN, (TRUSTED,), Decides.TRUSTED_PERSON),
        (Absence.TAKEN, (LAWYER,), Decides.LAWYER),
        (Absence.TAKEN, (), Decides.NOBODY),
        (Absence.TAKEN, (said("C16", "paused"),), Decides.NOBODY),
        (Absence.UNREACHABLE, (TRUSTED, LAWYER), Decides.LAWYER),
        (Absence.UNREACHABLE, (TRUSTED,), Decides.NOBODY),
        (Absence.UNREACHABLE, (said("C17", "do_nothing"),), Decides.NOBODY),
        (Absence.UNREACHABLE, (), Decides.NOBODY),
    ],
    ids=str,
)
def test_who_decides_is_whom_the_witness_named_for_this_and_nobody_else(absence, words, who):
    found, decision = uses.who_decides(absence, history(words), NOW, 0)
    assert found is who
    assert decision.allowed == (who is not Decides.NOBODY)
