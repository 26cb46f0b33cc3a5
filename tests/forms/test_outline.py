"""A form as text: whoever reads it sees every question, and what becomes of its answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vault.forms.codes import LANGUAGES, load_codes
from vault.forms.load import load_forms
from vault.forms.outline import Outline
from vault.forms.wording import load_wordings

FORMS = load_forms()
WORDINGS = load_wordings(FORMS)
CODES = load_codes()


def text(form_id, language="en"):
    return Outline(WORDINGS[language], CODES).of(FORMS.get(form_id))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS.forms, ids=lambda form: form.id)
def test_every_question_of_every_page_stands_in_it(form, language):
    shown = text(form.id, language)
    asked = [f for module in form.pages for top in module.fields for f in top.walk()]
    assert [f.id for f in asked if not f.tells_of and f"[{f.id}]" not in shown] == []


def test_it_says_why_with_what_and_what_becomes_of_an_answer():
    shown = text("victim")
    block = shown[shown.index("[doctor_wrote_it]") :].partition("\n\n")[0]
    assert "Only if this was answered: [doctor_seen] " in block
    assert "Sealed with: health; shows nobody; may be counted in tables" in block
    assert "Why we ask: Other rules protect people under 18." in shown
    assert "Sealed with: who somebody is; shows who it is" in shown


def test_a_question_without_words_is_named_by_its_id():
    bare = replace(
        WORDINGS["en"],
        texts={k: v for k, v in WORDINGS["en"].texts.items() if "risk_when" not in k},
    )
    assert "\nrisk_when [risk_when]\n" in Outline(bare, CODES).of(FORMS.get("victim"))
