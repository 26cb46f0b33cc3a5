"""Dates in words: nothing is rounded, nothing is made up."""

import pytest

from vault.web.staff import dates


@pytest.fixture(autouse=True)
def page(app):
    with app.test_request_context("/staff/me?lang=en"):
        app.preprocess_request()
        yield


@pytest.mark.parametrize(
    ("value", "precision", "said"),
    [
        (
            {"from": "2022-01-11", "to": "2022-01-11", "precision": "day"},
            "Exact day",
            "11.01.2022 · Exact day",
        ),
        ({"from": "2022-01-11", "precision": "about"}, "About this day", "about 11.01.2022"),
        ({"from": "2022-01", "precision": "month"}, "Only the month", "01.2022 · Only the month"),
        ({"from": "2022", "precision": "year"}, "Only the year", "2022 · Only the year"),
        ({"from": "2022-01-11", "to": "2022-01-12"}, "", "between 11.01.2022 and 12.01.2022"),
        (
            {"from": "2022-01-11", "to": "2022-01-12", "precision": "about"},
            "About this day",
            "about between 11.01.2022 and 12.01.2022",
        ),
        (
            {"from": "2022-01-11", "to": "2022-01-12", "precision": "day"},
            "Exact day",
            "from 11.01.2022 to 12.01.2022 · Exact day",
        ),
        ({"to": "2022-01-12"}, "", "until 12.01.2022"),
        (
            {"precision": "about", "text": "the third day"},
            "About this day",
            "About this day · “the third day”",
        ),
        ({"text": "the third day"}, "", "“the third day”"),
        ({"precision": "unknown"}, "I do not know", "I do not know"),
        ({}, "", ""),
        ({"from": "in January"}, "", "in January"),
        ({"from": ["x"], "to": 5}, "", "between ['x'] and 5"),
    ],
)
def test_a_date_is_said_as_it_was_given(value, precision, said):
    assert dates.in_words(value, precision) == said


EXACT = {"from": "2022-01-11", "to": "2022-01-11", "precision": "day"}


def test_unregistered_hours_are_computed_from_exact_days_and_say_how():
    said = dates.unregistered(EXACT, {"from": "2022-01-13"})
    assert said.startswith("Not registered: 48 hours (2 × 24,")
    assert "not known" in said


@pytest.mark.parametrize(
    "registered",
    [
        None,
        "2022-01-13",
        {},
        {"from": "2022-01-13", "precision": "about"},
        {"from": "2022-01-13", "precision": "month"},
        {"from": "2022-01-13", "precision": {"odd": 1}},
        {"from": "2022-01"},
        {"from": "2022-01-13", "to": "2022-01-14"},
        {"from": "2022-02-31"},
        {"from": 20220113},
        EXACT,
        {"from": "2022-01-10"},
    ],
)
def test_nothing_is_computed_from_anything_else(registered):
    assert dates.unregistered(EXACT, registered) is None


@pytest.mark.parametrize(
    "real", [None, {"from": "2022-01-09", "precision": "about"}, {"text": "x"}]
)
def test_nothing_is_computed_to_an_exact_day_from_anything_else(real):
    assert dates.unregistered(real, EXACT) is None
