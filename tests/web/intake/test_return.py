"""Coming back: the words, the box, leaving. What can be added has its own file."""

import re

import pytest

from vault import clock, errors
from vault.agents.sessions import SessionKeys
from vault.crypto.receipt import Receipt, encode
from vault.forms.codes import LANGUAGES
from vault.testimony import Box, Opening, Reply, Sent
from vault.web.shared.wording import load


class Showing:
    """The real service, except that the box holds what a test wants to see."""

    def __init__(self, back, box):
        self._back, self._box = back, box

    def __getattr__(self, name):
        return getattr(self._back, name)

    def open(self, _):
        if isinstance(self._box, Exception):
            raise self._box
        return self._box


@pytest.fixture
def words(told):
    return told.words


@pytest.fixture
def inside(witness, words):
    """A witness whose box is open."""
    assert witness.open_box(words).status == 303
    return witness


def test_the_words_open_the_box_and_set_the_only_cookie(witness, words):
    page = witness.open_box(words)
    assert (page.status, page.location) == (303, "/return/box?lang=ru")
    (cookie,) = page.cookies
    name, *attributes = cookie.split("; ")
    assert name.startswith("wv_return=")
    assert attributes == ["HttpOnly", "Path=/return", "SameSite=Strict"]


def test_the_words_stand_in_no_address_and_in_no_page_after(inside, words):
    for path in ("/return/box", "/return/more/story", "/return"):
        source = inside.get(path).source
        assert not [word for word in words if f">{word}<" in source]


def test_an_unopened_box_says_that_nobody_opened_it(inside):
    page = inside.get("/return/box?lang=en")
    assert "Nobody has opened it yet" in page.text
    assert "No reply yet" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_box_says_how_often_to_come_back_and_whether_somebody_opened_it(inside, language):
    wording = load("intake")[language]
    text = inside.get(f"/return/box?lang={language}").text
    assert wording.text("box.no_openings") in text
    assert wording.text("box.weekly") in text


def test_before_the_words_are_entered_nothing_tells_whether_there_is_something_new(
    make_witness, services, words
):
    new = Box(replies=(Reply("2026-11-20", "lawyer", "Здравствуйте."),))
    pages = []
    for back in (services.back, Showing(services.back, new)):
        witness = make_witness(back=back)
        witness.open_box(words)
        pages.append([witness.get(path).source for path in ("/return", "/", "/tell")])
        assert ("Здравствуйте" in witness.get("/return/box").source) == (back is not services.back)
    stranger = make_witness()
    pages.append([stranger.get(path).source for path in ("/return", "/", "/tell")])
    assert pages[0] == pages[1] == pages[2]


def test_words_without_a_box_show_the_same_page(make_witness):
    teller, stranger = make_witness(), make_witness()
    teller.open_box(teller.tell(**{"consent.C02": "yes"}).words)
    stranger.open_box(encode(Receipt.generate().entropy, "ru"))
    theirs, empty = (one.get("/return/box?lang=en") for one in (teller, stranger))
    of_a_visit = re.compile(r'(?<=name=")(token|send_id)" value="[^"]+')
    assert len(theirs.source) == len(empty.source)
    assert of_a_visit.sub("", theirs.source) == of_a_visit.sub("", empty.source)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "There should be twelve words"),
        ("дом дом", "missing or too many. There are 2 here now."),
        ("able " * 11 + "абзац", "Word 12 is from another language"),
        ("абракадабра " + "дом " * 11, "Word 1 is not in the list"),
        ("абзац " * 12, "their order, is not right"),
        ("0000 " * 12, "Word 1 is not in the list"),
    ],
)
def test_words_that_cannot_be_read_stay_and_the_page_says_why(witness, typed, sentence):
    page = witness.post("/return?lang=en", {"receipt": typed})
    assert page.status == 400
    assert sentence in page.text
    assert page.textarea("receipt") == typed
    assert page.cookies == []


def test_changing_the_language_keeps_what_was_typed_and_stands_in_no_address(witness):
    page = witness.post("/return?lang=en", {"receipt": "дом"})
    assert 'form="words" formaction="/return?lang=kk"' in page.source
    assert "hreflang" not in page.source
    assert "hreflang" in witness.get("/return?lang=en").source
    again = witness.post("/return?lang=kk", {"receipt": "дом"})
    assert again.textarea("receipt") == "дом"


def test_a_page_too_old_to_open_the_box_asks_for_the_words(witness):
    page = witness.post("/return?lang=en", {"send_id": "old"})
    assert page.status == 403
    assert "Enter your words" in page.text
    assert page.textarea("receipt") == ""


class Away(SessionKeys):
    def seal(self, *_):
        raise errors.AgentError


