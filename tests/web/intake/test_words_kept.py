"""Have you kept them? The words again, and what happens next."""

import pytest

from vault import clock
from vault.crypto.receipt import Receipt, encode, encode_digits


@pytest.fixture
def send_id(witness):
    return witness.send_id()


@pytest.fixture
def words(witness, send_id):
    return witness.tell(send_id=send_id).words


def kept(witness, send_id, third, ninth, language="en"):
    typed = {"send_id": send_id, "word_3": third, "word_9": ninth}
    return witness.post(f"/tell/victim/kept?lang={language}", typed)


def test_the_third_and_the_ninth_word_are_asked_for(told):
    assert 'name="word_3"' in told.source
    assert 'name="word_9"' in told.source


@pytest.mark.parametrize("typed", [str, str.upper, "9. {}".format, " {} ".format])
def test_the_right_words_however_typed_lead_on(witness, send_id, words, typed):
    page = kept(witness, send_id, words[2], typed(words[8]))
    assert "Both words are right" in page.text


def test_digits_and_words_of_another_language_are_right_too(witness, send_id, words):
    entropy = Receipt.from_text(" ".join(words)).entropy
    for spelled in (encode_digits(entropy).split(), encode(entropy, "en")):
        assert "Both words are right" in kept(witness, send_id, spelled[2], spelled[8]).text


@pytest.mark.parametrize("wrong", [[3], [9], [3, 9]])
@pytest.mark.parametrize("typed", ["", "ыыыы", "0", "2049"])
def test_the_page_says_which_word_does_not_match(witness, send_id, words, wrong, typed):
    third, ninth = (typed if n in wrong else words[n - 1] for n in (3, 9))
    page = kept(witness, send_id, third, ninth)
    assert [n for n in (3, 9) if f"Word {n} does not match" in page.text] == wrong


def test_a_wrong_answer_stays_in_its_field_as_text(witness, send_id, words):
    page = kept(witness, send_id, '"><script>', words[8])
    assert "&#34;&gt;&lt;script&gt;" in page.source
    assert "<script>" not in page.source


def test_the_words_can_be_shown_again_while_the_page_is_fresh(witness, send_id, words):
    page = witness.post("/tell/victim/words?lang=ru", {"send_id": send_id})
    assert page.words == words
    assert witness.packets == 1


def test_one_can_go_on_without_the_check(witness, send_id, words):
    page = witness.post("/tell/victim/sent?lang=en", {"send_id": send_id})
    assert "What happens next" in page.text
    assert "Both words are right" not in page.text


@pytest.mark.parametrize("path", ["words", "kept", "sent"])
@pytest.mark.parametrize("old", ["", "nonsense"])
def test_a_page_too_old_says_that_the_words_still_work(witness, words, path, old):
    page = witness.post(f"/tell/victim/{path}?lang=en", {"send_id": old})
    assert "Your words still work" in page.text
    assert "receipt" not in page.source


def test_after_the_stated_time_nobody_can_show_the_words(witness, send_id, words, monkeypatch):
    later = clock.now() + 7201
    monkeypatch.setattr(clock, "now", lambda: later)
    page = witness.post("/tell/victim/words?lang=en", {"send_id": send_id})
    assert "Your words still work" in page.text
    assert words[0] not in page.source


def test_what_happens_next_names_the_time_until_delivery(witness, send_id, words):
    assert "within about 60 minutes" in kept(witness, send_id, words[2], words[8]).text


def test_the_box_can_be_opened_right_after(witness, send_id, words):
    page = witness.post("/return?lang=en", {"send_id": send_id})
    assert (page.status, page.location) == (303, "/return/box?lang=en")
    assert "Nobody has opened it yet" in witness.get("/return/box?lang=en").text


@pytest.mark.parametrize("path", ["/tell/victim/words", "/tell/victim/kept", "/tell/victim/sent"])
def test_the_words_have_no_address_of_their_own(witness, path):
    assert witness.get(path).status == 405
