"""Pressing Escape three times leaves at once; once, twice or slowly it does nothing."""

import pytest

from tests.support.people import soon, wait_until_away
from vault.testimony import FOLLOWUP

AWAY = "https://www.wikipedia.org/"


@pytest.fixture
def away(witness):
    """A witness with JavaScript, and what their browser asked for."""
    teller, asked = witness("ru", java_script_enabled=True), []
    teller.page.context.on("request", lambda request: asked.append(request.url))
    return teller, asked


def press(page, times):
    for _ in range(times):
        page.keyboard.press("Escape")


def leave(teller, asked):
    """Press three times in a row: again if this machine was too slow for them to be one."""

    def left():
        press(teller.page, 3)
        return soon(lambda: teller.page.wait_for_timeout(50) or AWAY in asked, 5)

    assert soon(left)
    wait_until_away(teller.page)


def test_from_the_middle_of_a_text_it_leaves_at_the_third_press(away):
    teller, asked = away
    page = teller.page
    page.goto(f"{teller.address}/tell/{FOLLOWUP}?lang=ru")
    page.fill("#story", "Рассказ.")
    page.focus("#story")
    press(page, 2)
    page.wait_for_timeout(100)
    assert page.input_value("#story") == "Рассказ."
    leave(teller, asked)
    assert f"{teller.address}/leave" in asked


def test_from_a_box_the_visit_is_ended(away):
    teller, asked = away
    page = teller.page
    teller.come_back(" ".join(teller.tell("victim", "Рассказ.", "not_yet")))
    page.wait_for_selector('a.leave[href="/return/leave"]')
    leave(teller, asked)
    assert f"{teller.address}/return/leave" in asked
    tab = page.context.new_page()  # the first one is still on its way to where nothing answers
    tab.goto(f"{teller.address}/return/box?lang=ru")
    assert tab.locator("h1").inner_text() != "Ваш ящик"


def test_slow_presses_and_a_key_held_down_do_nothing(away):
    teller, _ = away
    teller.begin()
    page = teller.page
    for _ in range(4):
        press(page, 1)
        page.wait_for_timeout(1100)
    held = "new KeyboardEvent('keydown', {key: 'Escape', repeat: true})"
    page.evaluate(f"for (let i = 0; i < 9; i++) dispatchEvent({held})")
    assert page.url.startswith(teller.address)


def test_without_scripts_the_page_is_whole_and_the_link_leaves(witness):
    teller = witness("ru")
    teller.begin()
    press(teller.page, 3)
    assert teller.page.url.startswith(teller.address)
    assert teller.page.locator("a.leave").is_visible()


@pytest.mark.parametrize("by", ["key", "link"])
def test_with_scripts_back_after_leaving_the_words_does_not_lead_to_them(away, by):
    """Else it asks whether to send once more, and one press shows all twelve."""
    teller, asked = away
    page, words = teller.page, " ".join(teller.tell("victim", "Рассказ.", "not_yet"))
    assert words in page.content()
    if by == "key":
        leave(teller, asked)
    else:
        page.click("a.leave", no_wait_after=True)
        wait_until_away(page)
    page.go_back(wait_until="commit")
    page.wait_for_url(f"{teller.address}/**")  # the page of the failed address is taken down
    page.reload()
    assert page.input_value("#story") == ""
    assert words not in page.content()
