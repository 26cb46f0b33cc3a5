"""A case as its page shows it: what was corrected stands beneath its correction."""

import pytest

from tests.web.staff.test_account import record
from vault.web.staff.view import _thread

FIRST = record({"story": "on the 6th"}, id="first")


def later(story, number, **more):
    return record({"story": story, **more}, "addendum", id=f"later{number}", number=number)


def correction(story, number):
    return later(story, number, added_as=["correction"])


def test_a_correction_stands_above_everything_that_was_said_until_then():
    shown = [FIRST, later("and more", 1), correction("on the 7th", 2), later("last", 3)]
    thread = list(_thread(shown))
    assert [message.text for message in thread] == ["and more", "on the 7th", "last"]
    assert [[one.text for one in message.before] for message in thread] == [
        [],
        ["on the 6th", "and more"],
        [],
    ]
    assert thread[1].before[0].record is FIRST


def test_a_second_correction_stands_above_the_first_too():
    *_, last = _thread([FIRST, correction("on the 7th", 1), correction("on the 8th", 2)])
    assert [one.text for one in last.before] == ["on the 6th", "on the 7th"]


@pytest.mark.parametrize("odd", [None, "correction", {"correction": 1}, [], ["other"]])
def test_what_does_not_say_so_corrects_nothing(odd):
    (message,) = _thread([FIRST, later("more", 1, added_as=odd)])
    assert message.before == ()


def test_replies_and_unproven_records_are_nothing_that_a_witness_said():
    reply = record({}, "reply", id="reply", text="a reply", origin="member")
    planted = record({"story": "planted"}, "addendum", id="planted", origin="unproven")
    *_, last = _thread([FIRST, reply, planted, correction("on the 7th", 1)])
    assert [one.text for one in last.before] == ["on the 6th"]