def test_words_stay_while_the_agent_is_away(make_witness, words):
    page = make_witness(agent=Away()).post("/return?lang=en", {"receipt": " ".join(words)})
    assert (page.status, page.textarea("receipt")) == (503, " ".join(words))


def test_words_with_broken_bytes_are_refused(witness):
    page = witness.post(
        "/return?lang=en", b"receipt=%FF", content_type="application/x-www-form-urlencoded"
    )
    assert page.status == 400
    assert page.cookies == []


@pytest.mark.parametrize("path", ["/return/box", "/return/more/story"])
def test_without_the_words_nothing_is_shown(witness, path):
    page = witness.get(f"{path}?lang=en")
    assert page.status == 403
    assert "Enter your words to open it again" in page.text


def test_the_box_shows_replies_openings_handlers_and_what_was_added(make_witness, services, words):
    shown = Box(
        replies=(Reply("2026-11-20", "lawyer", "Здравствуйте.\n<b>Мы</b> \u202eздесь."),),
        openings=(Opening("2026-11-18", "intake_officer", "account"),),
        sent=(Sent("addendum", "2026-11-21"), Sent("addendum", "2026-11-21")),
        handlers=("lawyer", "deputy"),
        unverified=1,
    )
    witness = make_witness(back=Showing(services.back, shown))
    witness.open_box(words)
    page = witness.get("/return/box?lang=en")
    assert '<div class="text" dir="auto">Здравствуйте.\n&lt;b&gt;Мы' in page.source
    assert "[U+202E]" in page.text
    assert "Lawyer, 20.11.2026" in page.text
    assert "18.11.2026 The person who gives accounts to lawyers: your account" in page.text
    assert "In charge now: lawyer, deputy of the lawyer" in page.text
    assert "21.11.2026 something you added × 2" in page.text
    assert "cannot be proven to come from the team" in page.text
    assert "Nobody has opened it yet" not in page.text


def test_the_newest_stand_first_and_what_is_older_is_folded(make_witness, services, words):
    days = [f"2026-11-0{number}" for number in range(1, 6)]
    shown = Box(
        openings=(
            *(Opening(day, "lawyer", "account") for day in days),
            Opening(days[-1], "lawyer", "medical"),
        ),
        sent=tuple(Sent("addendum", day) for day in days),
    )
    witness = make_witness(back=Showing(services.back, shown))
    witness.open_box(words)
    page = witness.get("/return/box?lang=en")
    assert page.source.count("<summary>Before that: 2</summary>") == 2
    assert "05.11.2026 Lawyer: your account; the part about health" in page.text
    for what in ("Lawyer: your account", "something you added"):
        places = [page.text.index(f"0{number}.11.2026 {what}") for number in range(1, 6)]
        assert places == sorted(places, reverse=True)


def test_what_was_added_again_on_a_day_stands_where_its_last_one_does(
    make_witness, services, words
):
    kinds = ("addendum", "paused", "kept", "deletion", "addendum")
    shown = Box(sent=tuple(Sent(kind, "2026-11-21") for kind in kinds))
    witness = make_witness(back=Showing(services.back, shown))
    witness.open_box(words)
    text = witness.get("/return/box?lang=en").text
    assert text.index("something you added × 2") < text.index("you asked for deletion")


def test_roles_and_parts_unknown_here_still_have_words(make_witness, services, words):
    shown = Box(openings=(Opening("2026-11-18", "new_role", "new_part"),))
    witness = make_witness(back=Showing(services.back, shown))
    witness.open_box(words)
    page = witness.get("/return/box?lang=en")
    assert "Member of the team: a part of your account" in page.text


def test_a_damaged_box_is_said_and_not_shown(make_witness, services, words):
    witness = make_witness(back=Showing(services.back, errors.SealError()))
    witness.open_box(words)
    assert "changed or damaged" in witness.get("/return/box?lang=en").text


def test_looking_at_the_box_keeps_it_open_but_not_beyond_its_absolute_end(inside, monkeypatch):
    begun = clock.now()
    for seconds in range(600, 3600, 600):
        monkeypatch.setattr(clock, "now", lambda at=begun + seconds: at)
        assert inside.get("/return/box").status == 200
    monkeypatch.setattr(clock, "now", lambda: begun + 3601)
    assert inside.get("/return/box").status == 403


def test_a_restart_closes_every_box(inside, make_witness):
    cookie = inside.client.get_cookie("wv_return", path="/return").value
    restarted = make_witness(agent=SessionKeys())
    restarted.client.set_cookie("wv_return", cookie, path="/return")
    assert restarted.get("/return/box").status == 403


def test_the_cookie_is_of_no_use_to_who_takes_it_without_the_agent(inside, words):
    entropy = Receipt.from_text(" ".join(words)).entropy
    value = inside.client.get_cookie("wv_return", path="/return").value
    assert entropy.hex() not in value
    assert entropy not in value.encode()
