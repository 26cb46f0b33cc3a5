"""What every request and every command leaves in the log, against the table `leaves.toml`.

Nothing is replaced: the journal and the opening of records do what they do, and say so here. A
request is finished when Flask says so; what a thread of its own does meanwhile counts as its own.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import flask

from vault.cases.reveal import opened
from vault.journal.journal import Journal

LEAVES = tomllib.loads((Path(__file__).parents[1] / "security" / "leaves.toml").read_text("utf-8"))
REVEALS = frozenset({opened.REVEAL, opened.IDENTITY_OPENED})
COUNTED = frozenset({"refused", "signin.refused"})
_PLAIN = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")


@dataclass
class Left:
    """What one request or command left.

    Attributes:
        events: kinds of entries in the order of their commits; "opened" is a record decrypted.
    """

    where: str
    name: str
    status: int = 0
    events: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        return set(self.events) - {"opened"}

    def faults(self, *, done: bool = False) -> list[str]:
        """Return what is other than the table says.

        Args:
            done: it was not refused, and nothing was asked again.
        """
        # The intake side enters nothing itself: its lines are for the collector.
        stated = () if self.where == "intake" else LEAVES[self.where].get(self.name, ())
        must, may = sorted_out(stated)
        faults = [f"{kind} is not stated" for kind in self.kinds - must - may - COUNTED]
        if done:
            faults += [f"no {kind}" for kind in must - self.kinds]
        before = self.events[: self.events.index("opened")] if "opened" in self.events else REVEALS
        if not REVEALS & set(before):
            faults.append("a record was opened before its entry stood")
        return faults


def sorted_out(stated) -> tuple[set[str], set[str]]:
    """Return the kinds that must be left, and those that may be."""
    kinds = () if isinstance(stated, str) else stated
    may = {kind.removesuffix("?") for kind in kinds if kind.endswith("?")}
    return {kind for kind in kinds if not kind.endswith("?")}, may


class Recorder:
    """Collects what is left while something runs, for each thread that serves."""

    def __init__(self) -> None:
        self.last: Left | None = None
        self.finished: deque[Left] = deque(maxlen=1000)
        self._running: dict[int, Left] = {}

    def note(self, event: str) -> None:
        own = self._running.get(threading.get_ident())
        for left in [own] if own else list(self._running.values()):
            left.events.append(event)

    @contextmanager
    def during(self, where: str, name: str):
        left = self._running[threading.get_ident()] = Left(where, name)
        try:
            yield left
        finally:
            del self._running[threading.get_ident()]

    def begin(self, app, **_) -> None:
        rule = flask.request.url_rule
        name = _PLAIN.sub(r"<\1>", rule.rule) if rule else flask.request.path
        side = app.import_name.removeprefix("vault.web.")
        if side == app.import_name:
            return  # an application that a test made of pages of its own
        method = "GET" if flask.request.method == "HEAD" else flask.request.method
        where = "case" if "<case_id>" in name else side
        self._running[threading.get_ident()] = Left(where, f"{method} {name}")

    def end(self, _app, response, **_) -> None:
        self.last = self._running.pop(threading.get_ident(), None)
        if self.last is not None:
            self.last.status = response.status_code
            self.finished.append(self.last)


RECORDER = Recorder()


def install() -> None:
    """Listen from now on, in this process; a second time changes nothing."""
    if getattr(Journal.transaction, "listened_to", False):
        return
    _listen_to_transactions()
    _listen_to_refusals()
    opened.open_record = _telling(opened.open_record)
    flask.request_started.connect(RECORDER.begin)
    flask.request_finished.connect(RECORDER.end)


def _listen_to_transactions() -> None:
    true = Journal.transaction

    @contextmanager
    def transaction(self):
        with true(self) as begun:
            yield begun
        for draft in begun.drafts:
            RECORDER.note(draft.kind)

    transaction.listened_to = True
    Journal.transaction = transaction


def _listen_to_refusals() -> None:
    true = Journal.count_refusal

    def count_refusal(self, kind, member=None):
        true(self, kind, member)
        RECORDER.note(kind)

    Journal.count_refusal = count_refusal


def _telling(true):
    def open_record(*given):
        RECORDER.note("opened")
        return true(*given)

    return open_record
