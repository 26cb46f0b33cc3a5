"""Who handles a case: giving on, giving back, taking away, and who may not see it.

What ends something for somebody is asked once more before it is done (`sure`); the question is a
page, so that it needs no JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vault.cases.epochs import due, reseal
from vault.cases.holders import assign, handlers, handling, revoke
from vault.cases.lists import given, inbox
from vault.cases.model import ERASED, code_of
from vault.errors import NotFoundError
from vault.members.people import names
from vault.roster.roles import CASES, DEPUTY, LAWYER, TRIAGE
from vault.web.inside import who
from vault.web.inside.reading import log_list
from vault.web.shared.decoding import Form, read_form
from vault.web.staff import labels
from vault.web.staff.access import for_those_who

pages = Blueprint("handling", __name__)

_CASE = "/cases/<string(length=32):case_id>"


@pages.get("/given")
def cases() -> str:
    """List the cases that were given, with who handles them and which wait."""
    actor = who.actor()
    lines = given.given_cases(who.vault(), actor)
    return render_template("staff/given.html", lines=lines, may_change=actor.may(TRIAGE))


@pages.get("/given/<string(length=32):case_id>")
@for_those_who(TRIAGE)
def one(case_id: str) -> str:
    """Show who handles one case to an intake officer, who opens nothing by it."""
    shown = handling.look(who.vault(), who.actor(), case_id)
    if not _may_decide(shown) or not (shown.people or shown.due):
        raise NotFoundError
    log_list("handling", case_id)
    return render_template("staff/given_one.html", handling=shown)


@pages.post(f"{_CASE}/hand-over")
def hand_over(case_id: str) -> ResponseReturnValue:
    """Hand the case over to another lawyer."""
    form = _form()
    return _sure(form, "hand_over", case_id, form.text("lawyer")) or _after(
        lambda: assign.hand_over(who.vault(), who.actor(), case_id, form.text("lawyer")),
        "hand_over.done",
        url_for("lists.mine"),
    )


@pages.post(f"{_CASE}/deputy")
def deputy(case_id: str) -> ResponseReturnValue:
    """Choose the deputy, or none."""
    form = _form()
    chosen = form.text("deputy") or None
    return _sure_of_deputy(form, case_id) or _after(
        lambda: assign.set_deputy(who.vault(), who.actor(), case_id, chosen),
        "deputy.done",
        _back(case_id),
    )


@pages.post(f"{_CASE}/take-over")
def take_over(case_id: str) -> ResponseReturnValue:
    """Become the lawyer of a case whose lawyer left or is away."""
    _form()
    return _after(
        lambda: assign.take_over(who.vault(), who.actor(), case_id),
        "take_over.done",
        _back(case_id),
    )


@pages.post(f"{_CASE}/reader")
def reader(case_id: str) -> ResponseReturnValue:
    """Give a doctor or an interpreter their part."""
    form = _form()
    chosen = form.text("member"), form.text("capacity")
    until = form.text("until") or None
    return _after(
        lambda: assign.add_reader(who.vault(), who.actor(), case_id, chosen, until),
        "reader.done",
        _back(case_id),
    )


@pages.post(f"{_CASE}/give-back")
def give_back(case_id: str) -> ResponseReturnValue:
    """Give the case back to the intake officers."""
    form = _form()
    return _sure(form, "give_back", case_id) or _after(
        lambda: assign.give_back(who.vault(), who.actor(), case_id),
        "give_back.done",
        url_for("lists.mine"),
    )


@pages.post(f"{_CASE}/take-away")
def take_away(case_id: str) -> ResponseReturnValue:
    """Take the case away from somebody, at once."""
    form = _form()
    return _sure(form, "take_away", case_id, form.text("member")) or _without_keys(
        lambda: revoke.revoke(who.vault(), who.actor(), case_id, form.text("member")),
        "take_away.done",
        case_id,
    )


@pages.post(f"{_CASE}/may-not-see")
def may_not_see(case_id: str) -> ResponseReturnValue:
    """State that somebody may never see the case."""
    form = _form()
    return _sure(form, "may_not_see", case_id, form.text("member")) or _without_keys(
        lambda: revoke.bar(who.vault(), who.actor(), case_id, form.text("member")),
        "may_not_see.done",
        case_id,
    )


@pages.post(f"{_CASE}/may-see")
def may_see(case_id: str) -> ResponseReturnValue:
    """Take that back."""
    form = _form()
    return _without_keys(
        lambda: revoke.allow(who.vault(), who.actor(), case_id, form.text("member")),
        "may_see.done",
        case_id,
    )


@pages.post(f"{_CASE}/keys-again")
def keys_again(case_id: str) -> ResponseReturnValue:
    """Give somebody with new keys those of this case, or of all that both handle."""
    form = _form()
    member, fingerprint = form.text("member"), form.text("fingerprint")

    def give() -> None:
        if form.text("all") == "yes":
            reseal.reseal_all(who.vault(), who.actor(), member, fingerprint)
        else:
            reseal.reseal(who.vault(), who.actor(), case_id, member, fingerprint)

    return _after(give, "keys_again.done", _back(case_id))


@pages.get("/hand-over")
@for_those_who(CASES)
def several() -> str:
    """Offer all own cases to be handed over in one step."""
    vault, actor = who.vault(), who.actor()
    mine = inbox.my_cases(vault, actor)
    lines = [line for line in mine if line.capacity == LAWYER and line.status != ERASED]
    lawyers = [one for one in handlers.offered(vault, LAWYER, None, None) if one.id != actor.id]
    return render_template(
        "staff/hand_over.html",
        lines=lines[: assign.MAX_AT_ONCE],
        left=max(0, len(lines) - assign.MAX_AT_ONCE),
        lawyers=lawyers,
        forms=labels.form_names(),
    )


@pages.post("/hand-over")
@for_those_who(CASES)
def several_sent() -> ResponseReturnValue:
    """Hand over those that were chosen; say which stayed, and why."""
    form = _form()
    chosen, lawyer = form.getlist("case"), form.text("lawyer")
    if form.text("sure") != "yes" and chosen and lawyer:
        fields = [("lawyer", lawyer), *(("case", case) for case in chosen)]
        return render_template(
            "staff/sure.html",
            action="several",
            address=url_for("handling.several"),
            back=url_for("handling.several"),
            fields=fields,
            name=_name(lawyer),
            count=len(chosen),
        )
    done, kept = assign.hand_over_all(who.vault(), who.actor(), chosen, lawyer)
    return render_template(
        "staff/handed_over.html",
        done=done,
        name=_name(lawyer),
        kept=[(code_of(case_id), reason) for case_id, reason in kept],
    )


def _sure(
    form: Form, action: str, case_id: str, member: str | None = None
) -> ResponseReturnValue | None:
    """Return the page that asks once more; None if it was asked, or nobody loses anything."""
    kept = ("lawyer", "deputy", "member")
    fields = [(name, form.text(name)) for name in kept if form.text(name)]
    return None if form.text("sure") == "yes" else _ask(action, case_id, member, fields)


def _sure_of_deputy(form: Form, case_id: str) -> ResponseReturnValue | None:
    """Ask about the deputy that there is now, whoever it was, or nobody, when the page was made."""
    now, chosen = handling.look(who.vault(), who.actor(), case_id).deputy, form.text("deputy")
    if now is None or now.member == chosen:
        return None
    if (form.text("sure"), form.text("before")) == ("yes", now.member):
        return None
    return _ask("deputy", case_id, now.member, [("deputy", chosen), ("before", now.member)])


def _ask(
    action: str, case_id: str, member: str | None, fields: list[tuple[str, str]]
) -> ResponseReturnValue:
    shown = handling.look(who.vault(), who.actor(), case_id)
    if not _may_decide(shown):
        who.vault().journal.count_refusal("refused", who.actor().id)
        raise NotFoundError
    return render_template(
        "staff/sure.html",
        action=action,
        address=request.path,
        back=_back(case_id),
        fields=fields,
        name=_name(member or ""),
        code=code_of(case_id),
    )


def _may_decide(shown: handling.Handling) -> bool:
    """Say whether the reader has any say in who handles a case: as its lawyer, deputy, officer."""
    actor = who.actor()
    barred = actor.id in {member for member, _ in shown.barred}
    return not barred and (shown.own in {LAWYER, DEPUTY} or actor.may(TRIAGE))


def _after(act: Callable[[], object], said: str, address: str) -> ResponseReturnValue:
    act()
    flash(said)
    return redirect(address, 303)


def _without_keys(act: Callable[[], object], said: str, case_id: str) -> ResponseReturnValue:
    """Do what needs no key; whoever has one begins the new epoch at once."""
    act()
    due.begin(who.vault(), who.actor(), case_id)
    flash(said)
    return redirect(_back(case_id), 303)


def _back(case_id: str) -> str:
    """Return where an action came from: the case, or for an officer without keys its short page."""
    shown = handling.look(who.vault(), who.actor(), case_id)
    if shown.own is None and shown.people:
        return url_for("handling.one", case_id=case_id)
    return url_for("cases.one", case_id=case_id)


def _name(member_id: str) -> str:
    return names(who.vault()).get(member_id, "")


def _form() -> Form:
    form = read_form(request)
    form.check()
    return form
