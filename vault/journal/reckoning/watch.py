"""Raises flags: entry after entry, each rule for itself. A flag is a question, no accusation.

A flag is named by its rule's shape and by the first and last entry it rests on. An auditor answers
it with an entry of its own; a flag that goes on growing after that is open again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vault.journal.reckoning.rules import FIRST, HOURS, MANY, SOON, Rule
from vault.journal.reckoning.sums import ERASED

if TYPE_CHECKING:
    from vault.journal.reckoning.read import Read

EXPLAINED = "flag.explained"
REASONS = ("duty", "agreed", "taking_over", "mistake", "followed_up")
# How many flags are kept, the newest; all are counted.
MAX_FLAGS = 2_000


@dataclass(frozen=True)
class Answer:
    """What an auditor said of a flag: why, who, when, in which entry, up to which entry of it."""

    reason: str
    by: str
    time: str
    seq: int
    last: int


@dataclass
class Flag:
    """Something worth a question.

    Attributes:
        rule: its place among the rules.
        member: who did it.
        case: of which case, if it is about one.
        first: place of the first entry it rests on.
        last: and of the last.
        since: moment of the first of these entries that the member made, where they are.
        until: and of the last.
        count: of cases (`many`), of entries (`hours`, `soon`); else 1.
        answer: the newest.
    """

    rule: int
    member: str
    case: str | None
    first: int
    last: int
    since: str
    until: str
    count: int = 1
    answer: Answer | None = None

    @property
    def explained(self) -> bool:
        """Say whether an answer covers all of it."""
        return self.answer is not None and self.answer.last >= self.last


@dataclass
class Watch:
    """The flags of a log so far, and what each rule remembers to raise the next.

    Args:
        rules: from the settings.
        flags: the newest, in the order in which they were raised.
        raised: how many there ever were.
        memory: of each rule, by its place: what it needs of the entries before.
    """

    rules: Sequence[Rule]
    flags: list[Flag] = field(default_factory=list)
    raised: int = 0
    memory: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = self.memory or [{} for _ in self.rules]
        self._named = {(flag.rule, flag.first): flag for flag in self.flags}
        self._by_kind: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            for kind in rule.kinds | ({rule.after} - {""}):
                self._by_kind[kind].append(number)

    def add(self, entry: Read) -> None:
        """Look at one more entry, in the log's order."""
        if entry.kind == EXPLAINED:
            self._answer(entry)
        for number in self._by_kind.get(entry.kind, ()):
            _LOOK[self.rules[number].shape](self, number, entry)
        if entry.kind == ERASED and entry.case:
            for rule, memory in zip(self.rules, self.memory, strict=True):
                if rule.shape == FIRST:
                    memory.pop(entry.case, None)

    def find(self, shape: str, first: int, last: int) -> Flag | None:
        """Return the flag of this name."""
        numbers = (number for number, rule in enumerate(self.rules) if rule.shape == shape)
        flags = (self._named.get((number, first)) for number in numbers)
        return next((flag for flag in flags if flag and flag.last >= last), None)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        flags = [
            [*list(vars(flag).values())[:-1], flag.answer and list(vars(flag.answer).values())]
            for flag in self.flags
        ]
        return {"flags": flags, "raised": self.raised, "memory": self.memory}

    @classmethod
    def from_json(cls, rules: Sequence[Rule], held: Mapping[str, Any]) -> Watch:
        """Read what `to_json` gave under the same rules, of a source that was proven."""
        flags = []
        for *values, answer in held["flags"]:
            flags.append(Flag(*values))
            flags[-1].answer = answer and Answer(*answer)
        return cls(rules, flags, held["raised"], held["memory"])

    def put(self, number: int, entry: Read, first: int, **values: Any) -> None:
        """Raise a flag of a rule over the entries from `first` to this one."""
        case = None if self.rules[number].shape in (MANY, HOURS) else entry.case
        at = _local(entry)
        stated = {"since": at} | values
        flag = Flag(number, entry.actor, case, first, entry.seq, until=at, **stated)
        self.raised += 1
        self.flags.append(flag)
        self._named[number, first] = flag
        if len(self.flags) > MAX_FLAGS:
            oldest = self.flags.pop(0)
            self._named.pop((oldest.rule, oldest.first), None)

    def grow(self, number: int, first: int, entry: Read) -> None:
        """Add an entry to a flag, if it is still kept."""
        flag = self._named.get((number, first))
        if flag is not None:
            flag.last, flag.until, flag.count = entry.seq, _local(entry), flag.count + 1

    def _answer(self, entry: Read) -> None:
        named = entry.detail.get("entries")
        try:
            first, last = (int(place) for place in named or ())
        except (ValueError, TypeError):
            return
        flag = self.find(str(entry.detail.get("rule")), first, last)
        reason = entry.detail.get("why")
        if flag is not None and reason in REASONS:
            time = _local(entry)
            flag.answer = Answer(reason, entry.actor, time, entry.seq, last)


