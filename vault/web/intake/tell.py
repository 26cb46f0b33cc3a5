"""Telling: before you begin, choose, in your own words, your twelve words, have you kept them."""

from __future__ import annotations

import math

from flask import Blueprint, render_template, request

from vault.crypto import receipt as receipts
from vault.crypto.receipt import Receipt
from vault.errors import WitnessVaultError
from vault.forms.codes import LANGUAGES
from vault.testimony import Outcome
from vault.web.intake import first_page
from vault.web.intake.services import services
from vault.web.shared.application import words
from vault.web.shared.decoding import Form, read_form
from vault.web.shared.errors import note

ASKED = (3, 9)
OWN, SECOND = "twelve", "second"  # of one length: whoever counts bytes must not learn which

pages = Blueprint("tell", __name__, template_folder="templates")


@pages.get("/")
def before() -> str:
    """Say what this is and is not, who reads, and how to hide a visit."""
    return render_template(
        "before.html",
        recovery=services().settings.recovery,
        years=services().settings.retention.years,
        onion=services().onion,
    )


@pages.get("/tell")
def choose() -> str:
    """Offer the forms."""
    services().tell.check_open()
    wording = services().questions[words().language]
    return render_template("choose.html", groups=services().forms.grouped, wording=wording)


@pages.get("/tell/<form_id>")
def form(form_id: str) -> str:
    """Show the first page of a form, empty."""
    first_page.check_offered(form_id)
    services().tell.check_open()
    return first_page.render(form_id, Form(), send_id=services().tell.new_send_id())


@pages.post("/tell/<form_id>/again")
def again(form_id: str) -> str:
    """Show the page again, in the chosen language, with what was typed. Nothing is sent."""
    first_page.check_offered(form_id)
    typed = read_form(request)
    return first_page.render(form_id, typed, send_id=typed.text("send_id"))


@pages.post("/tell/<form_id>")
def send(form_id: str) -> str | tuple[str, int]:
    """Send, and show the words in the answer."""
    first_page.check_offered(form_id)
    typed = read_form(request)
    try:
        typed.check()
        if first_page.hint_is_new(form_id, typed):
            return first_page.render(form_id, typed, send_id=typed.text("send_id"), naming_now=True)
        told = services().tell.send(
            form_id,
            words().language,
            first_page.answers(typed),
            typed.text("send_id"),
            unfit=typed.text(first_page.UNFIT),
            own=typed.text(first_page.OWN) == "yes",
        )
    except WitnessVaultError as error:
        return first_page.render_refused(form_id, typed, error), note(error)
    return _words_page(form_id, told.receipt, typed, told.outcome)


@pages.post("/tell/<form_id>/words")
def show(form_id: str) -> str:
    """Show the words once more, or the second ones, while the page that sent them is fresh.

    One address for both: a browser's history does not tell which were looked at.
    """
    typed, receipt = _sent_page(form_id)
    if receipt is None:
        return _too_late()
    if typed.text("which") == SECOND:
        return _second_page(form_id, typed)
    return _words_page(form_id, receipt, typed, Outcome.SAME)


@pages.post("/tell/<form_id>/kept")
def kept(form_id: str) -> str:
    """Check two of the words, and say which did not match."""
    typed, receipt = _sent_page(form_id)
    if receipt is None:
        return _too_late()
    wrong = [n for n in ASKED if not _is_kept(receipt, n, typed.text(f"word_{n}"))]
    if not wrong:
        return _sent(form_id, typed, right=True)
    return render_template("kept_wrong.html", wrong=wrong, **_kept_form(form_id, typed))


@pages.post("/tell/<form_id>/sent")
def sent(form_id: str) -> str:
    """Say what happens next to whoever goes on without the check."""
    typed, receipt = _sent_page(form_id)
    return _too_late() if receipt is None else _sent(form_id, typed, right=False)


def _sent_page(form_id: str) -> tuple[Form, Receipt | None]:
    first_page.check_offered(form_id)
    typed = read_form(request)
    return typed, services().tell.receipt_of(typed.text("send_id"))


def _words_page(form_id: str, receipt: Receipt, typed: Form, outcome: Outcome) -> str:
    return render_template(
        "words.html",
        outcome=outcome.value,
        minutes=services().settings.intake.send_valid // 60,
        wrong=(),
        second=SECOND,
        **_notations(receipt),
        **_kept_form(form_id, typed),
    )


def _second_page(form_id: str, typed: Form) -> str:
    send_id = typed.text("send_id")
    receipt = services().tell.receipt_of(send_id, second=True)
    if receipt is None:
        return _too_late()
    notations = _notations(receipt)
    return render_template("second.html", form_id=form_id, send_id=send_id, own=OWN, **notations)


def _notations(receipt: Receipt) -> dict[str, object]:
    return {
        "words": receipts.encode(receipt.entropy, words().language),
        "digits": receipts.encode_digits(receipt.entropy),
    }


def _kept_form(form_id: str, typed: Form) -> dict[str, object]:
    send_id = typed.text("send_id")
    return {"form_id": form_id, "typed": typed, "send_id": send_id, "asked": ASKED, "own": OWN}


def _is_kept(receipt: Receipt, position: int, typed: str) -> bool:
    """Tell whether a word was kept, in any notation the words page shows or could have shown."""
    group = receipts.encode_digits(receipt.entropy).split()[position - 1]
    expected = {receipts.word_at(receipt.entropy, language, position) for language in LANGUAGES}
    return any(receipts.same_word(typed, word) for word in (*expected, group))


def _sent(form_id: str, typed: Form, *, right: bool) -> str:
    return render_template(
        "sent.html",
        form_id=form_id,
        right=right,
        send_id=typed.text("send_id"),
        minutes=math.ceil(services().settings.letterbox.slot / 60),
    )


def _too_late() -> str:
    return render_template("too_late.html")
