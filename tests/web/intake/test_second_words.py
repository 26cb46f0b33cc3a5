"""The second words, for somebody who forces the witness: offered beside the twelve, only then."""

import re
from pathlib import Path

import pytest

from vault import clock

LANGUAGES = ("kk", "ru", "en")
TEMPLATES = Path("vault/web/intake/templates")
STATIC = Path("vault/web/shared/static")
SPEAKING = re.compile("second (set|word)|втор(ые|ых|ой набор)|екінші|decoy|duress")


@pytest.fixture
def send_id(witness):
    return witness.send_id()


@pytest.fixture
def words(witness, send_id):
    return witness.tell(send_id=send_id).words


def second(witness, send_id, language="ru"):
    typed = {"send_id": send_id, "which": "second"}
    return witness.post(f"/tell/victim/words?lang={language}", typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_words_offers_second_ones_in_three_sentences(witness, language):
    page = witness.tell(language=language)
    offer = page.source.partition('<section class="panel">')[2]
    assert 'name="which" value="second"' in offer
    assert len(re.findall(r"\. |\.<", offer.partition("</p>")[0] + "<")) == 3


def test_the_second_words_are_others_and_the_same_after_a_reload(witness, send_id, words):
    pages = [second(witness, send_id) for _ in range(2)]
    assert pages[0].source == pages[1].source
    assert len(pages[0].words) == 12
    assert pages[0].words != words


def test_from_them_one_comes_back_to_the_own_words(witness, send_id, words):
    assert second(witness, send_id).hidden("send_id") == send_id
    assert witness.post("/tell/victim/words?lang=ru", {"send_id": send_id}).words == words


def test_looking_at_them_leaves_nothing_behind(witness, send_id, words, config):
    def everything():
        return {p: p.read_bytes() for p in config.paths.letterbox.rglob("*") if p.is_file()}

    before = everything()
    page = second(witness, send_id)
    assert everything() == before
    assert page.cookies == []


def test_a_history_cannot_tell_which_words_were_looked_at(witness, send_id, words):
    own = witness.post("/tell/victim/words?lang=ru", {"send_id": send_id})
    title = re.compile(r"<title>(.*?)</title>")
    assert title.search(own.source)[1] == title.search(second(witness, send_id).source)[1]


@pytest.mark.parametrize("old", ["", "nonsense"])
def test_of_a_page_too_old_no_second_words_are_shown(witness, words, old):
    page = second(witness, old, "en")
    assert "Your words still work" in page.text
    assert "receipt" not in page.source


def test_after_the_stated_time_nobody_can_show_the_second_words(
    witness, send_id, words, monkeypatch
):
    shown, later = second(witness, send_id).words, clock.now() + 7201
    monkeypatch.setattr(clock, "now", lambda: later)
    page = second(witness, send_id, "en")
    assert "Your words still work" in page.text
    assert shown[0] not in page.source


def test_a_copy_under_other_words_offers_none_as_they_could_not_be_shown_again(
    witness, monkeypatch
):
    old, later = witness.send_id(), clock.now() + 7201
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "second" not in witness.tell(send_id=old, language="en").source


def test_no_other_page_speaks_of_second_words():
    speaking = {p.name for p in TEMPLATES.glob("*.html") if "second" in p.read_text("utf-8")}
    assert speaking == {"words.html", "second.html"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_any_visit_is_sent_speaks_of_none(witness, words, language):
    witness.open_box(words)
    visit = (f"/return/{name}?lang={language}" for name in ("box", "delete", "files", "more"))
    pages = [witness.get(path).source.casefold() for path in (*visit, f"/return?lang={language}")]
    scripts = [path.read_text("utf-8").casefold() for path in STATIC.glob("*.[jc]s*")]
    assert len(scripts) > 3
    assert [text for text in (*pages, *scripts) if SPEAKING.search(text)] == []
    assert SPEAKING.search(witness.tell(language=language).source.casefold())


def test_the_check_of_the_kept_words_takes_the_own_ones_only(witness, send_id, words):
    other = second(witness, send_id).words
    typed = {"send_id": send_id, "word_3": other[2], "word_9": other[8]}
    page = witness.post("/tell/victim/kept?lang=en", typed)
    assert "does not match" in page.text
    assert "second" not in page.source


def test_the_second_words_open_an_ordinary_empty_box(witness, send_id, words):
    page = witness.open_box(second(witness, send_id).words)
    assert (page.status, page.location) == (303, "/return/box?lang=ru")
    theirs = witness.get("/return/box?lang=ru")
    witness.open_box(words)
    own = witness.get("/return/box?lang=ru")
    changing = re.compile(r'name="(token|stand|send_id)" value="[^"]*"')
    assert changing.sub("", theirs.source) == changing.sub("", own.source)


def test_everything_appears_to_succeed_in_the_second_box(witness, send_id, words):
    pages = []
    for chosen in (words, second(witness, send_id).words):
        witness.open_box(chosen)
        box = witness.get("/return/box?lang=en")
        allowed = witness.post("/return/allow?lang=en", {"token": box.hidden("token")})
        pages.append((allowed.status, allowed.location))
        pages.append(witness.get("/return/box?lang=en").text)
    assert pages[:2] == pages[2:]
    assert "you allowed reading" in pages[1].lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_counts_bytes_does_not_learn_that_they_were_looked_at(witness, language):
    send_id = witness.send_id()
    told = witness.tell(language=language, send_id=send_id)
    other = second(witness, send_id, language)
    own = {"send_id": send_id, "which": re.search(r'name="which" value="(\w+)"', other.source)[1]}
    again = witness.post(f"/tell/victim/words?lang={language}", own)
    assert (again.words, len(own["which"])) == (told.words, len("second"))
    assert told.size == other.size == again.size


def test_every_form_for_words_names_which_by_as_many_letters(witness, send_id, words):
    wrong = witness.post("/tell/victim/kept?lang=ru", {"send_id": send_id, "word_3": "no"})
    for page in (wrong, second(witness, send_id)):
        assert len(re.search(r'name="which" value="(\w+)"', page.source)[1]) == len("second")
