"""Hostile text in every text field of every form: the lawyer reads it as text, all of it."""

import html
import re

import pytest

from tests.support.hostile import Filling, texts_of
from tests.support.house import FORMS
from vault.web.shared.rendering import visible

MARKS = re.compile(r'(?:dir="auto"[^>]*|<bdi[^>]*)>([^<]*)<')


@pytest.mark.parametrize("form", FORMS.ready, ids=lambda form: form.id)
def test_hostile_text_of_every_field_is_read_as_text(as_member, given_case, form):
    answers = Filling().of(form.fields)
    answers["consent"] = {"C01": "yes", "C02": "yes"} | {
        name: value for name, value in answers.get("consent", {}).items() if name == "C18_until"
    }
    case = given_case(answers=answers, form=form.id)
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    for element in ("<script>window", "<img src=x", "<svg onload", "<iframe", "<base ", "<meta ht"):
        assert element not in page
    shown = {html.unescape(text).strip() for text in MARKS.findall(page)}
    told = {name: value for name, value in answers.items() if name != "consent"}
    read = {
        (field.id, visible(text).strip())
        for field, text in texts_of(form.fields, told)
        if field.compartment != "identity"  # nobody opens it yet
    }
    assert {name for name, text in read if not any(text in one for one in shown)} == set()
    assert len(read) > 5
