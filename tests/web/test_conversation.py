"""Both sides of a conversation over their real pages: the witness writes, the lawyer answers."""

import html
import re

import pytest

from tests.support.browser import Browser
from tests.support.house import House
from tests.web.intake.conftest import Witness
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages
from vault.crypto.receipt import encode
from vault.web import intake, staff

TEXTS = {
    "lines": "Первая строка.\n\nТретья.\n  с отступом",
    "right to left": "שלום עולם، مرحبا بالعالم",
    "emoji": "🕊 👩‍👩‍👧 ✅",
    "signs": '<b>&amp; "кавычки" \' {{ 7 * 7 }}',
    "kazakh": "Ұлттық қауіпсіздік — ӘҒҚҢӨҰҮҺІ",
}
MARKED = "слева \u202eнаправо"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    yield built
    built.close()


@pytest.fixture
def both(house):
    """A witness with a box, and the lawyer who has their case."""
    talk = Talk(house)
    talk.give()
    return talk


class Talk:
    def __init__(self, house):
        self.house, self.receipt = house, house.send()
        self.words, self.case = encode(self.receipt.entropy, "ru"), None
        services = intake.Services.connect(house.settings, house.intake_agent)
        self.witness = Witness(intake.create_app(services), house.letterbox)
        self.lawyer = Browser(staff.create_app(house.vault), "/staff")
        assert self.lawyer.sign_in("lawyer").status_code == 303

    def give(self):
        """Let the officer give the case to lawyer and deputy."""
        officer, lawyer, deputy = (self.house.actors[w] for w in ("officer", "lawyer", "deputy"))
        new = inbox.new_cases(self.house.vault, officer)
        (self.case,) = (line.id for line in new if line.status == "new")
        assign.give(self.house.vault, officer, self.case, lawyer.id, deputy.id)
        self.house.collect()

    def box(self):
        """Come back with the words and look into the box."""
        assert self.witness.open_box(self.words).status == 303
        return self.witness.get("/return/box?lang=en")

    def add(self, text):
        self.box()
        page = self.witness.get("/return/more/story?lang=en")
        sent = self.witness.post(
            "/return/more/story?lang=en",
            {"token": page.hidden("token"), "send_id": page.hidden("send_id"), "story": text},
        )
        assert sent.status in {200, 303}
        self.house.collect()

    def line(self):
        """What the list says of the case."""
        page = self.lawyer.get("/staff/cases?lang=en").text
        start = page.index(f"/staff/cases/{self.case}")
        return page[start : page.index("</tr>", start)]

    def open(self):
        return self.lawyer.get(f"/staff/cases/{self.case}?lang=en").text

    def reply(self, text):
        self.open()
        sent = self.lawyer.post(f"/staff/cases/{self.case}/reply", {"text": text})
        assert sent.status_code == 303
        self.house.collect()


def said(page):
    """Every text that somebody wrote, as a reader sees it."""
    found = re.findall(r'<div class="text" dir="auto">(.*?)</div>', page, re.DOTALL)
    return [html.unescape(text) for text in found]


def test_nobody_has_opened_it_and_nobody_answered_until_somebody_does(house):
    talk = Talk(house)
    before = talk.box().text
    assert "Nobody has opened it yet." in before
    assert "No reply yet." in before
    assert "Come back about once a week" in before
    assert "we never call or write to you by e-mail, SMS or messenger" in before
    talk.give()
    talk.open()
    talk.house.collect()
    after = talk.box().text
    assert "Nobody has opened it yet." not in after
    assert "No reply yet." in after


def test_what_is_said_goes_to_and_fro_and_is_unread_until_it_is_looked_at(both):
    both.open()
    assert "unread" not in both.line()
    both.add("Вчера снова звонили.")
    assert "1 unread" in both.line()
    page = both.open()
    assert "New since you last looked: 1" in page
    assert page.count('class="new"') >= 1
    assert "unread" not in both.line()
    both.reply("Мы это прочли.")
    assert "waits for you" not in both.line()
    assert said(both.box().source)[0] == "Мы это прочли."
    both.add("Спасибо.")
    assert "1 unread" in both.line()
    assert "waits for you" in both.line()


def test_a_reply_waits_for_the_slot(both):
    both.open()
    both.lawyer.post(f"/staff/cases/{both.case}/reply", {"text": "Ещё в пути."})
    assert "No reply yet." in both.box().text
    both.house.collect()
    assert "Ещё в пути." in both.box().text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_text_arrives_on_both_sides_as_it_was_written(both, text):
    both.add(text)
    assert text in said(both.open())
    both.reply(text)
    assert said(both.box().source)[0] == text


def test_signs_that_turn_a_text_around_are_shown_as_marks(both):
    both.add(MARKED)
    assert "слева [U+202E]направо" in said(both.open())
    both.reply(MARKED)
    assert "слева [U+202E]направо" in said(both.box().source)


def test_the_newest_reply_stands_first_in_the_box_and_earlier_ones_are_folded(both):
    for number in range(5):
        both.reply(f"Ответ {number}")
    page = both.box().source
    replies = [text for text in said(page) if text.startswith("Ответ")]
    assert replies == [f"Ответ {number}" for number in (4, 3, 2, 1, 0)]
    assert "Earlier replies: 2" in page
    assert page.index("Ответ 2") < page.index("<details>") < page.index("Ответ 1")


def test_two_looks_at_a_box_show_the_same_whatever_is_new(both):
    both.reply("Новый ответ.")
    first, second = (re.sub(r'value="[^"]+"', "", both.box().source) for _ in range(2))
    assert first == second


def test_how_long_a_text_may_be_is_said_before_typing_on_both_sides(both):
    settings = both.house.settings
    both.box()
    page = both.witness.get("/return/more/story?lang=en").source
    most = int(re.search(r'<textarea id="story"[^>]* maxlength="(\d+)"', page)[1])
    assert f"room for about {most // 10_000 * 5} pages" in page
    assert f"At most {settings.staff.text_limit} characters" in both.open()


def test_fifty_messages_are_all_on_the_page_in_their_order(both):
    house, back = both.house, both.house.come_back
    for number in range(25):
        back.add(both.receipt, "ru", {"story": f"С{number}."}, back.new_send_id())
        house.collect()
        messages.reply(house.vault, house.actors["lawyer"], both.case, f"О{number}.")
    page = both.open()
    thread = page[page.index('<h2 id="thread">') : page.index('<h3 id="reply">')]
    expected = [text for number in range(25) for text in (f"С{number}.", f"О{number}.")]
    assert said(thread) == expected
