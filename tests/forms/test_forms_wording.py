"""Wording: complete in every language. Which words it never says: `tests/test_refused_words.py`."""

from __future__ import annotations

import re
import shutil

import pytest

from vault.consent.items import is_asked
from vault.errors import SettingError
from vault.forms.codes import LANGUAGES, load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource

FORMS = load_forms()
WORDINGS = load_wordings(FORMS)
CODES = load_codes()


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
    assert wording.prompt("story")


def test_no_text_is_the_same_in_two_languages():
    for key in WORDINGS["kk"].texts:
        texts = {WORDINGS[language].texts[key] for language in LANGUAGES}
        assert len(texts) == 3 or texts == {""}, key


def test_the_question_whether_a_field_has_words_is_answered():
    assert WORDINGS["en"].has_field("story")
    assert not WORDINGS["en"].has_field("weather")


def test_asking_for_words_that_do_not_exist_names_the_file():
    with pytest.raises(SettingError, match=r"kk\.toml: fields\.weather\.label is missing"):
        WORDINGS["kk"].label("weather")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_a_form_that_is_ready_has_words(language):
    fields = {
        f.id for form in FORMS.ready for m in form.modules for t in m.fields for f in t.walk()
    }
    assert len(fields) > 120
    assert all(WORDINGS[language].label(field_id) for field_id in fields)


