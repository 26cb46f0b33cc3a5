"""What the witness allows, asked of the gate with everything that the opened records say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from vault import canonical, clock
from vault.cases.model import RecordView
from vault.cases.reveal.reading import ADDENDUM, ORIGINS, STATEMENT
from vault.cases.written.staff_records import CONSENT
from vault.consent import gate, items
from vault.consent.gate import Decision, Waiting
from vault.consent.history import CHILD, PROXY, SELF, History, Statement, Stop, history
from vault.errors import FormatError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment

STOP, NOTE_READ = "stop", "note_read"
_BESIDE = frozenset({items.PERSON, items.ASSENT, items.GUARDIAN})
_WORDS = frozenset({"name", "item", "records"})


def decided(vault: Vault, views: Iterable[RecordView]) -> Mapping[str, Decision]:
    """Return what the gate says to each item now, C01 to C18."""
    said, now = history_of(views), clock.moment()
    delay = vault.settings.consent.delay
    return {item: gate.may(item, said, now, delay) for item in items.ITEMS}


def agreed_to(vault: Vault, views: Iterable[RecordView]) -> frozenset[str]:
    """Return the capacities besides lawyer and deputy that the witness lets read."""
    return readers(decided(vault, views))


def readers(decisions: Mapping[str, Decision]) -> frozenset[str]:
    """Return the capacities besides lawyer and deputy that these decisions let read."""
    return frozenset(who for who, item in items.BESIDE.items() if decisions[item].allowed)


def waiting(vault: Vault, views: Iterable[RecordView]) -> Mapping[str, Waiting]:
    """Return what the witness allowed and what does not count yet, by item."""
    said, now = history_of(views), clock.moment()
    delay = vault.settings.consent.delay
    found = {item: gate.waiting(item, said, now, delay) for item in items.ITEMS}
    return {item: one for item, one in found.items() if one is not None}


def history_of(views: Iterable[RecordView]) -> History:
    """Return everything that the opened account says about the items."""
    account = [view for view in views if view.compartment == Compartment.ACCOUNT]
    proven = [view for view in account if view.origin in ORIGINS]
    told_with = {view.form for view in proven if view.kind == STATEMENT}
    signed = [word for _, word in signed_words(account)]
    return history(
        (
            one
            for view, writer, age in _written_by(proven)
            for one in _statements(view, _by(writer, age, {*told_with, view.form}, told_with))
        ),
        (stop for word in signed if word["name"] == STOP for stop in _stops(word)),
        (one["day"] for one in signed if one["name"] == NOTE_READ),
    )


def signed_words(views: Iterable[RecordView]) -> Iterator[tuple[RecordView, dict[str, Any]]]:
    """Yield what lawyers signed about consent: its record, and "name", "item", "records", "day"."""
    for view in views:
        if view.compartment == Compartment.ACCOUNT and view.kind == CONSENT and view.text:
            yield view, _parsed(view)


def words_of(name: str, item: str, records: Collection[str]) -> str:
    """Return the text of the lawyer's signed word."""
    return canonical.dumps({"name": name, "item": item, "records": sorted(records)}).decode()


def _statements(view: RecordView, by: str) -> Iterator[Statement]:
    consent = view.answers.get("consent")
    given = dict(consent) if isinstance(consent, Mapping) else {}
    given[items.PERSON] = view.answers.get(items.PERSON_ASKED)
    for item, value in given.items():
        # What is beside the items makes others count: of a page that nobody vouched for, nothing.
        if value is not None and (view.vouched or item not in _BESIDE):
            yield Statement(
                item=item,
                value=_word(value),
                said=_day(view.day, view.arrived),
                arrived=view.arrived,
                record=view.id,
                later=view.kind == ADDENDUM,
                number=view.number,
                origin=view.origin,
                by=by,
                vouched=view.vouched,
            )


def _stops(word: Mapping[str, Any]) -> Iterator[Stop]:
    """Yield what a lawyer stopped; with the comparing also the number that was said with it."""
    item = str(word["item"])
    for record in word["records"]:
        yield Stop(item, str(record))
        if item == items.COMPARE:
            yield Stop(items.THRESHOLD.id, str(record))


def _word(value: Any) -> str:
    """Return a value as it is weighed; of a strange shape, a word that allows nothing."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _written_by(
    proven: Iterable[RecordView],
) -> Iterator[tuple[RecordView, str | None, str | None]]:
    """Yield what a witness sent with who said to be writing, and their age: there, or last before.

    An age that was not said before is the one said next: its page comes after that of consent.
    """
    said = sorted(proven, key=lambda one: (one.day, one.kind == ADDENDUM, one.number))
    writers: dict[str, str] = {}
    ages = {view.origin: age for view in reversed(said) if (age := _age(view)) is not None}
    for view in said:
        writer, age = view.answers.get(items.WRITER), _age(view)
        if isinstance(writer, str) and (view.vouched or writer != items.THEMSELVES):
            writers[view.origin] = writer
        if age is not None:
            ages[view.origin] = age
        yield view, writers.get(view.origin), ages.get(view.origin)


def _age(view: RecordView) -> str | None:
    """Return the age that a record says; one of age has to be vouched for."""
    about = view.answers.get("about")
    age = about.get("age_band") if isinstance(about, Mapping) else None
    known = isinstance(age, str) and (view.vouched or age == items.UNDER_AGE)
    return str(age) if known else None


def _by(
    writer: str | None, age: str | None, forms: set[str | None], told_with: set[str | None]
) -> str:
    """Return who fills a page: as they say, the account says, or the page, whichever allows less.

    Everybody who comes back is offered the same pages: they do not say it.
    """
    for_another = writer not in {None, items.THEMSELVES} and not told_with <= items.OWN_WORD
    if for_another or items.BY_PROXY & forms:
        return PROXY
    return CHILD if age == items.UNDER_AGE or items.BY_CHILD & forms else SELF


def _day(text: str, otherwise: str) -> str:
    """Return the day that a receipt's record states, in one spelling."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return otherwise


def _parsed(view: RecordView) -> dict[str, Any]:
    """Return a signed word; of one that is not in its form, nothing that counts."""
    try:
        value = canonical.loads_object((view.text or "").encode(), _WORDS)
    except FormatError:
        value = {}
    records = value.get("records")
    listed = records if isinstance(records, list) else []
    return {"name": None, **value, "records": listed, "day": view.day}
