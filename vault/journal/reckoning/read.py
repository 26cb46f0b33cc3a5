"""Takes a leaf apart for counting, an order of magnitude quicker than `ledger.entry.Entry`.

Only for leaves that a signed checkpoint vouches for: that somebody signed exactly these bytes was
checked, so their one spelling and their bounds need not be. Their shape is checked all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vault.errors import LedgerError
from vault.ledger.entry import KINDS, ROOT, SYSTEM, WITNESS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NOBODY = frozenset({WITNESS, SYSTEM, ROOT})


@dataclass(frozen=True, slots=True)
class Read:
    """One entry, for counting.

    Attributes:
        day: as stated, by UTC.
        at: the moment where the organisation is; None if it is dated by the day.
        about: the member it is about: the subject's, else who did it.
    """

    seq: int
    kind: str
    actor: str
    case: str | None
    about: str | None
    day: str
    at: datetime | None
    detail: Mapping[str, Any]

    @property
    def by_member(self) -> bool:
        """Say whether a member did it."""
        return self.actor not in _NOBODY

    @property
    def seconds(self) -> int:
        """Seconds since the epoch; of a day, its beginning by UTC."""
        begin = self.at or datetime.fromisoformat(self.day).replace(tzinfo=UTC)
        return int(begin.timestamp())


def read(seq: int, leaf: bytes, zone: ZoneInfo) -> Read:
    """Return the entry in `leaf`, which stands at `seq`.

    Raises:
        LedgerError: it is no entry of this place; `seq` says which.
    """
    try:
        found = json.loads(leaf)
        time, subject, detail = found["time"], found["subject"], found["detail"]
        at, exact = datetime.fromisoformat(time), len(time) > len("2026-11-22")
        actor, case, member = found["actor"], subject.get("case"), subject.get("member")
        right = _TIME.fullmatch(time) and found["kind"] in KINDS and found["seq"] == seq
        known = actor in _NOBODY or _ID.fullmatch(actor)
        ids = all(one is None or _ID.fullmatch(one) for one in (case, member))
        if not (right and known and ids and isinstance(detail, dict)):
            raise ValueError
        return Read(
            seq=seq,
            kind=found["kind"],
            actor=actor,
            case=case,
            about=member or (None if actor in _NOBODY else actor),
            day=time[:10],
            at=at.astimezone(zone) if exact else None,
            detail=detail,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LedgerError(f"entry {seq} is malformed", seq=seq) from error
