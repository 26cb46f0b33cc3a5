"""Code lists: labels per language, and what happens where there is none."""

from __future__ import annotations

import json

import pytest

from vault.errors import SettingError
from vault.forms.codes import FILE, LANGUAGES, load_codes
from vault.forms.load import load_forms


@pytest.fixture(scope="module")
def codes():
    return load_codes()


def test_every_list_that_a_form_names_speaks_all_languages(codes):
    named = {f.code_list for form in load_forms().forms for f in form.by_id.values()} - {None}
    assert [name for name in named if not codes.speaks_all_languages(name)] == []


@pytest.mark.parametrize(
    ("language", "text"), [("kk", "Спорт залы, стадион"), ("ru", "Спортзал, стадион")]
)
def test_a_label_is_given_in_the_language_asked_for(codes, language, text):
    assert codes.label("place_type", "sports_hall", language) == text


def test_every_answer_of_every_list_has_a_label_in_every_language(codes):
    assert all(codes.speaks_all_languages(name) for name in codes.lists)


def test_an_article_has_its_law_and_a_short_label(codes):
    assert "Қинау" in codes.label("article", "110", "kk")
    assert codes.codes("article")[0].law == "UK"


def test_codes_keep_the_order_of_the_file(codes):
    order = ["sure", "think_so", "not_sure", "dont_remember"]
    assert [code.code for code in codes.codes("certainty")] == order


def test_huridocs_codes_are_kept_where_they_exist(codes):
    first = codes.codes("knowledge_source")[0]
    assert (first.code, first.esf, set(first.labels)) == ("felt", "010101", set(LANGUAGES))


def test_an_unknown_list_or_code_is_refused(codes):
    with pytest.raises(SettingError, match="no list weather"):
        codes.codes("weather")
    with pytest.raises(SettingError, match="no such code"):
        codes.label("certainty", "quite", "en")


@pytest.mark.parametrize("lists", [[], {"a": {}}, {"a": []}, {"a": ["x"]}])
def test_a_list_of_another_shape_is_refused(tmp_path, lists):
    (tmp_path / FILE).write_text(json.dumps({"note": "", "lists": lists}))
    with pytest.raises(SettingError):
        load_codes(tmp_path)