@pytest.mark.parametrize("form", ["victim", "child"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_consent_item_says_what_can_go_wrong_and_until_when_it_can_be_taken_back(
    language, form
):
    words = {
        "kk": ("Қандай қаупі бар: ", ("қайтып алуға", "өзгертуге")),
        "ru": ("Чем это рискованно: ", ("Отменить можно", "отменить можно", "зменить можно")),
        "en": ("What can go wrong: ", ("can take it back", "can change it")),
    }
    begin, until = words[language]
    for item in (f"consent.C{number:02}" for number in range(3, 19)):
        hint = WORDINGS[language].of(FORMS.get(form)).hint(item)
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
        SettingError,
        match=rf"{language}\.toml: fields\.risk_when\.hint is missing, and 1 more are missing",
    ):
        load_wordings(FORMS, copy)


def test_a_fold_without_words_stops_the_start(copy):
    for language in LANGUAGES:
        path = copy / "wording" / f"{language}.toml"
        path.write_text(path.read_text("utf-8").replace("\nnames = ", "\nnomes = ", 1), "utf-8")
    with pytest.raises(SettingError, match=r"prompts\.names is missing"):
        load_wordings(FORMS, copy)


# --- variants ------------------------------------------------------------------------------------


def changed(language, name):
    """Return the texts of a variant that are not the common ones."""
    common, variant = WORDINGS[language], WORDINGS[language].variants[name]
    return {key: text for key, text in variant.texts.items() if text != common.texts[key]}


def test_a_form_asks_in_its_own_words_and_where_it_has_none_in_the_common_ones():
    common, easy = WORDINGS["en"], WORDINGS["en"].of(FORMS.get("child"))
    assert common.of(FORMS.get("victim")) is common
    assert easy.label("consent.C01") == "Keep what I write, under a lock."
    assert common.label("consent.C01") == "Keep my sealed account."
    assert easy.label("events.when") == common.label("events.when")


EASY = [form for form in FORMS.ready if form.words == "easy"]
# Words of law and of offices, for which there are plain ones.
HARD = {
    "kk": ("эмблема", "тіркел", "құқық бұзу", "сараптама", "экстрадиция", "жәбірленуші"),
    "ru": ("ходатайств", "регистрац", "экспертиз", "экстрадиц", "потерпевш", "осужд", "травм"),
    "en": ("authoriti", "custody", "detention", "registration", "forensic", "investigat"),
}


def read_on(form, language):
    """Yield every text that somebody meets on the pages of a form: questions and answers."""
    wording = WORDINGS[language].of(form)
    for module in form.pages:
        yield wording.module_title(module.id)
        yield wording.module_hint(module.id)
        for top in module.asked:
            for field in top.walk() if is_asked(form.id, top.id) else ():
                yield from (wording.label(field.id), wording.hint(field.id), wording.why(field.id))
                listed = CODES.codes(field.code_list) if field.code_list else ()
                yield from (wording.answer(field.code_list, code) for code in listed)


@pytest.mark.parametrize("form", EASY, ids=lambda form: form.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_read_on_an_easy_form_is_said_in_short_sentences(language, form):
    longest = {"kk": 13, "ru": 15, "en": 18}[language]
    for text in read_on(form, language):
        for sentence in re.split(r"[.?!:;]", text):
            assert len(sentence.split()) <= longest, sentence


@pytest.mark.parametrize("form", EASY, ids=lambda form: form.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_of_an_easy_form_is_long_or_in_words_of_law(language, form):
    wording = WORDINGS[language].of(form)
    asked = (one for m in form.pages for top in m.asked for one in top.walk())
    for field in (one for one in asked if one.code_list and is_asked(form.id, one.id)):
        for code in CODES.codes(field.code_list):
            label = wording.answer(field.code_list, code)
            assert len(label.split()) <= 11, (field.id, label)
            assert not [word for word in HARD[language] if word in label.lower()], label


def test_an_answer_stands_in_the_words_of_the_variant_and_else_in_those_of_its_list():
    common, easy = WORDINGS["en"], WORDINGS["en"].of(FORMS.get("child"))
    teeth, scar = (code for code in CODES.codes("injury") if code.code in {"teeth", "scar"})
    assert common.answer("injury", teeth) == "Teeth lost or broken"
    assert easy.answer("injury", teeth) == "Teeth are broken or gone"
    assert easy.answer("injury", scar) == common.answer("injury", scar) == "Scars now"


def test_a_child_decides_about_those_who_help_it_and_about_nothing_that_goes_further():
    child = FORMS.get("child")
    asked = [f.id for m in child.pages for f in m.asked if is_asked("child", f.id)]
    items = [name for name in asked if re.fullmatch(r"consent\.C\d+(_\w+)?", name)]
    assert items == [
        f"consent.{item}" for item in ("C03", "C04", "C05", "C06", "C17", "C18", "C18_until")
    ]
    assert {"consent.child_assent", "consent.guardian"} <= {*asked}


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("kk", "[fields.risk]", "[fields.rusk]", r"easy/kk\.toml: fields\.risk\.hint is missing"),
        ("ru", "[modules.M1]", "[modules.M1]\ntitl = 'x'", "modules.M1 needs title and hint"),
        ("en", "[fields.risk]", "[sayings]\n[fields.risk]", "unknown section sayings"),
        (
            "kk",
            "[answers.injury]",
            "[answers.injure]",
            r"answers\.injur(y|e)\.\w+ (is missing|belongs)",
        ),
        (
            "ru",
            "[answers.injury]\n",
            "[answers.injury]\nbruise = 1\n#",
            "injury.bruise is empty or no",
        ),
        ("en", "[answers.injury]\n", "[answers]\ninjury = 'x'\n[other]\n", "unknown section other"),
    ],
)
def test_a_slip_in_a_variant_stops_the_start(copy, file, old, new, named):
    path = copy / "wording" / "easy" / f"{file}.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SettingError, match=named):
        load_wordings(FORMS, copy)


def test_words_of_a_variant_that_belong_to_nothing_are_refused(copy):
    for language in LANGUAGES:
        with (copy / "wording" / "easy" / f"{language}.toml").open("a") as file:
            file.write('\n[fields.weather]\nlabel = "x"\nhint = ""\n')
    with pytest.raises(SettingError, match=r"easy/kk\.toml:\d+: fields\.weather\.hint belongs to"):
        load_wordings(FORMS, copy)


def test_a_variant_that_no_form_names_stops_the_start(copy):
    shutil.copytree(copy / "wording" / "easy", copy / "wording" / "hard")
    with pytest.raises(SettingError, match="wording/hard: not both"):
        load_wordings(FORMS, copy)


def test_a_form_that_names_no_variant_there_is_stops_the_start(copy):
    shutil.rmtree(copy / "wording" / "easy")
    with pytest.raises(SettingError, match="wording/easy: not both"):
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


def test_a_hint_may_be_empty():
    assert WORDINGS["ru"].hint("facts.text") == ""
