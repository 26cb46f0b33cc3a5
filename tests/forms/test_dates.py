"""Dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.forms.dates import to_iso


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("11.01.2022", "2022-01-11"),
        ("1.1.2022", "2022-01-01"),
        ("11/01/2022", "2022-01-11"),
        ("01.2022", "2022-01"),
        ("1.2022", "2022-01"),
        ("2022", "2022"),
        ("2022-01-11", "2022-01-11"),
        ("2022-1", "2022-01"),
        ("  11.01.2022 \n", "2022-01-11"),
        ("29.02.2024", "2024-02-29"),
        ("0001", "0001"),
        ("11.01.1899", "1899-01-11"),
        ("31.12.9999", "9999-12-31"),
    ],
)
def test_a_day_a_month_or_a_year_is_understood(typed, stored):
    assert to_iso(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "29.02.2022",
        "31.04.2022",
        "32.01.2022",
        "13.2022",
        "2022-13",
        "00.00.2022",
        "0000",
        "11.01.22",
        "11 января 2022",
        "қаңтар",
        "после 8 января",
        "11.01.2022 или 12.01.2022",
        "٢٠٢٢",
        "２０２２",
        "2022\u00b2",
        "-2022",
        "2022-01-11T10:00",
    ],
)
def test_anything_else_is_no_date(typed):
    assert to_iso(typed) is None


@given(st.dates())
def test_every_day_of_the_calendar_is_read_as_it_is_written_here(day):
    typed = f"{day.day:02}.{day.month:02}.{day.year:04}"
    assert to_iso(typed) == to_iso(day.isoformat()) == day.isoformat()


@given(st.text(max_size=12))
def test_whatever_is_typed_either_names_a_day_or_nothing(typed):
    stored = to_iso(typed)
    if stored is not None:
        parts = [int(part) for part in stored.split("-")]
        assert date(*[*parts, 1, 1][:3])
