"""Opening and checking records: what came from a receipt, what a member signed, what is neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.cases.holders.access import Held
from vault.cases.model import RecordView
from vault.cases.reveal import pressing
from vault.cases.reveal.opened import Opened
from vault.cases.stored import Stored
from vault.cases.written.staff_records import check_document
from vault.consent import items
from vault.errors import FormatError, MacError, NoEntryError, WitnessVaultError
from vault.keyring.compartments import Compartment, Seeds
from vault.packet.check import Receipts, receipts_of
from vault.packet.files import attachments_of
from vault.packet.format import Record
from vault.packet.records import check_mac
from vault.packet.vouch import vouch
from vault.roster.model import GENDERS, Roster

STATEMENT, ADDENDUM = "statement", "addendum"
URGENCY = "urgency_self"
WITHDRAWAL, FORETOLD = "withdrawal", "anticipatory_statement"
WISH = "reader_gender"
ORIGINS = ("receipt", "second")
UNPROVEN, UNCHECKED, CLOSED = "unproven", "unchecked", "closed"


@dataclass(frozen=True)
class Account:
    """The opened first record of a testimony, the keys of its boxes, and what it was read from."""

    content: dict[str, Any] = field(repr=False)
    receipts: Receipts = field(repr=False)
    stored: tuple[Stored, ...] = field(repr=False)
    opened: Opened = field(repr=False)


def read_account(opened: Opened, stored: list[Stored]) -> Account:
    """Open the first account record and check that the header commits to what it names.

    Anybody can seal to a public key and put the row beside the true one: the first that the header
    commits to is the account.

    Raises:
        NoGrantError: no seed of the account is held.
        FormatError, SealError: it was changed, moved, or is not what the header commits to.
    """
    fault: WitnessVaultError = FormatError("a testimony without its account")
    for item in stored:
        record = item.record
        if record.kind == STATEMENT and record.compartment is Compartment.ACCOUNT:
            try:
                return _account(opened, record, stored)
            except WitnessVaultError as error:
                fault = error
    raise fault


def view_record(
    opened: Opened,
    stored: Stored,
    account: Account | None,
    roster: Roster,
    *,
    without_account: bool = False,
) -> RecordView:
    """Return one record opened; one that does not verify never stops the rest.

    A record whose MAC is of neither receipt is shown as unproven, without its content: whoever can
    write to the database can seal to a public key. Without the account nothing can be proven; it is
    shown nonetheless, and marked, to a reader `without_account`: one whose role never opens it.
    """
    try:
        if stored.author is None:
            return _witness_record(opened, stored, account, without_account=without_account)
        return _staff_record(opened, stored, roster)
    except NoEntryError:
        raise  # that is no fault of the record
    except (WitnessVaultError, KeyError, TypeError):
        return _unshown(stored, "broken")


def urgency_of(views: Iterable[RecordView]) -> tuple[Any, ...]:
    """Return what is urgent: that somebody is pressed, then what the witness stated last.

    What came with the second receipt may have been forced: it adds to it and takes nothing away.
    """
    views = tuple(views)
    pressed = (code for view in pressed_in(views) for code in pressing.urgency_in(view))
    stated = (code for origin in ORIGINS for code in _urgency_from(views, origin))
    return tuple(dict.fromkeys((*pressed, *stated)))


def pressed_in(views: Iterable[RecordView]) -> tuple[RecordView, ...]:
    """Return the records that tell of pressure, newest first, of either receipt.

    None of them is ever outdated by a later one: whoever says that all is well may be made to.
    """
    told = (view for view in views if view.origin in ORIGINS and pressing.urgency_in(view))
    return tuple(sorted(told, key=lambda view: (view.day, view.number), reverse=True))


def opened_documents(
    opened: Opened, stored: list[Stored], kind: str, roster: Roster
) -> list[dict[str, Any]]:
    """Return the signed documents of one staff kind ({"document", "signature"}), verified."""
    found = []
    for item in stored:
        if item.record.kind == kind:
            try:
                content = opened.read(item.subject, item.record)
                check_document(content, kind, item, roster)
            except (WitnessVaultError, KeyError, TypeError):
                continue
            found.append({name: content[name] for name in ("document", "signature")})
    return sorted(found, key=lambda item: (item["document"]["day"], item["document"]["number"]))


def wish_of(views: Iterable[RecordView]) -> str | None:
    """Return the gender of reader that the witness wishes for, as the first receipt last said it.

    None is no wish. What came with the second receipt may have been forced, and does not count.
    """
    latest = _stated_last(views, lambda answers: answers.get(WISH), ORIGINS[0])
    return latest if latest in GENDERS else None


def foretold_in(views: Iterable[RecordView]) -> tuple[str, str | None] | None:
    """Return when the witness first said that a later withdrawal is under pressure.

    Only the first receipt counts. The first yes stands whatever is answered later, as that may be
    what it warns of.

    Returns:
        The day of it, and the day on which it was last answered otherwise, if that was later; None
        if it was never said.
    """
    said = sorted(
        ((view.day, view.kind == ADDENDUM, view.number), _foretold(view.answers))
        for view in views
        if view.compartment is Compartment.ACCOUNT
        and view.origin == ORIGINS[0]
        and _foretold(view.answers) is not None
    )
    first = next((place for place, answer in said if answer), None)
    if first is None:
        return None
    otherwise = next((place for place, answer in reversed(said) if not answer), first)
    return first[0], otherwise[0] if otherwise > first else None


def _foretold(answers: Mapping[str, Any]) -> bool | None:
    """Return whether it was said; None if nothing was answered."""
    withdrawal = answers.get(WITHDRAWAL)
    if not isinstance(withdrawal, dict) or FORETOLD not in withdrawal:
        return None
    return withdrawal[FORETOLD] is True or bool(withdrawal[FORETOLD] == items.YES)


def _urgency_from(views: Iterable[RecordView], origin: str) -> tuple[Any, ...]:
    latest = _stated_last(views, lambda answers: answers.get(URGENCY), origin)
    return tuple(latest) if isinstance(latest, list) else ()


def _stated_last(
    views: Iterable[RecordView], said: Callable[[Mapping[str, Any]], Any], origin: str
) -> Any:
    stated = [
        (view.day, view.kind == ADDENDUM, view.number, said(view.answers))
        for view in views
        if view.compartment is Compartment.ACCOUNT
        and view.origin == origin
        and said(view.answers) is not None
    ]
    return max(stated, key=lambda item: item[:-1], default=(None,))[-1]


def _account(opened: Opened, record: Record, stored: list[Stored]) -> Account:
    held = opened.held
    content = opened.read(held.testimony, record)
    receipts = receipts_of(held.header, content)
    check_mac(held.testimony, record, receipts.addenda_keys)
    return Account(_checked(content), receipts, tuple(stored), opened)


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    """Return a witness's content in its shape: packet makers are not all ours."""
    form = content.get("form")
    texts = (content.get("day"), content.get("language"), isinstance(form, dict) and form.get("id"))
    if not all(isinstance(text, str) for text in texts):
        raise FormatError("content without form, day or language")
    if not isinstance(content.get("answers"), dict):
        raise FormatError("content without answers")
    return content


