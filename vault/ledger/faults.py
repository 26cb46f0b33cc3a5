"""What happened to an entry, named by what the entries after it say.

Two witnesses: the list of hashes as it was recorded, and the number that each entry carries. If the
list contradicts an entry, the place is known; the numbers then tell whether it was changed in its
place or another stands there. If somebody wrote the list anew as well, the numbers are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import (
    ChangedError,
    DroppedError,
    FormatError,
    InsertedError,
    LedgerError,
    ReorderedError,
)
from vault.ledger import plain
from vault.ledger.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def number_of(leaf: bytes) -> int | None:
    """Return the number that an entry carries; None if it is not in the format of an entry."""
    seq = plain.seq_of(leaf)
    if seq is not None:
        return seq
    try:
        return Entry.parse(leaf).seq
    except FormatError:
        return None


def not_as_recorded(place: int, leaf: bytes, later: Iterator[bytes]) -> LedgerError:
    """Return the fault of an entry that does not have the hash recorded for its place.

    Args:
        place: of the entry.
        leaf: what stands there.
        later: the leaves after it.
    """
    number, what = number_of(leaf), f"entry {place}: it does not have the hash that was recorded"
    if number is None:
        return ChangedError(what, seq=place)
    if number > place:
        return _out_of_place(place, number, later)
    if number == place and number_of(next(later, b"")) != place:
        return ChangedError(what, seq=place)
    return InsertedError(f"{what}; what stands there says it is number {number}", seq=place)


def misnumbered(
    place: int, number: int | None, later: Iterable[bytes], vouched: int
) -> LedgerError:
    """Return the fault of an entry that has its recorded hash, but not the number of its place.

    Args:
        place: of the entry.
        number: what it says instead; None if it is no entry.
        later: the leaves after it.
        vouched: the first place that no checkpoint so far vouches for.
    """
    if number is None:
        return ChangedError(f"entry {place}: it is not in the format of an entry", seq=place)
    if number > place:
        return _out_of_place(place, number, later)
    # Two now claim one number. Which of them was put in, cannot be told, unless a checkpoint
    # vouches for the one that came first.
    first = max(number, vouched)
    return InsertedError(
        f"entry {first}: another one, at place {place}, says it is {number}", seq=first
    )


def _out_of_place(place: int, number: int, later: Iterable[bytes]) -> LedgerError:
    if any(number_of(leaf) == place for leaf in later):
        return ReorderedError(f"entry {place} stands elsewhere, number {number} here", seq=place)
    return DroppedError(f"entry {place}: number {number} stands in its place", seq=place)
