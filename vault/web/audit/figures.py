"""The figures of the overview: what the reckoning knows of a period, as bars and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vault.cases.model import code_of
from vault.journal.reckoning.rules import HOURS, Rule
from vault.journal.reckoning.sums import ByDay, Case, Sums, summed, within
from vault.web.audit.pictures import Bar, Columns, columns, share
from vault.web.audit.sentences import Names
from vault.web.inside.pages import text
from vault.web.shared.application import words

# Names of periods, how many bars each has, and how many days a bar.
PERIODS: Mapping[str, tuple[int, int]] = {"weeks": (28, 1), "half": (26, 7)}
# Days from intake to the first opening, up to which a class goes; the last has no end.
WAITED = (0, 1, 3, 7, 14)
# How many rows a list has at most; what is beyond is one more.
MOST_ROWS = 15
# How many unopened cases are listed, the longest waiting first.
UNOPENED = 10

_DAY_HOURS = 24


@dataclass(frozen=True)
class Period:
    """Days up to today, in bars of equal length."""

    name: str
    last: date

    @property
    def bars(self) -> Iterator[tuple[str, str]]:
        """Yield the first and last day of each bar."""
        count, length = PERIODS[self.name]
        for number in range(count - 1, -1, -1):
            end = self.last - timedelta(days=number * length)
            yield (end - timedelta(days=length - 1)).isoformat(), end.isoformat()

    @property
    def first(self) -> str:
        """The first day of all."""
        return next(self.bars)[0]


@dataclass(frozen=True)
class Row:
    """A name and its number, with how long its bar is (of 100)."""

    name: str
    value: int
    share: float
    member: str | None = None


@dataclass(frozen=True)
class Figure:
    """One picture: a drawing or rows; `name` leads to its texts.

    Attributes:
        total: all its bars together; nothing is drawn of nothing.
        values: what its sentences name.
    """

    name: str
    total: int
    drawing: Columns | None = None
    rows: tuple[Row, ...] = ()
    values: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Unopened:
    """A case that nobody opened: since when, and whether somebody was given it."""

    id: str
    code: str
    came: str
    given: bool


def all_of(sums: Sums, period: Period, rules: Sequence[Rule], names: Names) -> list[Figure]:
    """Return the figures of a period, in the order in which they are read."""
    return [
        _by_day("openings", sums.openings, period),
        _hours(sums, period, rules),
        _members(sums, period, names),
        _roles(sums, period),
        _by_day("refusals", sums.refusals, period),
        _waited(sums.cases.values(), period),
    ]


def unopened(cases: Mapping[str, Case]) -> tuple[list[Unopened], int]:
    """Return the cases that nobody opened, the longest waiting first; and how many there are."""
    found = [
        Unopened(case_id, code_of(case_id), case.came, case.given)
        for case_id, case in cases.items()
        if case.came and not case.opened and not case.ended
    ]
    return sorted(found, key=lambda one: (one.came, one.code))[:UNOPENED], len(found)


def _by_day(name: str, counted: ByDay, period: Period) -> Figure:
    totals = {day: row.total() for day, row in counted.items()}
    bars = [
        Bar(
            _short(first),
            sum(totals.get(day, 0) for day in _between(first, last)),
            _long(first, last),
        )
        for first, last in period.bars
    ]
    return _drawn(name, bars)


def _between(first: str, last: str) -> Iterator[str]:
    begin = date.fromisoformat(first)
    for number in range(_days(first, last) + 1):
        yield (begin + timedelta(days=number)).isoformat()


def _hours(sums: Sums, period: Period, rules: Sequence[Rule]) -> Figure:
    rule = next((rule for rule in rules if rule.shape == HOURS), None)
    found = _summed(sums.hours, period)
    bars = [
        Bar(
            f"{hour}",
            found[str(hour)],
            f"{hour:02}:00–{hour:02}:59",
            odd=rule is not None and not rule.begin <= hour < rule.end,
        )
        for hour in range(_DAY_HOURS)
    ]
    hours = {"first": rule.begin, "last": rule.end} if rule else {"first": 0, "last": _DAY_HOURS}
    return _drawn("hours", bars, hours)


def _members(sums: Sums, period: Period, names: Names) -> Figure:
    found = _summed(sums.openings, period)
    return _listed("members", [(names.of(who), count, who) for who, count in found.most_common()])


def _roles(sums: Sums, period: Period) -> Figure:
    found = _summed(sums.roles, period)
    return _listed("roles", [(_role(role), count, None) for role, count in found.most_common()])


def _waited(cases: Iterable[Case], period: Period) -> Figure:
    """Draw for how many days the accounts of a period waited; those that still do are the last."""
    first = period.first
    came = [
        case
        for case in cases
        if case.came and first <= case.came and (case.opened or not case.ended)
    ]
    opened = [_days(case.came, case.opened) for case in came if case.came and case.opened]
    bars, before = [], -1
    for last in WAITED:
        name = text("picture.waited.same") if last == 0 else _span(before + 1, last)
        label = f"{last}" if last - before == 1 else f"{before + 1}–{last}"
        bars.append(Bar(label, sum(before < days <= last for days in opened), name))
        before = last
    longer = sum(days > before for days in opened)
    bars.append(Bar(f">{before}", longer, text("picture.waited.longer", days=before)))
    never = len(came) - len(opened)
    bars.append(
        Bar(text("picture.waited.never"), never, text("picture.waited.never_yet"), odd=True)
    )
    return _drawn("waited", bars)


def _span(first: int, last: int) -> str:
    return text("picture.waited.days", days=f"{last}" if first == last else f"{first}–{last}")


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _summed(counted: ByDay, period: Period) -> Counter[str]:
    return summed(row for _, row in within(counted, period.first, period.last.isoformat()))


def _drawn(name: str, bars: Sequence[Bar], values: Mapping[str, object] | None = None) -> Figure:
    return Figure(name, sum(bar.value for bar in bars), columns(bars), values=values)


def _listed(name: str, found: Sequence[tuple[str, int, str | None]]) -> Figure:
    most = max((count for _, count, _ in found), default=0)
    rows = [Row(label, count, share(count, most), who) for label, count, who in found[:MOST_ROWS]]
    if rest := sum(count for _, count, _ in found[MOST_ROWS:]):
        rows.append(Row(text("picture.rest"), rest, 0))
    return Figure(name, sum(row.value for row in rows), rows=tuple(rows))


def _role(role: str) -> str:
    key = f"role.{role}"
    return text(key) if words().has(key) else text("picture.roles.none")


def _short(day: str) -> str:
    return f"{day[8:]}.{day[5:7]}"


def _long(first: str, last: str) -> str:
    return _full(first) if first == last else f"{_full(first)} – {_full(last)}"


def _full(day: str) -> str:
    return f"{day[8:]}.{day[5:7]}.{day[:4]}"
