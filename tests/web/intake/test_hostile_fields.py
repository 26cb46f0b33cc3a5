"""Hostile text in every text field of every page of every form: shown again exactly, as text."""

import pytest

from tests.support.hostile import Filling
from tests.support.pages import Page as Sheet
from tests.support.pages import posted
from vault.consent.items import is_asked
from vault.forms.load import load_forms

FORMS = load_forms()
ELEMENTS = ("<script>window", "<img src=x", "<svg onload", "<iframe", "<base ", "<meta http")


def many(pairs):
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("form", FORMS.ready, ids=lambda form: form.id)
def test_hostile_text_in_every_field_comes_back_as_it_was_typed(witness, form):
    filling, filled = Filling(), 0
    for module in form.pages:
        fields = [field for field in module.asked if is_asked(form.id, field.id)]
        typed = [pair for field in fields for pair in _typed(filling, field)]
        page = witness.post(
            f"/return/more/{module.name}/again?lang=en",
            {"form": form.id, "token": "", **many(typed)},
        )
        assert page.status == 200
        assert sorted(Sheet(page.source).filled) == sorted(typed)
        assert not [element for element in ELEMENTS if element in page.source]
        filled += len(typed)
    texts = [f for m in form.pages for top in m.asked for f in top.walk() if f.type == "text"]
    assert filled >= len(texts) > 5


def _typed(filling, field):
    # A field of the page stands under its whole path, what is inside it under its name.
    found = filling.of([field])
    answers = found.get(field.name)
    if answers:
        nested = answers
        for name in reversed(field.id.split(".")):
            nested = {name: nested}
        yield from posted([field], nested)


@pytest.mark.parametrize("form", FORMS.ready, ids=lambda form: form.id)
def test_hostile_text_as_the_story_and_in_hidden_fields_comes_back_as_text(witness, form):
    filling = Filling()
    story = "\n".join(filling.texts)
    hidden = {name: filling.text(200) for name in ("send_id", "unfit", "token", "form", "seen")}
    page = witness.post(f"/tell/{form.id}/again?lang=kk", {"story": story, **hidden})
    assert page.status == 200
    assert page.textarea("story") == story
    assert not [element for element in ELEMENTS if element in page.source]
