"""Every error says where it is: its link leads to a field, and the field leads to the error."""

import html
import re

import pytest


def untied(page):
    """Return the fields that an error names and that do not name it."""
    alerts = re.findall(r'<div class="notice" role="alert".*?</div>', page.source, re.DOTALL)
    named = re.findall(r'href="#([^"]+)"', " ".join(alerts))
    assert named, "no error names a field"
    texts = {html.unescape(one) for one in re.findall(r' id="([^"]+)"', page.source)}
    return [name for name in named if not _is_tied(page.source, name, texts)]


def _is_tied(source, name, ids):
    tag = re.search(
        rf'<(?:input|textarea|select|fieldset)[^>]* id="{re.escape(name)}"[^>]*>', source
    )
    if tag is None or 'aria-invalid="true"' not in tag[0]:
        return False
    described = re.search(r'aria-describedby="([^"]*)"', tag[0])[1].split()
    return set(described) <= ids and any(one.startswith(name) for one in described)


@pytest.fixture
def inside(witness, told):
    witness.open_box(told.words)
    return witness


def test_without_the_first_consent(witness):
    assert untied(witness.tell(**{"consent.C01": ""})) == []


def test_a_story_that_is_too_long(witness, config):
    assert untied(witness.tell(story="а" * (config.intake.story_limit + 1))) == []


@pytest.mark.parametrize("typed", ["", "а б в", "нечто " * 12])
def test_words_that_open_nothing(witness, typed):
    assert untied(witness.post("/return?lang=ru", {"receipt": typed})) == []


def test_words_that_were_not_kept(witness, told):
    typed = {"send_id": told.hidden("send_id"), "word_3": "x", "word_9": "y"}
    assert untied(witness.post("/tell/victim/kept?lang=ru", typed)) == []


def test_answers_of_a_page_for_more(inside):
    shown = inside.get("/return/more/people?lang=ru")
    hidden = {name: shown.hidden(name) for name in ("send_id", "token", "form")}
    wrong = {"people.0.count": "many", "people.0.name": "А.", "people.0.source": "nonsense"}
    page = inside.post("/return/more/people?lang=ru", {**hidden, **wrong})
    assert page.status == 400
    assert untied(page) == []


def test_an_error_says_to_which_question_it_belongs(inside):
    shown = inside.get("/return/more/health?form=victim&lang=en")
    hidden = {name: shown.hidden(name) for name in ("send_id", "token", "form")}
    wrong = {"doctor_seen": "no", "doctor_seen_when.text": "a" * 500, "doctor_wrote_it": "yes"}
    page = inside.post("/return/more/health?lang=en", {**hidden, **wrong})
    assert '<a href="#doctor_wrote_it">Did the doctor write down the injuries?</a>' in page.source
    assert '<a href="#doctor_seen_when.text">When was the doctor there?</a>' in page.source


def test_a_wish_that_nobody_fits_is_told_in_its_group(witness):
    page = witness.tell(reader_gender="female", **{"consent.C02": "yes"})
    assert '<fieldset aria-describedby="unfit">' in page.source
    assert '<p class="fault" id="unfit">' in page.source
