"""Until when the witness wants it kept (C18): followed by whoever opens the account next.

It is asked of the gate, as everything that the witness allows: the second receipt changes nothing,
a wish that was taken back ends, and another day waits, and can be stopped, as a yes does. An
earlier day is announced like any other; a later one than the case has changes nothing: that is the
team's to say.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Mapping

from vault import clock
from vault.cases.ending import retention
from vault.cases.ending.retention import Keeping
from vault.cases.holders.access import Held
from vault.cases.model import RecordView
from vault.cases.reveal import allowing
from vault.cases.reveal.reading import ADDENDUM
from vault.consent import gate, items
from vault.journal.vault import Vault
from vault.ledger.entry import WITNESS

_UNTIL = f"{items.LIMITED}_until"
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


def follow(vault: Vault, held: Held, views: Collection[RecordView]) -> bool:
    """Let the case end on the day that its witness wishes; returns whether that changed it.

    Args:
        vault: the vault.
        held: the case; its account is open.
        views: the opened records.
    """
    said, delay = allowing.history_of(views), vault.settings.consent.delay
    wish = _wish(views, gate.counting(items.LIMITED, said, clock.moment(), delay))
    with vault.database.read() as connection:
        day = _next(vault, retention.of_case(connection, held.line.id), wish)
    if day is None:
        return False
    with vault.journal.transaction() as transaction:
        case_id = held.line.id
        # Once more: somebody else may have opened it in this moment.
        day = _next(vault, retention.of_case(transaction.connection, case_id), wish)
        if day is None:
            return False
        transaction.log(retention.SET, WITNESS, {"case": case_id}, {"until": day})
        retention.state(transaction, case_id)
    return True


def _next(vault: Vault, keeping: Keeping | None, wish: str | None) -> str | None:
    """Return the end that has to be stated now; None: what stands is right."""
    if keeping is None:
        return None
    earliest = retention.later(clock.day(), vault.settings.retention.notice_days)
    if wish is not None:
        day = max(wish, earliest)
        return day if day < keeping.until else None
    back = max(keeping.first, earliest)
    return back if keeping.wished and keeping.until < back else None


def _wish(views: Iterable[RecordView], counting: Collection[str]) -> str | None:
    """Return the day of the newest yes that counts; None: it names none."""
    said = [
        ((view.day, view.kind == ADDENDUM, view.number), consent.get(_UNTIL))
        for view in views
        if view.id in counting and isinstance(consent := view.answers.get("consent"), Mapping)
    ]
    value = max(said, key=lambda one: one[0], default=(None, None))[1]
    days = [_last(value.get(end)) for end in ("from", "to")] if isinstance(value, Mapping) else []
    return max(filter(None, days), default=None)


def _last(text: object) -> str | None:
    """Return the last day of a day, a month or a year."""
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    last = calendar.monthrange(year, month)[1]
    return f"{year:04}-{month:02}-{int(found[3] or last):02}"
