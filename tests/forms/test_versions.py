"""Versions of forms: what was asked stays, and a change without a new number is found."""

from __future__ import annotations

import json
import shutil

import pytest

from vault.errors import SettingError
from vault.forms import versions
from vault.forms.codes import load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(resource("intake_forms"), tmp_path / "intake_forms")


def sources(directory=None):
    forms = load_forms(directory)
    return versions.Sources(forms, load_wordings(forms, directory), load_codes(directory))


def edit(directory, name, old, new):
    path = directory / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_every_offered_form_asks_what_is_kept_of_its_version():
    """If this fails: raise the version of the form, then `witness-vault form keep`."""
    versions.check(sources())


CHANGES = [
    ("modules/risk.toml", "limit = 2000", "limit = 2001", "M10"),
    ("wording/kk.toml", "Содан бері қысым болды ма?", "Содан бері не болды?", "M10"),
    ("code_lists.json", "House search, seizure of phone", "House search", "M10"),
    ("modules/places.toml", "  lasts = true\n", "", "M3"),
    ("forms/witness.toml", '"M8", "M9"', '"M9"', "M8"),
]


@pytest.mark.parametrize(("name", "old", "new", "page"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_change_under_the_same_number_is_found_and_named(copy, name, old, new, page):
    edit(copy, name, old, new)
    with pytest.raises(SettingError, match=f"{page} asks something else .* raise the version"):
        versions.check(sources(copy), copy)
    with pytest.raises(SettingError):
        versions.keep(sources(copy), copy)


def test_every_form_whose_version_has_to_rise_is_named_at_once(copy):
    edit(copy, "modules/witness.toml", 'list = "witness_role"', 'list = "relation"')
    with pytest.raises(SettingError, match=r"forms are not in order\. \(witness: MW asks"):
        versions.check(sources(copy), copy)
    edit(copy, "modules/evidence.toml", "limit = 50", "limit = 51")
    having = [form.id for form in load_forms().ready if any(m.id == "M7" for m in form.pages)]
    assert len(having) > 3
    with pytest.raises(SettingError, match=f"{', '.join(having)}: M7 asks something else"):
        versions.check(sources(copy), copy)


def raised(copy):
    edit(copy, "wording/ru.toml", "Было ли с тех пор давление?", "Было ли давление?")
    for form in load_forms(copy).ready:
        edit(copy, f"forms/{form.id}.toml", f"version = {form.version}", "version = 7")


def test_a_raised_version_has_to_be_kept_and_leaves_the_old_one_as_it_was(copy):
    raised(copy)
    with pytest.raises(SettingError, match=r"victim: version 7 is not kept yet"):
        versions.check(sources(copy), copy)
    before = json.loads((copy / "versions" / "victim.json").read_text("utf-8"))
    assert "victim 7" in versions.keep(sources(copy), copy)
    assert versions.keep(sources(copy), copy) == []
    after = json.loads((copy / "versions" / "victim.json").read_text("utf-8"))
    assert before.items() < after.items()
    assert after["7"]["M10"] != before["1"]["M10"]
    assert after["7"]["M1"] == before["1"]["M1"]  # one page, once


def test_an_old_answer_is_shown_with_the_words_of_its_version(copy):
    raised(copy)
    versions.keep(sources(copy), copy)
    labels = {n: versions.told("victim", n, "risk", "ru", copy).label for n in (1, 7)}
    assert labels == {1: "Было ли с тех пор давление?", 7: "Было ли давление?"}


@pytest.mark.parametrize(
    "asked",
    [
        ("victim", 99, "risk", "ru"),
        ("nonsense", 1, "risk", "ru"),
        ("../pages/x", 1, "risk", "ru"),
        ("victim", 1, "nonsense", "ru"),
        ("victim", 1, "risk", "xx"),
    ],
    ids=str,
)
def test_what_is_not_kept_is_nothing(asked):
    assert versions.told(*asked) is None


def test_what_is_kept_and_was_changed_is_refused(copy):
    digest = json.loads((copy / "versions" / "victim.json").read_text("utf-8"))["1"]["M10"]
    edit(copy, f"versions/pages/{digest}.json", "House search", "House visit")
    with pytest.raises(SettingError, match="was changed"):
        versions.told("victim", 1, "risk", "en", copy)
    with pytest.raises(SettingError, match="was changed"):
        versions.check(sources(copy), copy)
