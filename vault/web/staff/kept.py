"""What a member typed is never lost: shown again wherever sending it failed.

A session that ended, a page of an earlier session, a text that is too long, a full disk, a locked
vault: each time the answer itself holds what was typed, and nothing of it is stored here. Only the
pages and fields named below are ever repeated, so nobody can make this a form to anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import render_template, request

from vault.errors import InputError, NotFoundError, WitnessVaultError
from vault.web.inside import guard, pages
from vault.web.shared import origin
from vault.web.shared.decoding import Form, read_form

PREFIX = "typed."
TARGET = "target"
UNLOCK = "unlock.sent"

_NOT_FOUND = 404


@dataclass(frozen=True)
class _Action:
    """A page whose input is kept: the key of its title, the fields written by hand, the others.

    `button` says what sending it does.
    """

    title: str
    written: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    button: str = "kept.button"


_ACTIONS: Mapping[str, _Action] = {
    "cases.reply": _Action("reply.title", written=("text",), chosen=("once", "draft")),
    "cases.note": _Action("note.title", written=("html",), chosen=("once", "draft")),
    "drafts.reply": _Action("draft.reply", ("text",), ("draft",), "draft.keep"),
    "drafts.note": _Action("draft.note", ("html",), ("draft",), "draft.keep"),
    "cases.mark": _Action("mark.title", written=("label",), chosen=("waiting",)),
    "lists.search": _Action("cases.words", written=("words",)),
    "cases.give": _Action("give.title", chosen=("lawyer", "deputy")),
    "cases.set_aside": _Action("set_aside.title"),
    "cases.bring_back": _Action("bring_back.title"),
    "cases.stop": _Action("consent.stop", chosen=("item", "record")),
    "cases.note_read": _Action("consent.note"),
    "retention.end": _Action("retention.end", chosen=("until", "sure")),
    "retention.hold": _Action("retention.hold", chosen=("until", "reason", "sure")),
    "retention.free": _Action("retention.free", chosen=("sure",)),
    "dating.make": _Action(
        "date.title", written=("held",), chosen=("record", "show", "files", "as")
    ),
    "identity.open": _Action("identity.title", chosen=("purpose",)),
    "notices.sent": _Action("notices.title", written=("address",)),
    "people.invite_sent": _Action("invite.title", written=("name",), chosen=("roles",)),
}


@dataclass(frozen=True)
class Kept:
    """What was typed, and where it was going: an address of this application.

    Attributes:
        title: key of the text that says what it is.
        button: key of the text on the button that sends it.
        written: names and values of fields to look at and go on writing in.
        chosen: names and values of the others.
    """

    target: str
    title: str
    written: tuple[tuple[str, str], ...] = field(repr=False)
    chosen: tuple[tuple[str, str], ...] = field(repr=False)
    button: str


def of_request() -> Kept | None:
    """Return what the request brought, be it for a page itself or for the unlock page.

    None if another site sent it: a page of ours would show its text as the member's own.
    """
    if origin.is_foreign():
        return None
    try:
        form = read_form(request)
    except InputError:
        return None  # over the limit of the whole request, or not from a page of ours
    if request.endpoint == UNLOCK:
        return _kept(form.text(TARGET), form, PREFIX)
    return _kept(request.path, form, "") if request.method == "POST" else None


def page(kept: Kept, said: str) -> str:
    """Return the page that shows `kept` with a button to send it to where it was going."""
    return render_template("staff/kept.html", kept=kept, said=said)


def error_page(status: int, key: str, error: WitnessVaultError | None) -> str:
    """Return the page of an error, with what was typed if there was anything."""
    if status == _NOT_FOUND:
        # An address that never was and a case that is not yours look the same.
        error = error or NotFoundError()
    kept = of_request()
    if kept is None:
        return pages.error_page(key, error)
    return pages.error_page(key, error, "staff/failed.html", kept=kept)


def _kept(target: str, form: Form, prefix: str) -> Kept | None:
    action = _ACTIONS.get(guard.endpoint_of(target) or "")
    if action is None:
        return None
    return Kept(
        target,
        action.title,
        _values(form, prefix, action.written),
        _values(form, prefix, action.chosen),
        action.button,
    )


def _values(form: Form, prefix: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name in names for value in form.getlist(prefix + name))
