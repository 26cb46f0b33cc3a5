import re

import pytest

from vault import errors
from vault.errors import SettingError, WitnessVaultError
from vault.forms.codes import LANGUAGES
from vault.web.shared import wording

AREAS = ("intake", "staff")


def write(folder, **texts):
    for language in LANGUAGES:
        (folder / f"area.{language}.toml").write_text(texts.get(language, texts["rest"]), "utf-8")


@pytest.mark.parametrize("area", AREAS)
def test_every_area_is_complete_in_every_language(area):
    assert set(wording.load(area)) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        ({"rest": '"a" = "x"\n"b" = "y"', "kk": '"a" = "x"'}, "area.kk.toml: b is missing"),
        ({"rest": '"a" = "x {n}"', "en": '"a" = "x"'}, "a has other placeholders"),
        ({"rest": '"a" = ""'}, "a is empty"),
        ({"rest": "a = 1"}, "a is empty or no text"),
        ({"rest": '[a]\nb = "x"'}, "a is empty or no text"),
        ({"rest": '"a" = "{"'}, "a has a broken placeholder"),
        ({"rest": '"a" = "{x.__class__}"'}, "a has a broken placeholder"),
        ({"rest": '"a" = "{x!r}"'}, "a has a broken placeholder"),
        ({"rest": '"a" = "{}"'}, "a has a broken placeholder"),
        ({"rest": "a ="}, "cannot be read"),
    ],
)
def test_wording_that_is_not_whole_stops_the_start_and_is_named(tmp_path, texts, named):
    write(tmp_path, **texts)
    with pytest.raises(SettingError, match=re.escape(named)):
        wording.load("area", tmp_path)


def test_a_missing_file_stops_the_start(tmp_path):
    with pytest.raises(SettingError, match="cannot be read"):
        wording.load("area", tmp_path)


def test_placeholders_are_filled_in_and_a_missing_value_is_a_defect(tmp_path):
    write(tmp_path, rest='"a" = "{n} of {m}"')
    text = wording.load("area", tmp_path)["ru"].text
    assert text("a", n=1, m=2) == "1 of 2"
    with pytest.raises(KeyError):
        text("a", n=1)


def test_what_is_filled_in_is_not_read_as_a_placeholder(tmp_path):
    write(tmp_path, rest='"a" = "{n}"')
    assert wording.load("area", tmp_path)["ru"].text("a", n="{m}") == "{m}"


def kinds(kind=WitnessVaultError):
    return [kind, *(found for child in kind.__subclasses__() for found in kinds(child))]


@pytest.mark.parametrize("area", AREAS)
def test_every_error_says_something_in_every_language(area):
    for texts in wording.load(area).values():
        for kind in kinds():
            error = kind.__new__(kind)
            assert texts.sentence(error)


def test_an_error_without_a_sentence_of_its_own_says_that_of_its_kind():
    texts = wording.load("intake")["en"]
    assert texts.sentence(errors.LockedError()) == texts.text("error.agent")
