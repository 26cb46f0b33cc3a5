"""No text of ours accuses, judges, doubts, hurries or praises; in three languages.

The words and their reasons are data: `tests/data/refused_words.toml`. Looked at is every text that
a page can show: wording of pages and of questions, labels of answers, and what stands in templates.
"""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from pathlib import Path

import pytest

import vault.web
from vault.forms.codes import LANGUAGES
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource
from vault.web.shared import wording

WEB = Path(vault.web.__file__).parent
DATA = tomllib.loads((Path(__file__).parent / "data" / "refused_words.toml").read_text("utf-8"))
EXCEPTIONS = DATA.pop("exceptions")
KINDS = tuple(DATA)
READERS = {"intake": "witness", "staff": "member", "audit": "member", "inside": "member"}
# What a template says by itself: neither Jinja nor the name of an element or attribute.
MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)


def refused(kind, language):
    """Return what finds the words of a kind in one language."""
    found = DATA[kind][language]
    stems = "|".join(map(re.escape, found["stems"]))
    words = "|".join(map(re.escape, found.get("words", ["\0"])))
    return re.compile(rf"(?<!\w)(?:(?:{stems})\w*|(?:{words})(?!\w))")


REFUSED = {(kind, language): refused(kind, language) for kind in KINDS for language in LANGUAGES}


def plain(text):
    return text.lower().replace("ё", "е")


def of_wording():
    for area in ("intake", "staff"):
        for language, own in wording.load(area).items():
            for key, text in own.texts.items():
                yield f"{area}: {key}", language, READERS[area], text
    for language, questions in load_wordings(load_forms()).items():
        for key, text in questions.texts.items():
            yield f"forms: {key}", language, "witness", text
        for name, variant in questions.variants.items():
            own = variant.texts.items() - questions.texts.items()
            yield from ((f"{name}: {key}", language, "witness", text) for key, text in own)


def of_code_lists():
    file = resource("intake_forms") / "code_lists.json"
    for name, codes in json.loads(file.read_text("utf-8"))["lists"].items():
        for code, language in itertools.product(codes, LANGUAGES):
            yield f"codes: {name}.{code['code']}", language, "witness", code.get(language, "")


def of_templates():
    for path in sorted(WEB.rglob("*.html")):
        area = path.relative_to(WEB).parts[0]
        own = MARKUP.sub(" ", path.read_text("utf-8"))
        for language in LANGUAGES:
            yield f"template: {area}/{path.name}", language, READERS.get(area, "witness"), own


# Place, language, reader and text of everything.
TEXTS = (*of_wording(), *of_code_lists(), *of_templates())


def places(kind):
    """Return where a word of this kind stands, with the words."""
    return {
        (place, found[0])
        for place, language, reader, text in TEXTS
        if reader in DATA[kind]["read_by"]
        for found in REFUSED[kind, language].finditer(plain(text))
    }


def excepted(place):
    """Return the exception that a place falls under, if any."""
    return next((one for one in EXCEPTIONS if f"{place}.".startswith(f"{one}.")), None)


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_says_what_is_refused(kind):
    assert {(place, word) for place, word in places(kind) if not excepted(place)} == set()


def test_every_exception_is_needed_and_has_a_reason():
    needed = {excepted(place) for kind in KINDS for place, _ in places(kind)}
    assert needed - {None} == set(EXCEPTIONS)
    assert all(len(reason.split()) > 2 for reason in EXCEPTIONS.values())


def test_every_text_is_looked_at():
    seen = {place.partition(":")[0] for place, *_ in TEXTS}
    assert seen == {"intake", "staff", "forms", "easy", "military", "codes", "template"}
    assert len(TEXTS) > 5_000


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The Perpetrator"),
        ("en", "a crime"),
        ("en", "accusing"),
        ("ru", "Преступников"),
        ("ru", "невиновна"),
        ("ru", "обвиняемыми"),
        ("ru", "соучастию"),
        ("ru", "по вине"),
        ("kk", "қылмыскерлердің"),
        ("kk", "кінәсіз"),
        ("kk", "айыпталушыға"),
        ("kk", "Жендеттер"),
    ],
)
def test_accusing_words_are_found_in_every_form(language, text):
    assert REFUSED["accusing", language].search(plain(text))


@pytest.mark.parametrize(
    ("kind", "language", "text"),
    [
        ("judging", "ru", "пыток"),
        ("judging", "kk", "азаптаудан"),
        ("hurrying", "en", "This is incomplete."),
        ("hurrying", "ru", "Не завершено"),
        ("hurrying", "kk", "толық емес"),
        ("praising", "en", "Thank you for your courage"),
        ("praising", "ru", "Спасибо за смелость"),
        ("praising", "kk", "ерлігіңізге рахмет"),
        ("doubting", "en", "You alleged"),
    ],
)
def test_words_of_every_kind_are_found(kind, language, text):
    assert REFUSED[kind, language].search(plain(text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "попытка, опыт и испытание"),
        ("ru", "виноград, вино и новина"),
        ("ru", "невинные слова о гражданах"),
        ("kk", "қаладан келген, айырым, айыру"),
        ("en", "the lawyer, discriminate, stepfather"),
    ],
)
def test_other_words_are_left_alone(language, text):
    assert not [kind for kind in KINDS if REFUSED[kind, language].search(plain(text))]


# What shows how far somebody is, hurries them, or plays and moves by itself.
MEASURING = re.compile(
    r"<(?:progress|meter|video|audio|marquee)\b|progressbar|aria-value|http-equiv|autoplay|\brequired\b",
    re.IGNORECASE,
)


def test_no_page_of_a_witness_measures_or_hurries_anybody():
    pages = [page for area in ("intake", "shared") for page in (WEB / area).rglob("*.html")]
    assert len(pages) > 20
    assert [page.name for page in pages if MEASURING.search(page.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "markup", ['<progress value="1">', '<p role="progressbar">', '<meta http-equiv="refresh">']
)
def test_what_measures_or_hurries_would_be_found(markup):
    assert MEASURING.search(markup)
