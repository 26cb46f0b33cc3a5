"""Axes begin at zero, heights are in proportion, and nothing is drawn outside its box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.web.audit.pictures import (
    ABOVE,
    BELOW,
    HEIGHT,
    LEFT,
    MOST_LABELS,
    WIDTH,
    Bar,
    columns,
    share,
    top_of,
)

numbers = st.lists(st.integers(0, 10**7), min_size=1, max_size=60)


def drawn(values):
    return columns([Bar(str(place), value) for place, value in enumerate(values)])


@given(numbers)
def test_every_column_stands_on_zero_inside_the_drawing(values):
    picture = drawn(values)
    right = LEFT
    for column in picture.columns:
        assert column.x >= right
        right = column.x + column.width
        assert column.y >= ABOVE
        assert column.y + column.height == pytest.approx(picture.base, abs=0.02)
    assert right <= WIDTH


@given(numbers)
def test_heights_are_in_proportion_to_the_numbers(values):
    picture = drawn(values)
    top = picture.lines[-1][1]
    for column in picture.columns:
        expected = (HEIGHT - BELOW - ABOVE) * column.bar.value / top
        assert column.height == pytest.approx(expected, abs=0.02)


@given(numbers)
def test_the_axis_names_zero_and_a_round_number_that_nothing_exceeds(values):
    lines = drawn(values).lines
    assert lines[0] == (HEIGHT - BELOW, 0)
    assert lines[-1][0] == ABOVE
    assert lines[-1][1] >= max(values)
    assert str(lines[-1][1]).rstrip("0") in {"1", "2", "5"}


@given(numbers)
def test_labels_are_few_and_none_is_cut_off(values):
    labels = drawn(values).labels
    assert 1 <= len(labels) <= MOST_LABELS
    assert all(LEFT < x < WIDTH for x, _ in labels)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (51, 100), (100, 100)]
)
def test_the_axis_ends_at_the_next_round_number(value, top):
    assert top_of(value) == top


def test_a_share_is_of_the_largest_and_of_nothing_it_is_nothing():
    assert (share(1, 3), share(3, 3), share(0, 0)) == (33.3, 100.0, 0.0)