def _many(watch: Watch, number: int, entry: Read) -> None:
    if not entry.by_member or entry.case is None:
        return
    rule, memory = watch.rules[number], watch.memory[number]
    since = entry.seconds - rule.within
    flagged, seen = memory.get(entry.actor, (None, {}))
    recent = {case: at for case, at in seen.items() if at[0] >= since}
    new = entry.case not in recent
    recent.setdefault(entry.case, [entry.seconds, entry.seq, _local(entry)])
    if len(recent) < rule.count:
        flagged = None
    elif flagged is None:
        first = min(recent.values(), key=lambda at: at[1])
        watch.put(number, entry, first[1], count=len(recent), since=first[2])
        flagged = first[1]
    elif new:  # one rush is one flag, however long: it says how many, and is open again
        watch.grow(number, flagged, entry)
    memory[entry.actor] = [flagged, recent]


def _hours(watch: Watch, number: int, entry: Read) -> None:
    rule, at = watch.rules[number], entry.at
    if not entry.by_member or at is None:
        return
    if rule.begin <= at.hour < rule.end and at.isoweekday() in rule.days:
        return
    # One evening and the night after it are one flag, until work begins again.
    night = (at - timedelta(hours=rule.begin)).date().isoformat()
    memory = watch.memory[number]
    known = memory.get(entry.actor)
    if known and known[0] == night:
        watch.grow(number, known[1], entry)
        return
    memory[entry.actor] = [night, entry.seq]
    watch.put(number, entry, entry.seq)


def _soon(watch: Watch, number: int, entry: Read) -> None:
    rule, memory = watch.rules[number], watch.memory[number]
    if entry.kind == rule.after:
        _forget(memory, entry.seconds - rule.within)
        if entry.case and entry.about:
            memory.pop(f"{entry.about} {entry.case}", None)  # so that the oldest stays in front
            memory[f"{entry.about} {entry.case}"] = [entry.seconds, entry.seq, False]
        return
    key = f"{entry.actor} {entry.case}"
    given = memory.get(key)
    if given is None:
        return
    if entry.seconds - given[0] > rule.within:
        del memory[key]
    elif given[2]:
        watch.grow(number, given[1], entry)
    else:
        memory[key] = [*given[:2], True]
        watch.put(number, entry, given[1])


def _forget(memory: dict[str, Any], before: int) -> None:
    """Drop what was given too long ago; the oldest stand in front."""
    while memory and memory[oldest := next(iter(memory))][0] < before:
        del memory[oldest]


def _first(watch: Watch, number: int, entry: Read) -> None:
    memory = watch.memory[number]
    if entry.case is None:
        return
    if entry.kind == watch.rules[number].after:
        memory[entry.case] = entry.seq
    elif entry.by_member and entry.case in memory:
        watch.put(number, entry, memory.pop(entry.case))


_LOOK: dict[str, Callable[[Watch, int, Read], None]] = {
    MANY: _many,
    HOURS: _hours,
    SOON: _soon,
    FIRST: _first,
}


def _local(entry: Read) -> str:
    return entry.at.strftime("%Y-%m-%dT%H:%M") if entry.at else entry.day