def _witness_record(
    opened: Opened, stored: Stored, account: Account | None, *, without_account: bool
) -> RecordView:
    held, record = opened.held, stored.record
    try:
        origin = _origin(held, record, account) if not without_account else UNCHECKED
    except MacError:
        return _unshown(stored, UNPROVEN)
    content = _checked(opened.read(held.testimony, record))
    vouched = account is not None and _is_vouched(held, record, content, (account, origin))
    return RecordView(
        id=record.id,
        compartment=record.compartment,
        kind=record.kind,
        day=content["day"],
        author="witness",
        form=content["form"]["id"],
        version=_whole(content["form"].get("version")),
        language=content["language"],
        answers=content["answers"],
        origin=origin,
        number=_whole(content.get("number")),
        arrived=stored.day,
        vouched=vouched,
        files=attachments_of(content),
    )


def _is_vouched(
    held: Held, record: Record, content: dict[str, Any], of: tuple[Account, str]
) -> bool:
    """Say whether the log holds what the receipt itself said to the vault about this page.

    Every reader knows the keys of MACs, and could make a page that passes; not this.
    """
    if record.kind == STATEMENT:
        return True
    account, origin = of
    key = account.receipts.addenda_keys[ORIGINS.index(origin)]
    try:
        made = vouch(key, held.testimony, content)
    except FormatError:
        return False
    return canonical.b64(made) in held.vouched


def _origin(held: Held, record: Record, account: Account | None) -> str:
    if account is None:
        raise MacError
    return ORIGINS[check_mac(held.testimony, record, account.receipts.addenda_keys)]


def _staff_record(opened: Opened, stored: Stored, roster: Roster) -> RecordView:
    if _is_closed(stored.record, opened.held.work):
        return _unshown(stored, CLOSED)
    content = opened.read(stored.subject, stored.record)
    document = check_document(content, stored.record.kind, stored, roster)
    return RecordView(
        id=stored.record.id,
        compartment=stored.record.compartment,
        kind=stored.record.kind,
        day=document["day"],
        author=document["author"],
        text=document["text"],
        origin="member",
        number=document["number"],
        arrived=stored.day,
    )


def _is_closed(record: Record, work: Seeds) -> bool:
    """Say whether a record is of `work` as it was before the case went back to the officers."""
    first = min((epoch for _, epoch in work.by_epoch), default=0)
    return record.compartment is Compartment.WORK and 0 < record.epoch < first


def _unshown(stored: Stored, origin: str) -> RecordView:
    record = stored.record
    author = "witness" if stored.author is None else stored.author
    return RecordView(record.id, record.compartment, record.kind, stored.day, author, origin=origin)


def _whole(value: Any) -> int:
    """Return a number that orders, whatever stands there: a strange one must not stop the rest."""
    return value if type(value) is int else 0
