"""Writes the vectors beside it: `python -m tests.vectors.consent.generate`. Expectations are by hand.

Each is a history with one question and its answer, for whoever writes a second gate.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOW, DAY = "2026-03-20T12:00:00Z", 86_400


def said(item: str, value: str, day: int, **more: Any) -> dict[str, Any]:
    """Return a statement of a day in March."""
    on = f"2026-03-{day:02}"
    known = {"later": True, "number": 0, "origin": "receipt", "by": "self"}
    base = {"item": item, "value": value, "said": on, "arrived": on, "record": f"{day:032x}"}
    return {**base, **known, **more}


def asked(item: str, reason: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a vector; `reason` is the answer, "yes" only if it is allowed."""
    known = {"now": NOW, "delay": 0, "level": None, "stops": [], "notes_read": []}
    return {"item": item, **known, "statements": list(statements), "reason": reason, **more}


COMPLAINT = said("C12", "yes", 5), said("C12", "yes", 7)

VECTORS = {
    "silence": asked("C07", "silence"),
    "yes": asked("C07", "yes", said("C07", "yes", 5)),
    "no-after-yes": asked("C07", "no", said("C07", "yes", 5), said("C07", "no", 6)),
    "paused": asked("C07", "paused", said("C07", "yes", 5), said("C07", "paused", 6)),
    "ask-me-later": asked("C07", "ask_me_later", said("C07", "ask_me_later", 5)),
    "unknown-value": asked("C07", "no", said("C07", "YES", 5)),
    "same-day-by-number": asked(
        "C07", "yes", said("C07", "no", 5, number=1), said("C07", "yes", 5, number=2)
    ),
    "same-place-is-no": asked("C07", "no", said("C07", "no", 5), said("C07", "yes", 5)),
    "arrived-before-a-no": asked(
        "C07", "no", said("C07", "no", 5, arrived="2026-03-09"), said("C07", "yes", 6)
    ),
    "waits": asked("C07", "waits", said("C07", "yes", 19), delay=DAY, begins="2026-03-21"),
    "unvouched": asked("C07", "unvouched", said("C07", "yes", 5, vouched=False)),
    "unvouched-no": asked(
        "C07", "no", said("C07", "yes", 5), said("C07", "no", 6, vouched=False)
    ),
    "waited": asked("C07", "yes", said("C07", "yes", 18), delay=DAY),
    "first-statement-waits-not": asked(
        "C07", "yes", said("C07", "yes", 20, later=False), delay=DAY
    ),
    "stopped": asked(
        "C07",
        "stopped",
        said("C07", "yes", 5),
        stops=[{"item": "C07", "record": f"{5:032x}"}],
    ),
    "second-receipt-no": asked(
        "C07", "forced", said("C07", "yes", 5), said("C07", "no", 6, origin="second")
    ),
    "second-receipt-yes": asked("C07", "silence", said("C07", "yes", 6, origin="second")),
    "second-receipt-no-to-a-reader": asked(
        "C05", "yes", said("C05", "yes", 5), said("C05", "no", 6, origin="second")
    ),
    "named-needs-the-broader": asked(
        "C08", "no", said("C08", "yes_confidential", 5), level="yes_name_to_government"
    ),
    "proxy": asked("C07", "not_theirs", said("C07", "yes", 5, by="proxy")),
    "proxy-who-asked": asked(
        "C06", "yes", said("C06", "yes", 5, by="proxy"), said("person", "asked_yes", 5)
    ),
    "child-without-assent": asked("C07", "no_assent", said("C07", "yes", 5, by="child")),
    "child-and-adult-against": asked(
        "C07",
        "adult_against",
        said("C07", "yes", 5, by="child"),
        said("child_assent", "yes", 5),
        said("guardian", "disagrees", 5),
    ),
    "complaint-once": asked("C12", "again", COMPLAINT[0], notes_read=["2026-03-01"]),
    "complaint-next-day": asked(
        "C12", "again", COMPLAINT[0], said("C12", "yes", 6), notes_read=["2026-03-01"]
    ),
    "complaint-without-note": asked("C12", "note", *COMPLAINT),
    "complaint-note-too-late": asked("C12", "note", *COMPLAINT, notes_read=["2026-03-08"]),
    "complaint": asked("C12", "yes", *COMPLAINT, notes_read=["2026-03-07"]),
}


def main() -> None:
    """Write every vector."""
    for name, vector in VECTORS.items():
        text = json.dumps(vector, indent=1, sort_keys=True)
        (HERE / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
