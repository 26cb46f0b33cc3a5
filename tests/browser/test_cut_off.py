"""A connection that breaks while somebody sends takes nothing of what was typed with it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import NARROW
from tests.support.cutting import line_to
from tests.support.people import GO_ON, SEND, Witness, wait_until_away

TYPED = "Первая строка.\n\nВторая, с «кавычками»."


@pytest.fixture
def line(demo):
    with line_to(urlsplit(demo.intake).port) as both:
        yield both


@pytest.fixture
def teller(line, new_context):
    """Somebody on a small screen without JavaScript, on a connection that can be cut."""
    return Witness(new_context(viewport=NARROW).new_page(), line[0], "en")


@pytest.fixture
def page(teller):
    """The page about danger, with something typed into it."""
    words = teller.tell("victim", "Рассказ.")
    teller.come_back(" ".join(words))
    teller.open_page("risk")
    teller.page.fill("#safe_contact_rule", TYPED)
    teller.page.check('[name="risk"][value="return"]')
    return teller.page


def press(page, button):
    """Press a button and end at the browser's own page about a broken connection."""
    page.click(button, no_wait_after=True)
    wait_until_away(page)


def added(page, address):
    """Return what the box says of what was added."""
    page.goto(f"{address}/return/box?lang=en")
    return page.locator("ul.days").first.inner_text()


@pytest.mark.parametrize("cut", ["before", "half", "answer"])
def test_a_page_that_broke_off_arrives_once_when_it_is_loaded_again(page, line, cut):
    address, wire = line
    wire.cut = cut
    press(page, GO_ON)
    assert wire.posts >= 1
    wire.cut = None
    page.reload()
    assert page.url.startswith(f"{address}/return/more/safety")
    said = page.inner_text("main > .panel")
    assert said == (
        "This page was sent before; nothing was added twice."
        if cut == "answer"
        else "It is sealed and has been sent."
    )
    assert "something you added" in added(page, address)
    assert "×" not in added(page, address)


def test_a_page_sent_without_any_network_arrives_once_when_it_is_loaded_again(page, line):
    address, _ = line
    page.context.set_offline(True)
    press(page, GO_ON)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    page.reload()
    assert page.url.startswith(f"{address}/return/more/safety?sent=new")
    assert "×" not in added(page, address)


@pytest.mark.parametrize("cut", ["before", "half", "answer"])
def test_one_more_entry_is_there_after_the_connection_broke_with_all_that_was_typed(
    page, line, cut
):
    teller = Witness(page, line[0], "en")
    page.goto(f"{line[0]}/return/box?lang=en")
    teller.open_page("people")
    page.fill('[name="people.0.description"]', TYPED)
    line[1].cut = cut
    press(page, '[name="add"]')
    line[1].cut = None
    page.reload()
    assert page.input_value('[name="people.0.description"]') == TYPED
    assert page.input_value('[name="people.1.description"]') == ""


@pytest.mark.parametrize("cut", ["before", "half", "answer"])
def test_a_story_that_broke_off_arrives_once_with_the_same_words(teller, line, cut):
    teller.page.goto(f"{teller.address}/tell/victim?lang=en")
    teller.write(TYPED)
    line[1].cut = cut
    press(teller.page, SEND)
    line[1].cut = None
    teller.page.reload()
    words = teller.shown_words()
    said = teller.page.inner_text("main")
    assert ("was sent once" in said) == (cut == "answer")
    teller.page.reload()
    assert teller.shown_words() == words
