"""Leaving: what is still there for whoever sits down at the same browser next."""

import pytest

from tests.support.people import wait_until_away

STORY = "Не успел дописать"


def leave(page, link):
    """Follow a link out, to where nothing answers here, until the browser's own page says so."""
    page.click(link, no_wait_after=True)
    wait_until_away(page)


def answers_of(page):
    """Collect the answers that a page gets, by path."""
    found = {}
    page.on("response", lambda answer: found.setdefault(answer.url.partition("?")[0], answer))
    return found


def test_a_story_not_sent_is_gone_after_leaving_and_going_back(witness):
    teller = witness()
    answers, asked = answers_of(teller.page), []
    teller.page.on("request", lambda request: asked.append(request.url))
    teller.page.goto(f"{teller.address}/tell/victim?lang=ru")
    teller.write(STORY)
    leave(teller.page, "a.leave")
    leaving = answers[f"{teller.address}/leave"]
    assert leaving.all_headers()["clear-site-data"] == '"cache", "storage"'
    assert asked[-1] == "https://www.wikipedia.org/"
    teller.page.go_back()
    assert teller.page.url == f"{teller.address}/tell/victim?lang=ru"
    assert teller.page.input_value("#story") == ""
    assert not teller.page.is_checked('[name="consent.C01"]')


def test_after_leaving_the_box_neither_back_nor_its_cookie_shows_it_again(witness, new_context):
    teller = witness()
    words = teller.tell("victim", "Рассказ.")
    teller.come_back(" ".join(words))
    assert teller.page.inner_text("h1") == "Ваш ящик"
    stolen = teller.page.context.cookies()
    answers = answers_of(teller.page)
    leave(teller.page, "main a.plain")
    assert "storage" in answers[f"{teller.address}/return/leave"].all_headers()["clear-site-data"]
    assert teller.page.context.cookies() == []

    teller.page.go_back()
    assert teller.page.inner_text("h1") != "Ваш ящик"
    assert "Ящик закрыт" in teller.page.inner_text("main")

    thief = new_context()
    thief.add_cookies(stolen)
    page = thief.new_page()
    assert page.goto(f"{teller.address}/return/box?lang=ru").status == 403


@pytest.mark.parametrize("path", ["/", "/tell", "/return", "/nowhere"])
def test_every_page_has_a_way_out_that_forgets(witness, path):
    teller = witness()
    teller.page.goto(f"{teller.address}{path}")
    answers = answers_of(teller.page)
    leave(teller.page, "a.leave")
    assert "clear-site-data" in answers[f"{teller.address}/leave"].all_headers()
