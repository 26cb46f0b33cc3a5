"""What no form asks, in any language: what somebody did at a protest, and who is to blame."""

from __future__ import annotations

import re
import tomllib

import pytest

from vault.forms.codes import LANGUAGES, STAFF, load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource

FORMS, CODES = load_forms(), load_codes()
WORDINGS = load_wordings(FORMS)

# Gatherings of people, and having been one of them. Whoever is asked may answer, and whoever
# answers has written down what they can be tried for.
PROTEST = {
    "kk": r"митинг|наразылық|шеру|ереуіл|тәртіпсіздік|толқу|алаңға шық",
    "ru": r"митинг|протест|демонстрац|пикет|беспоряд|забастов|шестви|вышли на",
    "en": r"protest|rall(?:y|ies)|demonstrat|riot|unrest|strike|march(?:ed|ing)|gathering",
}
IDS = r"protest|rally|riot|demonstrat|unrest"


def asked_by(form, language):
    """Yield every text of a form, its answers too, with where it stands."""
    wording = WORDINGS[language].of(form)
    yield "name", wording.form_name(form.id) + wording.form_description(form.id)
    for module in form.modules:
        yield module.id, wording.module_title(module.id) + wording.module_hint(module.id)
        for top in module.fields:
            for field in top.walk():
                said = (wording.label(field.id), wording.hint(field.id), wording.why(field.id))
                yield field.id, " ".join(said)
                listed = CODES.codes(field.code_list) if field.code_list else ()
                for code in listed:
                    yield f"{field.id}={code.code}", wording.answer(field.code_list, code)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS.forms, ids=lambda form: form.id)
def test_no_form_asks_what_somebody_did_at_a_protest(form, language):
    found = list(asked_by(form, language))
    assert len(found) > 60
    assert [said for said in found if re.search(PROTEST[language], said[1], re.IGNORECASE)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_around_the_questions_asks_it_either(language):
    path = resource("vault") / "web" / "translations" / f"intake.{language}.toml"
    texts = tomllib.loads(path.read_text("utf-8"))
    texts.pop("site.demonstration")  # of this program, not of people
    assert [key for key, text in texts.items() if re.search(PROTEST[language], text)] == []


def test_no_answer_and_no_question_is_named_after_it():
    ids = {field_id for form in FORMS.forms for field_id in form.by_id}
    codes = {code.code for name in CODES.lists if name not in STAFF for code in CODES.codes(name)}
    assert [name for name in ids | codes if re.search(IDS, name)] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Took part in a protest"),
        ("ru", "Участник митинга"),
        ("kk", "Митингке қатысқан"),
        ("ru", "Были ли вы на площади во время беспорядков?"),
    ],
)
def test_the_search_finds_such_questions(language, text):
    assert re.search(PROTEST[language], text, re.IGNORECASE)
