"""Every page: its headers, its languages, its size, what it must and must not hold."""

import re
import time
from dataclasses import replace

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from vault.forms.load import load_forms
from vault.web.shared import headers

LANGUAGES = ("kk", "ru", "en")
OPEN = ("/", "/tell", "/tell/victim", "/return")
OFFERED = [form.id for form in load_forms().ready]
HEADERS = {**headers.EVERY_ANSWER, **headers.WITH_SCRIPT}
FILES = '<script src="/page.js" defer></script>'
EVERY = (
    *OPEN,
    "/healthz",
    "/style.css",
    "/page.js",
    "/leave",
    "/return/leave",
    "/return/box",
    "/nowhere",
)


@pytest.mark.parametrize("path", EVERY)
def test_every_answer_has_exactly_these_headers(witness, path):
    page = witness.get(path)
    own = {"Content-Type", "Content-Length", "Location", "Set-Cookie", "Clear-Site-Data"}
    got = {name: value for name, value in page.headers.items() if name not in own}
    assert got == HEADERS


@pytest.mark.parametrize("path", EVERY)
def test_only_leaving_clears_what_the_browser_holds(witness, path):
    leaves = path.endswith("/leave")
    assert ("Clear-Site-Data" in witness.get(path).headers) == leaves


def test_the_answer_to_a_send_has_the_same_headers(told):
    got = {n: v for n, v in told.headers.items() if not n.startswith("Content-T")}
    del got["Content-Length"]
    assert got == HEADERS


@pytest.mark.parametrize("path", OPEN)
def test_no_page_before_the_words_sets_a_cookie(witness, told, path):
    assert witness.get(path).cookies == told.cookies == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", OPEN)
def test_every_page_is_in_the_language_asked_for(witness, path, language):
    page = witness.get(f"{path}?lang={language}")
    assert page.status == 200
    assert f'<html lang="{language}">' in page.source
    links = re.findall(r'(?:href|action)="(/[^"]*)"', page.source)
    own = [
        link for link in links if not re.match(r"/(leave|style\.css|icon\.png|return/leave)$", link)
    ]
    switches = [link for link in own if f"lang={language}" not in link]
    assert len(switches) <= 2, "only the two links to the other languages lose it"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("kk,ru;q=0.5", "kk"), ("en-GB,en", "en"), ("de,fr", "ru"), ("", "ru"), ("nonsense;;", "ru")],
)
def test_without_a_choice_the_browser_says_the_language_and_else_it_is_russian(
    witness, asked, language
):
    assert f'<html lang="{language}">' in witness.get("/", Accept_Language=asked).source


@pytest.mark.parametrize("unknown", ["xx", "", "RU", "../en", "%00", "ru%0d%0aX:1"])
def test_an_unknown_language_counts_as_none(witness, unknown):
    page = witness.get(f"/?lang={unknown}")
    assert page.status == 200
    assert '<html lang="ru">' in page.source


@pytest.mark.parametrize("path", [*OPEN, "/nowhere", "/tell/child"])
def test_the_way_out_is_on_every_page(witness, path):
    assert re.search(r'<a class="leave" href="(/leave|/return/leave)"', witness.get(path).source)


@pytest.mark.parametrize("path", OPEN)
def test_no_page_holds_another_script_style_or_anything_from_elsewhere(witness, path):
    source = witness.get(path).source
    assert source.count(FILES) == 1
    source = source.replace(FILES, "")
    assert not re.search(r"<script|<style|style=|\son\w+=|https?://|src=", source)


def test_every_field_tells_the_browser_to_remember_nothing(witness, told):
    for page in (witness.get("/tell/victim"), witness.get("/return"), told):
        fields = re.findall(r"<(?:textarea|input)[^>]*>", page.source)
        visible = [field for field in fields if 'type="hidden"' not in field]
        assert visible
        assert all('autocomplete="off"' in field for field in visible)


def test_the_form_asks_for_the_story_and_consents_and_answers_none_of_them(witness):
    source = witness.get("/tell/victim").source
    names = set(re.findall(r'name="([^"]*)"', source)) - {"viewport", "robots"}
    consents = {"consent.C01", "consent.C02", "consent.C02_identity"}
    assert names == {"send_id", "story", "reader_gender", "own", *consents}
    assert re.findall(r'name="([^"]*)" value="([^"]*)"[^>]* checked', source) == [
        ("reader_gender", "")
    ]


