"""Draws numbers as columns: only geometry, in units of a view box; templates write the SVG.

Every axis begins at zero and ends at a round number, so that heights can be compared; colours are
the style sheet's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 132
# Room for the numbers at the left, for labels below and half a number's height above.
LEFT, BELOW, ABOVE = 30, 18, 8
# How much of its place a column fills.
FILLED = 0.76
# Half of what a label is wide: one that would be cut off at the right is left out.
HALF_LABEL = 18
# How many labels fit below.
MOST_LABELS = 7
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One number to draw.

    Attributes:
        label: short, below the axis.
        value: 0 or more.
        name: in full, for the title and the table.
        odd: drawn in the colour of what may need a question.
    """

    label: str
    value: int
    name: str = ""
    odd: bool = False


@dataclass(frozen=True)
class Column:
    """One bar as it is drawn: its box, and the bar."""

    x: float
    y: float
    width: float
    height: float
    bar: Bar


@dataclass(frozen=True)
class Columns:
    """A drawing.

    Attributes:
        columns: the bars, from left to right.
        lines: height and number of each line across.
        labels: where along the axis which text stands.
    """

    columns: tuple[Column, ...]
    lines: tuple[tuple[float, int], ...]
    labels: tuple[tuple[float, str], ...]
    left: int = LEFT
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def base(self) -> int:
        """Height of the line at zero."""
        return self.height - BELOW


def columns(bars: Sequence[Bar]) -> Columns:
    """Return the drawing of some bars, at least one."""
    top = top_of(max(bar.value for bar in bars))
    place = (WIDTH - LEFT) / len(bars)
    drawn = tuple(_column(bar, number * place, place, top) for number, bar in enumerate(bars))
    every = -(-len(bars) // MOST_LABELS)
    labels = tuple(
        (round(LEFT + (number + 0.5) * place, 1), bar.label)
        for number, bar in enumerate(bars)
        if number % every == 0 and number * place < WIDTH - LEFT - HALF_LABEL
    )
    return Columns(drawn, tuple((_height(value, top), value) for value in _lines(top)), labels)


def top_of(value: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, … that is not below `value`."""
    power = 1
    while True:
        for step in _STEPS:
            if value <= step * power:
                return step * power
        power *= 10


def share(value: int, most: int) -> float:
    """Return which part of 100 a number is of the largest beside it."""
    return round(100 * value / most, 1) if most else 0.0


def _column(bar: Bar, begin: float, place: float, top: int) -> Column:
    y = _height(bar.value, top)
    edge = place * (1 - FILLED) / 2
    return Column(
        x=round(LEFT + begin + edge, 2),
        y=y,
        width=round(place * FILLED, 2),
        height=round(_height(0, top) - y, 2),
        bar=bar,
    )


def _height(value: int, top: int) -> float:
    room = HEIGHT - BELOW - ABOVE
    return round(ABOVE + room * (1 - value / top), 2)


def _lines(top: int) -> tuple[int, ...]:
    """Return the numbers at the axis: nothing, all, and the middle if it is whole."""
    return (0, top) if top % 2 else (0, top // 2, top)
