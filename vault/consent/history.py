"""What was said to the items, in full: nothing is ever taken out, later words stand beside earlier.

Whoever keeps it (`vault.cases`) makes it from what a witness sent and from what the lawyer signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

FIRST, SECOND = "receipt", "second"
SELF, PROXY, CHILD = "self", "proxy", "child"


@dataclass(frozen=True)
class Statement:
    """One word of a witness to one item.

    Args:
        item: of `items.ITEMS`, or one of ASSENT, GUARDIAN, PERSON.
        value: as it was chosen.
        said: day, as the witness's side dated it, under its receipt's MAC.
        arrived: day on which the vault took it in.
        record: id of the record it stands in.
        later: it came after the first statement.
        number: keeps the order of what one receipt sent within a day.
        origin: FIRST or SECOND receipt.
        by: SELF, PROXY or CHILD.
        vouched: the vault heard of it from the receipt itself; otherwise it allows nothing.
    """

    item: str
    value: str
    said: str
    arrived: str
    record: str
    later: bool = True
    number: int = 0
    origin: str = FIRST
    by: str = SELF
    vouched: bool = True

    @property
    def order(self) -> tuple[str, bool, int]:
        """Sorts what one receipt said."""
        return self.said, self.later, self.number


@dataclass(frozen=True)
class Stop:
    """The lawyer's word that a widening of one record does not begin."""

    item: str
    record: str


@dataclass(frozen=True)
class History:
    """Everything that was said about the items of one testimony, in no order of its own.

    Args:
        statements: of the witness.
        stops: of the lawyer.
        notes_read: days on which the lawyer stated to have read the legal note with the witness.
    """

    statements: frozenset[Statement] = frozenset()
    stops: frozenset[Stop] = frozenset()
    notes_read: frozenset[str] = frozenset()

    def of(self, item: str, origin: str = FIRST) -> list[Statement]:
        """Return what one receipt said to an item, oldest first."""
        return self._sorted.get((item, origin), [])

    def last(self, item: str) -> str | None:
        """Return the newest word of the first receipt to an item; None: nothing was said."""
        said = self.of(item)
        return said[-1].value if said else None

    def is_stopped(self, statement: Statement) -> bool:
        """Say whether the lawyer stopped what this statement would begin."""
        return Stop(statement.item, statement.record) in self.stops

    @cached_property
    def _sorted(self) -> dict[tuple[str, str], list[Statement]]:
        found: dict[tuple[str, str], list[Statement]] = {}
        for statement in sorted(self.statements, key=lambda one: one.order):
            found.setdefault((statement.item, statement.origin), []).append(statement)
        return found


def history(
    statements: Iterable[Statement],
    stops: Iterable[Stop] = (),
    notes_read: Iterable[str] = (),
) -> History:
    """Return a history of these."""
    return History(frozenset(statements), frozenset(stops), frozenset(notes_read))
