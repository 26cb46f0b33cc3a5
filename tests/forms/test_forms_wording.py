"""Wording: complete in every language. Which words it never says: `tests/test_refused_words.py`."""

from __future__ import annotations

import re
import shutil

import pytest

from vault.errors import SettingError
from vault.forms.codes import LANGUAGES
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource

FORMS = load_forms()
WORDINGS = load_wordings(FORMS)


def test_all_languages_have_exactly_the_same_keys():
    keys = {language: set(wording.texts) for language, wording in WORDINGS.items()}
    assert keys["kk"] == keys["ru"] == keys["en"]
    assert tuple(keys) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_page_and_first_question_has_words(language):
    wording = WORDINGS[language]
    for form in FORMS.forms:
        assert wording.form_name(form.id)
        assert wording.form_description(form.id)
        for module in form.modules:
            assert wording.module_title(module.id)
            assert wording.module_hint(module.id)
    assert wording.label("story")
    assert wording.hint("consent.C02")
    assert wording.prompt("nothing_required")


def test_no_text_is_the_same_in_two_languages():
    for key in WORDINGS["kk"].texts:
        texts = {WORDINGS[language].texts[key] for language in LANGUAGES}
        assert len(texts) == 3 or texts == {""}, key


def test_the_question_whether_a_field_has_words_is_answered():
    assert WORDINGS["en"].has_field("story")
    assert not WORDINGS["en"].has_field("fear_reason")


def test_asking_for_words_that_do_not_exist_names_the_file():
    with pytest.raises(SettingError, match=r"kk\.toml: fields\.fear_reason\.label is missing"):
        WORDINGS["kk"].label("fear_reason")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_a_form_that_is_ready_has_words(language):
    fields = {
        f.id for form in FORMS.ready for m in form.modules for t in m.fields for f in t.walk()
    }
    assert len(fields) > 120
    assert all(WORDINGS[language].label(field_id) for field_id in fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_consent_item_says_what_can_go_wrong_and_until_when_it_can_be_taken_back(language):
    words = {
        "kk": ("Қандай қаупі бар: ", ("қайтып алуға", "өзгертуге")),
        "ru": ("Чем это рискованно: ", ("Отменить можно", "отменить можно", "зменить можно")),
        "en": ("What can go wrong: ", ("can take it back", "can change it")),
    }
    begin, until = words[language]
    for item in (f"consent.C{number:02}" for number in range(3, 19)):
        hint = WORDINGS[language].hint(item)
        assert begin in hint or "once more" in hint or "asked again" in hint, item
        assert any(word in hint for word in until) or "take it back" in hint, item


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_without_words_stops_the_start(copy, language):
    path = copy / "wording" / f"{language}.toml"
    text = path.read_text("utf-8")
    cut = re.sub(r"\[fields\.risk_when\]\nlabel = .*\nhint = .*\n", "", text)
    assert cut != text
    path.write_text(cut, "utf-8")
    with pytest.raises(
        SettingError, match=rf"{language}\.toml: fields\.risk_when\.hint is missing"
    ):
        load_wordings(FORMS, copy)


def test_a_fold_without_words_stops_the_start(copy):
    for language in LANGUAGES:
        path = copy / "wording" / f"{language}.toml"
        path.write_text(path.read_text("utf-8").replace("\nnames = ", "\nnomes = ", 1), "utf-8")
    with pytest.raises(SettingError, match=r"prompts\.names is missing"):
        load_wordings(FORMS, copy)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(resource("intake_forms"), tmp_path / "intake_forms")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "Бұл менің', 'nam = "Бұл менің', "forms.victim needs name and description"),
        ("[forms.victim]", "[forms.wictim]", "forms.victim.description is missing"),
        (
            "[forms.victim]",
            '[forms.x]\nname="a"\ndescription="b"\n[forms.victim]',
            "forms.x.description belongs to",
        ),
        ("[fields.story]", "[fields.stori]", "fields.story.hint is missing"),
        ("[prompts]", "[prompts]\nextra = 'x'", "prompts.extra is missing"),
        ("[prompts]", "[prompts]\nempty = ' '", "empty is empty or no text"),
        ("[prompts]", "[prompts]\nnumber = 1", "number is empty or no text"),
        ("[prompts]", "[sayings]", "unknown section sayings"),
        ("[prompts]", "[prompts", "cannot be read"),
        ("[forms.victim]", "forms = 1\n[forms.victim]", "cannot be read"),
    ],
)
def test_a_slip_in_the_wording_stops_the_start(copy, old, new, named):
    path = copy / "wording" / "kk.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingError, match=named):
        load_wordings(FORMS, copy)


def test_a_section_that_is_no_table_is_refused(copy):
    (copy / "wording" / "kk.toml").write_text("forms = 1")
    with pytest.raises(SettingError, match="forms is no section"):
        load_wordings(FORMS, copy)


@pytest.mark.parametrize("section", ["[fields.weather]\nlabel", "[modules.M99]\ntitle"])
def test_words_that_belong_to_nothing_are_refused_even_in_all_languages(copy, section):
    for language in LANGUAGES:
        with (copy / "wording" / f"{language}.toml").open("a") as file:
            file.write(f'\n{section} = "x"\nhint = ""\n')
    with pytest.raises(SettingError, match="belongs to nothing"):
        load_wordings(FORMS, copy)


def test_a_hint_may_be_empty(copy):
    for language in LANGUAGES:
        with (copy / "wording" / f"{language}.toml").open("a") as file:
            file.write('\n[fields.unit]\nlabel = "x"\nhint = ""\n')
    assert load_wordings(FORMS, copy)["ru"].hint("unit") == ""
