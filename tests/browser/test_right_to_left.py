"""A made-up language, written from right to left, through the witness's own pages: mirrored whole.

Its texts are those of English in Hebrew letters, so that every page of ours is the real one.
"""

from __future__ import annotations

import dataclasses
import re
import string
import threading
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

import vault.web.intake
from tests.browser.conftest import NARROW
from tests.web.intake.conftest import configured, publish
from vault.agents.sessions import SessionKeys
from vault.forms.codes import load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.letterbox import Letterbox
from vault.testimony import Return, Tell
from vault.web.intake import Services, create_app
from vault.web.shared import language, wording

LETTERS = str.maketrans(
    string.ascii_lowercase, "אבגדהוזחטיכלמנסעפצקרשתאבגד", string.ascii_uppercase
)
TEMPLATES = Path(vault.web.intake.__file__).parent / "templates"
# Where the way out, the first label, the first answer's box and its text stand.
SIDES = """() => {
  const at = selector => document.querySelector(selector).getBoundingClientRect();
  return {
    leave: at('a.leave').left,
    first: innerWidth - at('h1').right,
    box: at('.choice input').left - at('.choice span').left,
    wide: document.documentElement.scrollWidth,
  };
}"""


def mirrored(text):
    """Return a text in the made-up language; {placeholders} stay."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(p if p.startswith("{") else p.lower().translate(LETTERS) for p in parts)


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Intake whose English is the made-up language."""
    config = configured(tmp_path_factory.mktemp("mirrored"))
    publish(config)
    forms, agent = load_forms(), SessionKeys()
    behind = (Letterbox(config.paths.letterbox, config.letterbox), agent, forms, config)
    questions = {
        code: dataclasses.replace(own, texts={k: mirrored(t) for k, t in own.texts.items()})
        for code, own in load_wordings(forms).items()
    }
    pages = {
        code: dataclasses.replace(own, texts={k: mirrored(t) for k, t in own.texts.items()})
        for code, own in wording.load("intake").items()
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wording, "load", lambda _: pages)
        patched.setattr(language, "RIGHT_TO_LEFT", frozenset({"en"}))
        app = create_app(
            Services(
                settings=config,
                agent=agent,
                forms=forms,
                codes=load_codes(),
                questions=questions,
                tell=Tell(*behind),
                back=Return(*behind),
            )
        )
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        serving.join()


def test_every_page_is_mirrored_and_nothing_is_cut_off(address, new_context):
    page = new_context(viewport=NARROW, java_script_enabled=True).new_page()
    page.goto(f"{address}/tell/victim?lang=en")
    assert page.locator("html").get_attribute("dir") == "rtl"
    sides = page.evaluate(SIDES)
    assert sides["leave"] < NARROW["width"] / 4
    assert sides["first"] < NARROW["width"] / 4
    assert sides["box"] > 0
    page.fill("#story", "Рассказ.")
    page.check('[name="consent.C01"]')
    page.click("main button")
    digits = page.locator("#receipt-digits")
    assert digits.evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"
    words = page.inner_text("output#receipt")
    for path in ("/", "/tell", "/return"):
        page.goto(f"{address}{path}?lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
    page.fill("#receipt", words)
    page.click("main button")
    for path in ("box", "more", "more/people", "more/safety", "more/identity", "delete"):
        page.goto(f"{address}/return/{path}?lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
        assert page.locator("a.leave").bounding_box()["x"] < NARROW["width"] / 4, path


def test_what_people_write_and_read_has_its_own_direction():
    for path in TEMPLATES.glob("*.html"):
        source = path.read_text("utf-8")
        for tag in re.findall(r"<textarea.*>|<input type=\"text\".*>", source):
            assert 'dir="auto"' in tag, path.name
        for shown in re.findall(r"(.*)\{\{ [^}]*\|visible", source):
            assert "<bdi>" in shown, path.name
        for day in re.findall(r"(.{6})\{\{ [a-z_.]*day\|date", source):
            assert "<bdi>" in day, path.name


def test_the_languages_of_today_are_written_from_left_to_right(address, new_context):
    page = new_context(viewport=NARROW).new_page()
    page.goto(f"{address}/?lang=ru")
    assert page.locator("html").get_attribute("dir") is None
