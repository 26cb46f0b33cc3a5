"""Consent: only a yes is a yes."""

import pytest

from vault.consent import items

NOT_YES = ["no", "not_yet", "ask_me_later", "paused", "", "YES", True, 1, None, ["yes"]]


@pytest.mark.parametrize("item", [items.KEEP, items.READ])
def test_yes_permits(item):
    assert items.permits({"consent": {item: "yes"}}, item)


@pytest.mark.parametrize("value", NOT_YES)
def test_nothing_else_permits(value):
    assert not items.keeping({"consent": {"C01": value}})
    assert not items.reading({"consent": {"C02": value}})


@pytest.mark.parametrize("answers", [{}, {"consent": None}, {"consent": "yes"}, {"consent": []}])
def test_silence_permits_nothing(answers):
    assert not items.keeping(answers)
    assert not items.reading(answers)


def test_one_yes_is_not_the_other():
    assert not items.reading({"consent": {"C01": "yes"}})
    assert not items.keeping({"consent": {"C02": "yes"}})


def test_a_proxy_is_asked_only_what_they_may_say():
    asked = {item for item in items.ITEMS if items.is_asked("relative", f"consent.{item}")}
    assert asked == {"C01", "C02", "C06", "C17"}
    assert not items.is_asked("relative", "consent.C09_threshold")
    assert items.is_asked("relative", "story")
    assert all(items.is_asked("death", f"consent.{item}") for item in items.ITEMS)


def test_pausing_everything_stops_every_reader_besides_and_every_onward_step():
    kept = items.ITEMS.keys() - {*items.PAUSED_TOGETHER}
    assert kept == {"C01", "C02", "C17", "C18"}
