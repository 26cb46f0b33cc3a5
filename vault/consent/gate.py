"""The one question that every later use asks: may this be done, and which word says so?

Default no. What is taken back counts at once, what is widened counts after a delay in which the
lawyer can stop it. A later yes counts only if the vault heard of it from
the receipt itself. What came with the second receipt may have been forced: it allows nothing, ever,
and holds back whatever would leave the house. docs/spec/consent.md has the rules and reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import combinations

from vault.consent import items
from vault.consent.history import CHILD, FIRST, PROXY, SECOND, History, Statement
from vault.consent.items import ITEMS, Item

ALLOWED = "yes"
# Why not: the witness's own words, and what else stands against it.
SILENCE, NO, ASK_LATER, PAUSED = "silence", "no", "ask_me_later", "paused"
FORCED, WAITS, STOPPED = "forced", "waits", "stopped"
NOT_THEIRS, NO_ASSENT, ADULT_AGAINST = "not_theirs", "no_assent", "adult_against"
AGAIN, NOTE, UNVOUCHED = "again", "note", "unvouched"
REASONS = (
    *(SILENCE, NO, ASK_LATER, PAUSED, FORCED, WAITS, STOPPED),
    *(NOT_THEIRS, NO_ASSENT, ADULT_AGAINST, AGAIN, NOTE, UNVOUCHED),
)

APART = timedelta(days=2)
"""Between the two words that a complaint to the authorities needs.

Only days are known, and the end of one is a minute before the next: at least 24 hours lie only
between a day and the next but one.
"""


@dataclass(frozen=True)
class Decision:
    """The answer.

    Args:
        allowed: it may be done.
        reason: ALLOWED, or one of REASONS.
        said: the word that decides; None where nothing was said.
        begins: the day on which a widening that waits will count.
    """

    allowed: bool
    reason: str
    said: Statement | None = None
    begins: str | None = None


def may(item_id: str, history: History, now: str, delay: int, level: str | None = None) -> Decision:
    """Return whether what an item asks may be done now.

    Args:
        item_id: C01 to C18.
        history: everything that was said.
        now: RFC 3339 moment.
        delay: seconds that a widening waits at least, 0 or more.
        level: the value of the item that is needed; None: the narrowest that allows anything.

    Raises:
        KeyError: no such item.
        ValueError: no such level, or a day that is none.
    """
    item = ITEMS[item_id]
    rank = 1 if level is None else item.allows.index(level) + 1
    return decide(item, rank, history, now, delay)


def decide(item: Item, rank: int, history: History, now: str, delay: int) -> Decision:
    """Return whether a word of an item stands that allows at least as much as `rank`, 1 or more.

    What `uses` asks with parameters of its own is asked here; `now` and `delay` as of `may`.
    """
    noes = _noes(item, history, rank)
    standing = [
        one for one in history.of(item.id) if item.rank(one.value) >= rank and noes.outlived_by(one)
    ]
    if not standing:
        return Decision(allowed=False, reason=_why(noes.last), said=noes.last)
    theirs = [one for one in standing if one.by != PROXY or _a_proxy_may(item, history)]
    refused = _refused(item, theirs, history) if theirs else NOT_THEIRS
    if refused is not None:
        return Decision(allowed=False, reason=refused, said=standing[-1])
    vouched = [one for one in theirs if one.vouched]
    if not vouched:
        return Decision(allowed=False, reason=UNVOUCHED, said=standing[-1])
    counting = [one for one in vouched if not history.is_stopped(one)]
    if not counting:
        return Decision(allowed=False, reason=STOPPED, said=standing[-1])
    return _begun(item, counting, history, (_moment(now), timedelta(seconds=delay)))


def counting(item_id: str, history: History, now: str, delay: int) -> frozenset[str]:
    """Return the records whose own word counts now: not only one that was said before them.

    What stands beside a word, as the day of C18, is of its record. Arguments, and errors, as of
    `may`.
    """
    if not may(item_id, history, now, delay).allowed:
        return frozenset()
    item, at, wait = ITEMS[item_id], _moment(now), timedelta(seconds=delay)
    noes = _noes(item, history, 1)
    return frozenset(
        one.record
        for one in history.of(item.id)
        if item.rank(one.value) >= 1
        and noes.outlived_by(one)
        and (one.by != PROXY or _a_proxy_may(item, history))
        and one.vouched
        and not history.is_stopped(one)
        and _start(one, wait) <= at
    )


@dataclass(frozen=True)
class Waiting:
    """A widening that does not count yet.

    Args:
        begins: the day on which it will.
        records: in which it was said.
    """

    begins: str
    records: tuple[str, ...]


def waiting(item_id: str, history: History, now: str, delay: int) -> Waiting | None:
    """Return what waits of an item, also where something narrower counts already.

    Arguments, and errors, as of `may`.
    """
    item = ITEMS[item_id]
    for rank, level in enumerate(item.allows, 1):
        begins = may(item_id, history, now, delay, level).begins
        if begins is not None:
            said = [one for one in history.of(item_id) if item.rank(one.value) >= rank]
            records = [one.record for one in said if not history.is_stopped(one)]
            return Waiting(begins, tuple(records))
    return None


def _noes(item: Item, history: History, rank: int) -> _Noes:
    """Return the words that allow less than is asked; the second receipt's hold back onward steps.

    Whoever was forced to say "no" is in somebody's hands: what leaves the house waits until they
    say otherwise. It takes nobody's reading away, so that nobody can see that it counted.
    """

    def less(origin: str) -> tuple[Statement, ...]:
        return tuple(one for one in history.of(item.id, origin) if item.rank(one.value) < rank)

    return _Noes(less(FIRST), less(SECOND) if item.onward else ())


@dataclass(frozen=True)
class _Noes:
    """The words against which a yes has to stand, and how late each of their days is."""

    own: tuple[Statement, ...]
    second: tuple[Statement, ...]

    @cached_property
    def last(self) -> Statement | None:
        said = (*self.own, *self.second)
        return max(said, key=lambda one: (one.arrived, one.order), default=None)

    @cached_property
    def _bounds(self) -> tuple[tuple[str, bool, int] | None, str, str]:
        return (
            max((one.order for one in self.own), default=None),
            max((one.said for one in self.second), default=""),
            max((one.arrived for one in (*self.own, *self.second)), default=""),
        )

    def outlived_by(self, yes: Statement) -> bool:
        """Say whether a yes was said after all of them.

        By the day that stands under the receipt's MAC and by the day on which the vault took it in:
        who writes to the database, or sets a clock wrong, must not bring an earlier yes back. The
        two receipts count apart: within a day nobody knows which came first.
        """
        order, second, arrived = self._bounds
        newer = order is None or yes.order > order
        return newer and yes.said > second and yes.arrived >= arrived


def _why(last: Statement | None) -> str:
    if last is None:
        return SILENCE
    if last.origin == SECOND:
        return FORCED
    return last.value if last.value in {ASK_LATER, PAUSED} else NO


def _a_proxy_may(item: Item, history: History) -> bool:
    """Say whether it counts what somebody says for another; to statistics, whose wish it has to be.

    What the person says later by themselves counts beside it.
    """
    asked = item.id != items.STATISTICS or history.last(items.PERSON) == items.WISHED
    return item.proxy and asked


def _refused(item: Item, standing: list[Statement], history: History) -> str | None:
    """Return why a child's words do not count yet; None if they do."""
    if any(one.by == CHILD for one in standing) and item.id not in {items.KEEP, items.READ}:
        if history.last(items.ASSENT) != items.YES:
            return NO_ASSENT
        if history.last(items.GUARDIAN) == items.AGAINST:
            return ADULT_AGAINST
    return None


