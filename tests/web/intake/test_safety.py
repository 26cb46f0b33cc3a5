"""What keeps a visit safe on every page: the way out, quiet titles, what is said before."""

import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

import vault.web.intake
from tests.support.routes import every_request

LANGUAGES = ("kk", "ru", "en")
TEMPLATES = Path(vault.web.intake.__file__).parent / "templates"
ONION = f"http://{'a2' * 28}.onion"
LEAVE = re.compile(r'<a class="leave" href="(/leave|/return/leave)" rel="noreferrer">')
# What stands in a tab and in a history; none of it says what happened, to whom, or who one is.
QUIET_TITLES = {
    "t('before.title')",
    "t('box.title')",
    "t('choose.title')",
    "t('done.title')",
    "t('error.title')",
    "t('kept.question')",
    "t('more.title')",
    "t('return.title')",
    "t('sent.title')",
    "t('words.title')",
    "title",  # of telling: "In your own words"
}


def set_to(services, section, **values):
    changed = replace(getattr(services.settings, section), **values)
    return replace(services.settings, **{section: changed})


def test_the_way_out_is_the_first_link_of_every_page_there_is(witness, told):
    witness.open_box(told.words)
    seen = 0
    for method, path, endpoint in every_request(witness.app):
        if endpoint.endswith(".leave"):
            continue
        page = witness.client.open(path, method=method).data.decode("utf-8", "replace")
        if "<html" in page:
            assert LEAVE.search(page).start() == page.index("<a "), path
            seen += 1
    assert seen > 20


def test_no_title_says_what_a_page_asks_about():
    found = {
        re.search(r"{{ (.*?) }}", stated)[1]
        for page in TEMPLATES.glob("*.html")
        for stated in re.findall(r"{% block title %}(.*?){% endblock %}", page.read_text("utf-8"))
        if stated
    }
    assert found == QUIET_TITLES


def test_the_pages_about_the_body_and_about_who_one_is_have_the_same_title(witness, told):
    witness.open_box(told.words)
    pages = [witness.get(f"/return/more/{name}?lang=en").source for name in ("health", "identity")]
    assert {re.search(r"<title>(.*?)</title>", page)[1] for page in pages} == {"More, if you wish"}


def test_the_icon_is_a_small_picture_that_says_nothing(witness):
    shown = witness.client.get("/icon.png")
    assert (shown.content_type, len(shown.data) < 500) == ("image/png", True)
    assert shown.data.startswith(b"\x89PNG")
    assert zlib.crc32(b"IEND") == int.from_bytes(shown.data[-4:], "big"), "no text follows"


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_one_begins_it_is_said_how_long_it_is_kept_and_what_is_not(
    make_witness, services, language
):
    settings = set_to(services, "retention", years=37)
    page = make_witness(settings=settings).get(f"/?lang={language}")
    assert "37" in page.text
    assert "Esc" in page.text
    assert "Tor Browser" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_to_call_are_those_that_were_set_and_without_any_nothing_is_said(
    make_witness, services, language
):
    lines = ("First line – 000", "<b>Second</b> – 111")
    witness = make_witness(settings=set_to(services, "intake", helplines=lines))
    told = witness.tell(language=language)
    after = witness.post(f"/tell/victim/sent?lang={language}", {"send_id": told.hidden("send_id")})
    for page in (witness.get(f"/?lang={language}"), after, witness.get("/return/done?lang=en")):
        assert "<bdi>First line – 000</bdi>" in page.source
        assert "&lt;b&gt;Second" in page.source
    title = {"kk": "Қазір біреу", "ru": "Если вам сейчас", "en": "If you need somebody"}[language]
    assert title in after.text
    assert title not in make_witness().get(f"/?lang={language}").text


def test_the_onion_address_is_named_and_offered_where_nothing_is_typed_yet(make_witness, services):
    witness = make_witness(settings=set_to(services, "intake", onion=ONION))
    assert f"{ONION}</bdi>" in witness.get("/?lang=ru").source
    for path in ("/?lang=ru", "/tell", "/tell/victim?lang=kk", "/return"):
        assert witness.get(path).headers["Onion-Location"] == ONION + path
    words = witness.tell().words
    witness.open_box(words)
    for path in ("/return/box", "/return/more", "/nowhere", "/style.css", "/leave"):
        assert "Onion-Location" not in witness.get(path).headers
    at_onion = witness.client.get("/", base_url=ONION)
    assert "Onion-Location" not in at_onion.headers


def test_without_an_onion_address_none_is_named(witness):
    page = witness.get("/?lang=en")
    assert ".onion" not in page.source
    assert "Onion-Location" not in page.headers


def test_no_picture_carries_a_meaning_that_its_text_does_not():
    pictures = [page.name for page in TEMPLATES.glob("*.html") if "<img" in page.read_text("utf-8")]
    assert pictures == []  # Tor Browser's safest level shows neither SVG nor MathML
