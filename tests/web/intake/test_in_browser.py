"""What only a real browser can show: without JavaScript, on a small screen, leaving."""

import dataclasses
import threading

import pytest
from playwright.sync_api import Error
from werkzeug.serving import WSGIRequestHandler, make_server

from vault.web.intake import create_app

pytestmark = pytest.mark.browser

STORY = "Меня везли минут двадцать."
NARROW = {"width": 360, "height": 740}


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def address(services):
    """A running intake that leaves to its own health page: tests reach no other place."""
    server = make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    settings = services.settings
    intake = dataclasses.replace(
        settings.intake, leave_to=f"{address}/healthz", request_limit=65_536
    )
    changed = dataclasses.replace(settings, intake=intake)
    server.app = create_app(dataclasses.replace(services, settings=changed))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(new_context, address):
    return new_context(base_url=address, viewport=NARROW, locale="ru-RU").new_page()


def write(page):
    page.goto("/tell/victim?lang=ru")
    page.fill("#story", STORY)


def send(page):
    write(page)
    page.check('[name="consent.C01"]')
    page.check('[name="consent.C02"][value="not_yet"]')
    page.click("main button")
    return page.inner_text("#receipt")


def test_a_witness_tells_checks_the_words_opens_the_box_adds_and_leaves(page, address):
    words = send(page).split(" ")
    page.fill("#word_3", words[2])
    page.fill("#word_9", words[8])
    page.click("main button")
    page.click('button[value="box"]')
    assert page.url == f"{address}/return/box?lang=ru"
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["expires"]) == ("wv_return", "/return", -1)
    page.click("main a.go:not(.plain)")
    page.click('a[href^="/return/more/story"]')
    page.fill("#story", "Ещё одно.")
    page.click('[name="then"][value="on"]')
    page.click('main a[href^="/return/more?"]')
    page.click('main a[href^="/return/box"]')
    assert "ваше дополнение" in page.inner_text("main")
    page.click("a.leave")
    assert page.url == f"{address}/healthz"
    assert page.context.cookies() == []


def test_going_back_after_leaving_does_not_show_the_words_without_asking(page, address):
    send(page)
    page.click("a.leave")
    assert page.url == f"{address}/healthz"
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()


def test_the_enter_key_on_a_box_to_tick_sends_nothing(page, address):
    write(page)
    page.focus('[name="consent.C01"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{address}/tell/victim/again?lang=ru"
    assert page.input_value("#story") == STORY


def test_changing_the_language_keeps_what_was_written(page):
    write(page)
    page.click("nav button[lang=kk]")
    assert page.get_attribute("html", "lang") == "kk"
    assert page.input_value("#story") == STORY


def test_a_text_too_big_for_one_request_is_answered_with_our_page(page, address):
    write(page)
    answer = page.request.post(
        f"{address}/tell/victim?lang=ru", form={"story": "ы" * 200_000, "consent.C01": "yes"}
    )
    assert answer.status == 413
    assert "ничего не отправлено" in answer.text()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_nothing_is_cut_off_on_a_small_screen_and_targets_are_large(new_context, address, language):
    page = new_context(base_url=address, viewport=NARROW, java_script_enabled=True).new_page()
    for path in ("/", "/tell", "/tell/victim", "/return", "/tell/child"):
        page.goto(f"{path}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        heights = page.eval_on_selector_all(
            "button, .go, .leave, nav a, input[type=text]",
            "found => found.filter(e => e.offsetParent).map(e => e.offsetHeight)",
        )
        assert heights
        assert min(heights) >= 44
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert page.locator(".leave").evaluate("e => e.getBoundingClientRect().top") >= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_light_and_dark(new_context, address, scheme):
    options = {"color_scheme": scheme, "java_script_enabled": True}
    page = new_context(base_url=address, **options).new_page()
    page.goto("/?lang=ru")
    names = ("ground", "panel", "ink", "quiet", "accent", "on-accent", "warm", "warm-ground")
    colours = {
        name: page.evaluate(f"getComputedStyle(document.body).getPropertyValue('--{name}')")
        for name in names
    }
    for text, ground in [
        ("ink", "ground"),
        ("ink", "panel"),
        ("ink", "warm-ground"),
        ("quiet", "ground"),
        ("accent", "ground"),
        ("accent", "warm-ground"),
        ("on-accent", "accent"),
        ("warm", "ground"),
    ]:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(one, other):
    """Contrast ratio of WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    digits = colour.strip().lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
