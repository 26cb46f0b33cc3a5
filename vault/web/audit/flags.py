"""What may need a question: flags with what they rest on, and the auditors' answers.

An answer is an entry: which flag, and one of a few fixed reasons. There is no field for words: what
is written into the log can never be taken back, and might name somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.cases.model import code_of
from vault.journal.reckoning.rules import Rule
from vault.journal.reckoning.watch import EXPLAINED, REASONS, Flag, Watch
from vault.ledger.entry import MAX_SEQ
from vault.web.audit.reckoned import look
from vault.web.audit.sentences import Names
from vault.web.inside import who
from vault.web.inside.pages import text
from vault.web.inside.reading import log_reading
from vault.web.shared.decoding import Form, read_form

pages = Blueprint("flags", __name__)

PAGE = 10
# Units of time, the longest first: how many seconds each is.
_UNITS = (("hours", 3_600), ("minutes", 60), ("seconds", 1))
_NUMBER = re.compile(r"\d{1,16}", re.ASCII)


@dataclass(frozen=True)
class Shown:
    """One flag for people.

    Attributes:
        number: its place among all that were ever raised, from 1.
        code: of the case, if it is about one.
        kinds: of the entries it rests on, in words.
        after: what it came after, in words; empty if nothing.
        by: who answered it last, if somebody did.
    """

    number: int
    flag: Flag
    rule: Rule
    member: str
    code: str | None
    kinds: str
    after: str
    by: str | None


@pages.get("/flags")
def all_flags() -> str:
    """Show the flags, the newest first; those that nobody explained, unless all are asked for."""
    return _page()


@pages.post("/flags/explain")
def explain() -> ResponseReturnValue:
    """Answer a flag with one of the reasons; the answer is an entry."""
    form = read_form(request)
    reason = form.text("why")
    with look() as seen:
        flag = _named(seen.state.watch, form)
    if flag is None:
        flash("flags.gone")
        return redirect(url_for("flags.all_flags"), 303)
    if reason not in REASONS:
        return _page(unanswered=flag), 400
    if not flag.explained:
        _answer(flag, form.text("rule"), reason)
        flash("flags.done")
    return redirect(url_for("flags.all_flags"), 303)


def _page(unanswered: Flag | None = None) -> str:
    log_reading("flags")
    every, names = request.args.get("show") == "all", Names(who.vault())
    before = request.args.get("before", MAX_SEQ, type=int)
    with look() as seen:
        watch = seen.state.watch
        found = [
            (number, flag)
            for number, flag in _numbered(watch)
            if number < before and (every or not flag.explained)
        ][: PAGE + 1]
        return render_template(
            "audit/flags.html",
            seen=seen,
            shown=[_shown(watch, number, flag, names) for number, flag in found[:PAGE]],
            older=found[PAGE - 1][0] if len(found) > PAGE else None,
            every=every,
            unanswered=unanswered,
            rules=watch.rules,
            kinds_of=_kinds,
            lasting=_lasting,
            dropped=watch.raised - len(watch.flags),
            reasons=REASONS,
        )


def _answer(flag: Flag, rule: str, reason: str) -> None:
    subject = {"member": flag.member} | ({"case": flag.case} if flag.case else {})
    detail = {"rule": rule, "entries": [f"{flag.first}", f"{flag.last}"], "why": reason}
    with who.vault().journal.transaction() as transaction:
        transaction.log(EXPLAINED, who.actor().id, subject, detail)


def _named(watch: Watch, form: Form) -> Flag | None:
    places = form.text("first"), form.text("last")
    if not all(_NUMBER.fullmatch(place) for place in places):
        return None
    return watch.find(form.text("rule"), int(places[0]), int(places[1]))


def _numbered(watch: Watch) -> list[tuple[int, Flag]]:
    """Return the flags that are kept with their numbers, the newest first."""
    first = watch.raised - len(watch.flags) + 1
    return list(enumerate(watch.flags, first))[::-1]


def _shown(watch: Watch, number: int, flag: Flag, names: Names) -> Shown:
    rule = watch.rules[flag.rule]
    return Shown(
        number=number,
        flag=flag,
        rule=rule,
        member=names.of(flag.member),
        code=code_of(flag.case) if flag.case else None,
        kinds=_kinds(rule.kinds),
        after=_kinds([rule.after]) if rule.after else "",
        by=names.of(flag.answer.by) if flag.answer else None,
    )


def _kinds(kinds: Iterable[str]) -> str:
    return ", ".join(text(f"kinds.{kind}") for kind in sorted(kinds))


def _lasting(seconds: int) -> str:
    """Return how long that is, in the longest unit of which it is at least two, and none broken."""
    fits = (unit for unit in _UNITS if seconds % unit[1] == 0 and seconds >= 2 * unit[1])
    name, length = next(fits, _UNITS[-1])
    return text(f"flags.within.{name}", count=seconds // length)