@pytest.mark.parametrize("form", OFFERED)
def test_every_offered_form_is_on_the_page_of_choice_and_opens(witness, form):
    assert f'href="/tell/{form}?lang=ru"' in witness.get("/tell").source
    assert witness.get(f"/tell/{form}").status == 200


@pytest.mark.parametrize("form", ["nonsense", "children", "%D1%8F", "..", "VICTIM"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_forms_do_not_exist_here_and_the_page_says_so(witness, form, method):
    ask = witness.get if method == "get" else lambda path: witness.post(path, {"story": "x"})
    page = ask(f"/tell/{form}?lang=en")
    assert page.status == 404
    assert "There is no such form" in page.text


def test_before_you_begin_says_how_many_keepers_there_are(make_witness, config):
    recovery = config.recovery
    page = make_witness().get("/?lang=en")
    assert f"{recovery.threshold} of {recovery.shares} together" in page.text


@pytest.mark.parametrize("path", ["/", "/tell/victim"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whose_organisations_keep_the_shared_key_is_said_where_it_is_set(
    make_witness, services, path, language
):
    from dataclasses import replace

    names = ("First House", "<b>Second</b>")
    settings = services.settings
    named = replace(settings, recovery=replace(settings.recovery, holders=names))
    page = make_witness(settings=named).get(f"{path}?lang={language}")
    assert "First House; <b>Second</b>" in page.text.replace("&lt;", "<")
    assert "<b>Second" not in page.source
    without = make_witness().get(f"{path}?lang={language}")
    assert "First House" not in without.text
    recovery = settings.recovery
    assert str(recovery.threshold) in without.text
    assert str(recovery.shares) in without.text


def test_a_demonstration_says_on_every_page_that_nothing_is_kept(make_witness, services, tmp_path):
    from dataclasses import replace

    settings = services.settings
    shown = replace(settings, servers=replace(settings.servers, demonstration=True))
    witness = make_witness(settings=shown)
    for path in (*OPEN, "/nowhere", "/tell/child"):
        assert "This is a demonstration" in witness.get(f"{path}?lang=en").text
    assert "This is a demonstration" in witness.tell(language="en").text


def test_the_pages_of_a_real_vault_do_not_say_so(witness):
    assert "demonstration" not in witness.get("/?lang=en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_pages_are_small(witness, language):
    for path in (*OPEN, *(f"/tell/{form}" for form in OFFERED)):
        assert witness.get(f"{path}?lang={language}").size < 15_000


def test_the_style_sheets_are_small_and_load_nothing(witness):
    page = witness.get("/style.css")
    assert page.headers["Content-Type"].startswith("text/css")
    assert page.size < 12_000
    assert not re.search(r"url\(|@import|(margin|padding)-(left|right)", page.source)


def test_the_first_page_is_quick(witness):
    witness.get("/")
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        witness.get("/")
        times.append(time.perf_counter() - begun)
    assert sorted(times)[5] < 0.015


def test_the_health_page_says_ok_and_nothing_else(witness):
    assert witness.get("/healthz").source == "ok\n"


def test_no_request_is_logged(witness, caplog):
    witness.tell()
    witness.get("/nowhere")
    witness.open_box(["а"] * 12)
    assert caplog.messages == []


@pytest.mark.parametrize("path", ["/tell", "/nowhere", "/return/box"])
@pytest.mark.parametrize("query", ["x=\u00ff", "lang=kk&x=\u00d0\u00b6"])
def test_bytes_in_an_address_that_no_browser_sends_are_passed_over(
    make_witness, services, path, query
):
    settings = replace(services.settings.intake, onion=f"http://{'a2' * 28}.onion")
    app = make_witness(settings=replace(services.settings, intake=settings)).app
    answer = run_wsgi_app(app, create_environ(path) | {"QUERY_STRING": query})
    assert answer[1].startswith({"/tell": "200", "/nowhere": "404", "/return/box": "403"}[path])
    assert answer[2].get("Onion-Location", "/tell").endswith("/tell")