def _begun(
    item: Item, counting: list[Statement], history: History, at: tuple[datetime, timedelta]
) -> Decision:
    """Return the decision on words that count as soon as their delay is over."""
    now, delay = at
    starts = {one: _start(one, delay) for one in counting}
    if item.id == items.DOMESTIC:
        days = {(one.said, one.arrived): one for one in counting}.values()  # one for each
        pairs = [pair for pair in combinations(days, 2) if _are_apart(*pair)]
        if not pairs:
            return Decision(allowed=False, reason=AGAIN, said=counting[-1])
        informed = [b for _, b in pairs if any(read <= b.said for read in history.notes_read)]
        if not informed:
            return Decision(allowed=False, reason=NOTE, said=counting[-1])
        counting = informed
    first = min(counting, key=lambda one: (starts[one], one.order))
    if starts[first] > now:
        begins = starts[first].date().isoformat()
        return Decision(allowed=False, reason=WAITS, said=first, begins=begins)
    return Decision(allowed=True, reason=ALLOWED, said=first)


def _are_apart(first: Statement, second: Statement) -> bool:
    """Say whether 24 hours surely lie between two words, by both days that are known of each."""
    said = _day(second.said) - _day(first.said)
    return min(said, _day(second.arrived) - _day(first.arrived)) >= APART


def _start(one: Statement, delay: timedelta) -> datetime:
    """Return when a word counts: what stood in the first statement, and without a delay, at once.

    Otherwise after the end of its day and the delay: the hour is not known.
    """
    day = max(_day(one.said), _day(one.arrived))
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin + timedelta(days=1) + delay if one.later and delay else begin


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
