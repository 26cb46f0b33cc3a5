"""Counts of entries by day, so that any period is a sum of a few numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from vault.ledger.entry import MAX_SEQ

if TYPE_CHECKING:
    from vault.journal.reckoning.read import Read

# What shows words of a witness to a member, and what lets them take something away.
OPENINGS = frozenset({"reveal", "identity.opened", "file.shown", "file.small", "file.given"})
REFUSALS = frozenset({"refused", "signin.refused"})
INTAKE, ERASED, ASSIGN = "intake", "erased", "assign"
# The auditors' own looking says nothing of those they watch.
_LOOKING = frozenset({"ledger.read", "ledger.exported", "flag.explained"})
_END = "~"  # after every day, as texts are compared

ByDay = dict[str, Counter[str]]


@dataclass
class Case:
    """What the log says of one case, for the pictures.

    Attributes:
        came: day of its intake.
        opened: day of its first opening by anybody; None: nobody yet.
        given: whether it was given to a lawyer.
        entries: how many entries are about it.
        ended: whether its testimony was erased.
    """

    came: str | None = None
    opened: str | None = None
    given: bool = False
    entries: int = 0
    ended: bool = False


@dataclass
class Sums:
    """Everything counted so far. Days of members are those where the organisation is.

    Attributes:
        kinds: by day, how many entries of each kind.
        openings: by day, how many by each member.
        roles: by day, how many in each role.
        hours: by day, how many entries of members in each hour.
        refusals: by day, how many refusals of each kind: not entries, of which one counts many.
        actors: how many entries each made, the witness and the system too.
        about: how many are about each member; without another, whoever made one.
        cases: by id.
        days: each day with entries dated by a moment: the places of the first and the last.
    """

    kinds: ByDay = field(default_factory=lambda: defaultdict(Counter))
    openings: ByDay = field(default_factory=lambda: defaultdict(Counter))
    roles: ByDay = field(default_factory=lambda: defaultdict(Counter))
    hours: ByDay = field(default_factory=lambda: defaultdict(Counter))
    refusals: ByDay = field(default_factory=lambda: defaultdict(Counter))
    actors: Counter[str] = field(default_factory=Counter)
    about: Counter[str] = field(default_factory=Counter)
    cases: dict[str, Case] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ever = summed(self.kinds.values())

    def add(self, entry: Read) -> None:
        """Count one more entry, in the log's order."""
        day = _day(entry)
        self.kinds[day][entry.kind] += 1
        self._ever[entry.kind] += 1
        self.actors.update([entry.actor])
        self.about.update([entry.about] if entry.about else [])
        if entry.at is not None:
            self.days.setdefault(day, [entry.seq, entry.seq])[1] = entry.seq
        if entry.at is not None and entry.by_member and entry.kind not in _LOOKING:
            self.hours[day][str(entry.at.hour)] += 1
        if entry.kind in REFUSALS:
            self.refusals[day][entry.kind] += _times(entry.detail)
        if entry.kind in OPENINGS:
            self.openings[day][entry.actor] += 1
            self.roles[day][_text(entry.detail.get("as"))] += 1
        if entry.case is not None:
            _of_case(self.cases.setdefault(entry.case, Case()), entry)

    def places(self, first: str, last: str) -> tuple[int, int]:
        """Return the places of the entries from one day to another, both included.

        An entry that is dated by the day belongs where it stands: to the moments around it. Where
        a clock was set back, more than these days may lie between the places, and never less.

        Args:
            first: a day; empty: from the beginning.
            last: a day; empty: to the end.
        """
        inside = [place for day, place in self.days.items() if first <= day <= (last or _END)]
        if not inside:
            return MAX_SEQ, 0
        begin = min(place[0] for place in inside) if first else 0
        end = max(place[1] for place in inside)
        later = [place[0] for day, place in self.days.items() if last and day > last]
        return begin, min((place for place in later if place > end), default=MAX_SEQ + 1) - 1

    def ever(self) -> Counter[str]:
        """Return how many entries of each kind there are."""
        return self._ever.copy()

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        cases = {key: list(vars(case).values()) for key, case in self.cases.items()}
        return held | {"cases": cases}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Sums:
        """Read what `to_json` gave, of a source that was proven."""
        counted = {
            name: defaultdict(Counter, {day: Counter(row) for day, row in held[name].items()})
            for name in ("kinds", "openings", "roles", "hours", "refusals")
        }
        return cls(
            **counted,
            actors=Counter(held["actors"]),
            about=Counter(held["about"]),
            cases={key: Case(*values) for key, values in held["cases"].items()},
            days=held["days"],
        )


def summed(rows: Iterable[Mapping[str, int]]) -> Counter[str]:
    """Return the sum of some days."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row)
    return total


def within(days: ByDay, first: str, last: str) -> Iterator[tuple[str, Counter[str]]]:
    """Yield the days from `first` to `last`, both included, that have anything."""
    return ((day, row) for day, row in days.items() if first <= day <= last)


def _of_case(case: Case, entry: Read) -> None:
    case.entries += 1
    if entry.kind == INTAKE:
        case.came = case.came or entry.day
    elif entry.kind in OPENINGS:
        case.opened = case.opened or entry.day
    elif entry.kind == ASSIGN:
        case.given = True
    elif entry.kind == ERASED:
        case.ended = True


def _day(entry: Read) -> str:
    return entry.at.date().isoformat() if entry.at else entry.day


def _times(detail: Mapping[str, Any]) -> int:
    """Return for how many refusals an entry stands (`journal.refusals`)."""
    times = detail.get("count", detail.get("more", 1))
    return times if type(times) is int and times > 0 else 1


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
