"""Whoever counts bytes on the wire: which form, which page, which answer looks like which other."""

from __future__ import annotations

import pytest

from tests.web.intake.test_safety import set_to
from vault.forms.load import load_forms
from vault.web.intake.sizes import MOVED, PAGE

FORMS = load_forms().ready
LANGUAGES = ("kk", "ru", "en")
ONION = f"http://{'a2' * 28}.onion"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_of_every_form_is_of_one_size_a_childs_too(witness, language):
    asked = [f"/tell/{form.id}" for form in FORMS]
    sizes = {witness.get(f"{path}?lang={language}").size for path in (*asked, "/tell", "/")}
    assert sizes == {PAGE}
    assert PAGE < 15_000


def test_what_was_told_and_how_it_was_answered_does_not_show_in_the_size_of_the_words(witness):
    pages = [
        witness.tell("child", story="1"),
        witness.tell("military", story="My name is A. " + "2" * 900),
        witness.tell("victim", **{"consent.C02": "yes"}, own="yes"),
    ]
    assert {page.size for page in pages} == {PAGE}


def test_pages_of_all_forms_have_three_sizes(witness, told):
    witness.open_box(told.words)
    sizes = {
        witness.get(f"/return/more/{module.name}?form={form.id}&lang=kk").size
        for form in FORMS
        for module in form.pages
    }
    assert sizes == {PAGE, 2 * PAGE, 3 * PAGE}
    assert 3 * PAGE < 40_000


def test_which_page_was_sent_does_not_show_in_the_answer_that_leads_on(witness, told):
    witness.open_box(told.words)
    totals = set()
    for form, name in (("victim", "places"), ("child", "safety"), ("military", "evidence")):
        page = witness.get(f"/return/more/{name}?form={form}")
        hidden = {key: page.hidden(key) for key in ("token", "send_id", "form")}
        answer = witness.post(f"/return/more/{name}", {**hidden, "then": "on"})
        assert answer.status == 303
        totals.add(answer.size + len(answer.location))
    assert totals == {MOVED}


def test_the_onion_address_that_is_offered_does_not_tell_which_form_it_leads_to(
    make_witness, services
):
    witness = make_witness(settings=set_to(services, "intake", onion=ONION))
    pages = [witness.get(f"/tell/{form.id}") for form in FORMS]
    assert {page.size + len(page.headers["Onion-Location"]) for page in pages} == {PAGE}


def test_what_is_no_page_is_left_as_it_is(witness):
    assert witness.get("/healthz").source == "ok\n"
    assert not witness.get("/style.css").source.endswith("  ")
