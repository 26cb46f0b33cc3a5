"""Which lines of a list are shown, and in which order."""

import dataclasses

import pytest

from vault.cases.lists.choosing import SORTS, Choice, choose
from vault.cases.model import CaseLine
from vault.keyring.summaries import Summary

SUMMARY = Summary("victim", "ru", (), "", seen=1, replies=0, waiting=False)
LINE = CaseLine(
    id="0" * 32,
    status="assigned",
    day="2026-01-05",
    active="2026-01-05",
    capacity="lawyer",
    packets=1,
    replies=0,
    files=0,
    readable=True,
)


def line(name, *, summary=True, **changes):
    own = {key: changes.pop(key) for key in list(changes) if hasattr(SUMMARY, key)}
    own = {"replies": changes.get("replies", 0)} | own
    found = dataclasses.replace(SUMMARY, **own) if summary else None
    return dataclasses.replace(LINE, id=name, summary=found, **changes)


def chosen(lines, **choice):
    return [one.id for one in choose(lines, Choice(**choice))]


QUIET = line("quiet")
UNREAD = line("unread", packets=3)
WAITING = line("waiting", waiting=True)
URGENT = line("urgent", urgency=("held_now",))
UNKNOWN = line("unknown", summary=False)
ALL = [QUIET, UNREAD, WAITING, URGENT, UNKNOWN]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, {"quiet", "unread", "waiting", "urgent", "unknown"}),
        ({"urgent": True}, {"urgent"}),
        ({"unread": True}, {"unread", "unknown"}),
        ({"waiting": True}, {"unread", "waiting", "unknown"}),
        ({"unread": True, "urgent": True}, set()),
    ],
)
def test_what_is_not_known_is_never_left_out_as_read_or_answered(choice, expected):
    assert set(chosen(ALL, **choice)) == expected


def test_a_file_that_came_since_is_something_unread():
    film = dataclasses.replace(line("film"), files=2)
    seen = dataclasses.replace(line("seen", files=2), files=2)
    assert (film.new_files, seen.new_files, QUIET.new_files) == (2, 0, 0)
    assert chosen([QUIET, seen, film], unread=True) == ["film"]
    assert chosen([QUIET, film])[0] == "film"


def test_who_may_have_been_forced_is_urgent_and_stands_before_who_only_waits():
    forced = line("forced", forced="2026-01-05")
    assert chosen([*ALL, forced], urgent=True, sort="active") == ["urgent", "forced"]
    assert chosen([*ALL, forced])[0] == "forced"


def test_form_language_and_capacity_choose_exactly():
    lines = [line("a", form="child"), line("b", language="kk"), line("c", capacity="deputy")]
    assert chosen([*lines, UNKNOWN], form="child") == ["a"]
    assert chosen([*lines, UNKNOWN], language="kk") == ["b"]
    assert chosen([*lines, UNKNOWN], capacity="deputy") == ["c"]


def test_words_of_the_label_are_found_in_any_case_and_language():
    lines = [line("a", label="Суд 12 марта"), line("b", label="ӘДІЛЕТ"), line("c", label="")]
    assert chosen(lines, words="суд") == ["a"]
    assert chosen(lines, words="әділет") == ["b"]
    assert chosen([*lines, UNKNOWN], words="x") == []


def test_by_default_come_those_that_wait_urgent_ones_first_then_the_latest():
    lines = [
        line("answered", active="2026-03-03"),
        line("old", waiting=True, active="2026-01-01"),
        line("new", waiting=True, active="2026-02-02"),
        line("urgent", waiting=True, urgency=("child",), active="2025-01-01"),
    ]
    assert chosen(lines) == ["urgent", "new", "old", "answered"]


def test_by_last_activity_newest_first_and_by_arrival_oldest_first():
    lines = [
        line("a", day="2026-01-03", active="2026-01-04"),
        line("b", day="2026-01-01", active="2026-01-09"),
    ]
    assert chosen(lines, sort="active") == ["b", "a"]
    assert chosen(lines, sort="day") == ["b", "a"]
    assert chosen(lines[::-1], sort="active") == ["b", "a"]


def test_by_label_those_without_one_come_last():
    lines = [UNKNOWN, line("none"), line("b", label="Б"), line("a", label="а")]
    assert chosen(lines, sort="label")[:2] == ["a", "b"]


@pytest.mark.parametrize("sort", SORTS)
def test_no_order_loses_a_line(sort):
    assert sorted(chosen(ALL, sort=sort)) == sorted(one.id for one in ALL)


@pytest.mark.parametrize(
    ("one", "unread", "waiting"),
    [
        (line("x", packets=1, seen=1, waiting=False), 0, False),
        (line("x", packets=1, seen=1, waiting=True), 0, True),
        (line("x", packets=2, seen=1, waiting=False), 1, True),
        (line("x", packets=2, seen=5, waiting=False), 2, True),
        (dataclasses.replace(line("x", waiting=True), replies=1), 0, False),
        (line("x", summary=False, packets=2), 2, True),
    ],
)
def test_unread_and_waiting_err_towards_another_look(one, unread, waiting):
    assert (one.unread, one.waiting) == (unread, waiting)


def test_nothing_typed_stands_where_objects_are_printed():
    assert "secret" not in repr(Choice(words="secret")) + repr(line("x", label="secret"))
