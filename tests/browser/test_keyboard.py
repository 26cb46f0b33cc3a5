"""The whole way of a witness by keyboard alone, large letters, and targets that a thumb hits."""

from __future__ import annotations

import pytest

from tests.browser.test_files import photo
from tests.support import axe
from tests.support.people import FORWARD, GO_ON, STOP

MOST_TABS = 150
# What has focus: whether it is the one, comes later in the text than the last, and can be seen.
FOCUSED = """wanted => {
  const now = document.activeElement, last = window.lastFocused, box = now.getBoundingClientRect();
  const later = !last || last === now ||
    Boolean(last.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING);
  window.lastFocused = now;
  const seen = box.bottom > 0 && box.top < innerHeight && now.matches(':focus-visible');
  return [now.matches(wanted), later || now === document.body, seen || now === document.body];
}"""
# WCAG 2.2, 2.5.8 asks for 24 px; ours are 44 where a finger goes. A link inside a sentence is text.
SMALL = """() => {
  const labelled = e => e.matches('.choice input') ? e.closest('label') : e;
  const inSentence = e => e.matches('p > a, li > a') && e.parentElement.innerText.trim()
    !== e.innerText.trim() && !e.matches('.go, .link');
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(e => e.type !== 'hidden' && e.checkVisibility() && !inSentence(e))
    .filter(e => labelled(e).getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 90));
}"""
LARGE = """() => {
  document.documentElement.style.fontSize = '200%';
  const wide = document.documentElement.scrollWidth;
  document.documentElement.style.fontSize = '';
  return wide;
}"""


class Hands:
    """Presses keys only, and holds that focus moves forward through the text and can be seen."""

    def __init__(self, page):
        self.page = page

    def reach(self, wanted):
        self.page.wait_for_load_state()
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            there, later, seen = self.page.evaluate(FOCUSED, wanted)
            assert later, f"focus goes back before {wanted} at {self.page.url}"
            assert seen, f"focus is not seen before {wanted} at {self.page.url}"
            if there:
                return
        raise AssertionError(f"no key leads to {wanted} at {self.page.url}")

    def press(self, wanted, key="Enter"):
        self.reach(wanted)
        if key == "Enter":
            with self.page.expect_navigation():
                self.page.keyboard.press(key)
        else:
            self.page.keyboard.press(key)

    def type(self, wanted, text):
        self.reach(wanted)
        self.page.keyboard.type(text)


def test_one_tells_keeps_the_words_adds_and_comes_back_by_keyboard_alone(witness):
    teller = witness("ru", java_script_enabled=True)
    page, hands = teller.page, Hands(teller.page)
    teller.begin()
    hands.press(FORWARD)
    hands.press('a[href^="/tell/victim"]')
    hands.type("#story", "Меня зовут Ару.")
    hands.press('[name="consent.C01"]', "Space")
    hands.press('[name="consent.C02"]', "ArrowDown")
    hands.press("main > form > .actions button")
    hands.press("#named button")  # the hint: sent as it is
    words = teller.shown_words()
    hands.type("#word_3", words[2])
    hands.type("#word_9", words[8])
    hands.press("main form button")
    hands.press('button[value="more"]')
    hands.press('[name="urgency_self"]', "Space")
    hands.press(GO_ON)
    hands.type("#story", "Ещё.")
    hands.press(STOP)
    hands.reach('a[href^="/return/leave"]')
    page.goto(f"{teller.address}/return?lang=ru")
    hands.type("#receipt", " ".join(words))
    hands.press("main form button")
    assert page.url.startswith(f"{teller.address}/return/box")
    hands.press(FORWARD)
    assert page.url.startswith(f"{teller.address}/return/more")


def test_one_sends_files_by_keyboard_alone(witness):
    teller = witness("ru", java_script_enabled=True)
    page, hands = teller.page, Hands(teller.page)
    page.on("filechooser", lambda _: None)  # so early that the browser surely knows of it below
    words = teller.tell("victim", "Снимки приложу.")
    teller.confirm(words)
    hands.press('button[value="files"]')
    hands.reach("#file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([photo("1.jpg"), photo("2.jpg")])
    page.wait_for_selector("#seen section")
    hands.press("#files .actions button")
    hands.press('[name="keep"]', "ArrowDown")  # for both of them: the original
    hands.press("section.file:last-of-type summary", "Space")
    hands.press('[name="keep-1"]', "ArrowUp")  # of this one: nothing
    hands.press('button[name="then"][value="on"]')
    assert page.locator("main .panel").count() == 1
    assert "sent=new" in page.url


class Sizes:
    """Looks at targets and at large letters, and remembers what is wrong with which page."""

    def __init__(self, page):
        self.page, self.faults = page, {}

    def look(self):
        self.page.wait_for_load_state()
        where, usual = self.page.url, self.page.viewport_size
        if small := self.page.evaluate(SMALL):
            self.faults[where] = small
        for width in (320, 640):  # 400 % and 200 % of a common screen
            self.page.set_viewport_size({"width": width, "height": 512})
            if self.page.evaluate("document.documentElement.scrollWidth") > width:
                self.faults[f"{where} {width}"] = "too wide"
        if (wide := self.page.evaluate(LARGE)) > 640:
            self.faults[f"{where} large letters"] = wide
        self.page.set_viewport_size(usual)

    def at_each(self, address, paths, language):
        for path in paths:
            self.page.goto(f"{address}{path}?lang={language}")
            self.look()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_targets_are_large_and_letters_of_twice_the_size_fit(witness, language):
    teller = witness(language, java_script_enabled=True)
    page, sizes = teller.page, Sizes(teller.page)
    pages = ("/", "/tell", "/return", "/nowhere", "/tell/victim")
    sizes.at_each(teller.address, pages, language)
    teller.write("Меня зовут Ару, 8 700 000 00 00.", "not_yet")
    page.click("main > form > .actions button")
    sizes.look()
    if language == "ru":
        assert axe.violations(page) == {}
    words = teller.send()
    sizes.look()
    teller.confirm(["x"] * 12)
    sizes.look()
    teller.confirm(words)
    sizes.look()
    teller.come_back(" ".join(words))
    pages = ("box", "more", "more/people", "more/places", "more/consent", "delete")
    sizes.at_each(f"{teller.address}/return/", pages, language)
    assert sizes.faults == {}
