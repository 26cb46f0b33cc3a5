"""The first page of every form: the story, C01 and C02, and two wishes. A complete send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from vault.consent.items import BY_CHILD
from vault.errors import InputError, NobodyFitsError, UnknownFormError, WitnessVaultError
from vault.forms.model import CHILD, Field
from vault.forms.wording import Wording
from vault.testimony import FOLLOWUP
from vault.web.intake import naming
from vault.web.intake.services import services
from vault.web.intake.showing import most_characters, problem
from vault.web.shared.application import words
from vault.web.shared.decoding import Form

STORY, KEEP, READ = "story", "consent.C01", "consent.C02"
KNOWN, WISH = "consent.C02_identity", "reader_gender"
# Says that the page has told of nobody of this wish; sending then goes on.
UNFIT = "unfit"
OWN = "own"


@dataclass(frozen=True)
class Question:
    """A question in the page's language. `choices`: code and label."""

    label: str
    hint: str
    choices: tuple[tuple[str, str], ...] = ()


def check_offered(form_id: str) -> None:
    """Refuse a form that is unknown or not offered.

    Raises:
        UnknownFormError: for both: the page says the same.
    """
    if not services().forms.get(form_id).ready:
        raise UnknownFormError


def answers(form: Form) -> dict[str, Any]:
    """Return the answers of a posted page. What was not answered is left out."""
    asked = {name: form.text(name) for name in (KEEP, READ, KNOWN)}
    consent = {name.partition(".")[2]: code for name, code in asked.items() if code}
    wish = {WISH: form.text(WISH)} if form.text(WISH) else {}
    return {"story": form.text(STORY), "consent": consent, **wish}


def hint_is_new(form_id: str, typed: Form) -> bool:
    """Tell whether the page would be sent and has to say first that the text tells who one is."""
    return typed.text(KEEP) == "yes" and naming.is_new(_fields(form_id), typed)


def render(
    form_id: str,
    typed: Form,
    *,
    send_id: str,
    trouble: str = "",
    field: str = "",
    unfit: str = "",
    naming_now: bool = False,
) -> str:
    """Return the page with everything that was typed still there."""
    wording = _wording(form_id)
    intake = services().settings.intake
    length = len(typed.text(STORY))
    return render_template(
        "tell.html",
        form_id=form_id,
        since=form_id == FOLLOWUP,
        young=_young(form_id),
        typed=typed,
        send_id=send_id,
        problem=trouble,
        field=field,
        title=wording.module_title("M2"),
        prompt=wording.prompt("story"),
        story=_question(form_id, STORY),
        keep=_question(form_id, KEEP),
        read=_question(form_id, READ),
        known=_question(form_id, KNOWN),
        wish=_question(form_id, WISH),
        unfit=unfit,
        named=_named(form_id, typed, now=naming_now),
        recovery=services().settings.recovery,
        most=most_characters(intake.request_limit),
        room=intake.story_limit - length if length > intake.story_warning else None,
    )


def render_refused(form_id: str, typed: Form, error: WitnessVaultError) -> str:
    """Return the page with what was typed and what is wrong with it."""
    unfit = ""
    if isinstance(error, NobodyFitsError):
        text, field, unfit = words().text("tell.look_wish"), WISH, typed.text(WISH)
    elif type(error) is InputError and typed.text(KEEP) != "yes":
        text, field = words().text("tell.keep_needed"), KEEP
    else:
        text = problem(error, typed.text(STORY), services().settings.intake.story_limit)
        field = STORY if isinstance(error, InputError) else ""
    send_id = typed.text("send_id")
    return render(
        form_id, typed, send_id=send_id, trouble=text, field=field, unfit=unfit, naming_now=True
    )


def _young(form_id: str) -> tuple[str, str] | None:
    """Return id and name of the form for children, where one of them may have come instead."""
    forms = services().forms
    if form_id in BY_CHILD or CHILD not in forms.get(form_id).offered_to:
        return None
    wording = services().questions[words().language]
    return next(
        ((one.id, wording.form_name(one.id)) for one in forms.ready if one.id in BY_CHILD), None
    )


def _named(form_id: str, typed: Form, *, now: bool) -> tuple[str, ...]:
    return naming.of(_fields(form_id), typed) if now or typed.text(naming.SEEN) else ()


def _fields(form_id: str) -> Mapping[str, Field]:
    return services().forms.get(form_id).by_id


def _wording(form_id: str) -> Wording:
    return services().questions[words().language].of(services().forms.get(form_id))


def _question(form_id: str, field_id: str) -> Question:
    wording = _wording(form_id)
    field = services().forms.get(form_id).by_id[field_id]
    codes = () if field.code_list is None else services().codes.codes(field.code_list)
    choices = tuple((code.code, wording.answer(field.code_list or "", code)) for code in codes)
    return Question(wording.label(field_id), wording.hint(field_id), choices)
