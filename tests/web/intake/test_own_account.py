"""Reading one's own account later: a choice at sending, explained; by default no box shows it."""

from __future__ import annotations

import pytest

from tests.web.intake.conftest import COMPLETE, STORY
from vault.crypto.receipt import encode
from vault.forms.codes import LANGUAGES
from vault.testimony.tell import OWN_LIMIT
from vault.web.shared.wording import load

OWN = {"own": "yes", "consent.C02": "yes"}
FORM = "/tell/victim?lang=en"


def first_line(page):
    return STORY.splitlines()[0] in page.source


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_asked_in_every_language_and_not_chosen_for_anybody(witness, language):
    page = witness.get(f"/tell/victim?lang={language}")
    (box,) = [line for line in page.source.splitlines() if 'name="own"' in line]
    assert "checked" not in box
    assert 'aria-describedby="own-hint"' in box


def test_the_page_says_who_else_can_read_it_and_what_is_not_in_it(witness):
    text = witness.get(FORM).text
    assert "and so can anybody who has them" in text
    assert "not what you add later" in text
    assert "You cannot change this afterwards" in text


def test_what_was_ticked_stays_when_the_page_is_shown_again(witness):
    page = witness.post("/tell/victim/again?lang=en", {"own": "yes"})
    assert 'name="own" value="yes" aria-describedby="own-hint" autocomplete="off" checked' in (
        page.source
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_chose_it_reads_it_folded_away_and_who_did_not_sees_nothing_of_it(
    make_witness, language
):
    chose, silent = make_witness(), make_witness()
    chose.open_box(chose.tell(**OWN).words)
    silent.open_box(silent.tell(**{"consent.C02": "yes"}).words)
    shown, bare = (one.get(f"/return/box?lang={language}") for one in (chose, silent))
    title = load("intake")[language].text("box.own")
    assert STORY in shown.source
    assert f'<details class="fold">\n<summary><h2>{title}</h2>' in shown.source
    assert not first_line(bare)
    assert title not in bare.source


def test_the_second_words_show_a_box_of_somebody_who_did_not_choose_it(make_witness):
    teller, second, stranger = make_witness(), make_witness(), make_witness()
    send_id = teller.send_id()
    teller.tell(send_id=send_id, **OWN)
    shown = teller.post("/tell/victim/words?lang=ru", {"send_id": send_id, "which": "second"})
    second.open_box(shown.words)
    stranger.open_box(encode(bytes(16), "ru"))
    pages = [one.get("/return/box?lang=en") for one in (second, stranger)]
    assert not first_line(pages[0])
    assert pages[0].size == pages[1].size


def test_a_copy_that_is_too_long_is_refused_and_the_text_stays(witness):
    typed = {**COMPLETE, **OWN, "story": "€" * 180_000, "send_id": witness.send_id()}
    page = witness.post(FORM, typed)
    assert page.status == 413
    assert page.textarea("story") == typed["story"]
    assert witness.packets == 0
    assert OWN_LIMIT // 2 > 200_000  # every Cyrillic text that a page takes can be kept


def test_the_longest_cyrillic_text_is_taken_and_read_again(witness):
    story = "ұ" * 200_000
    words = witness.tell(story=story, **OWN).words
    witness.open_box(words)
    assert story in witness.get("/return/box?lang=kk").source


def test_a_resend_that_chooses_otherwise_changes_nothing(witness):
    send_id = witness.send_id()
    words = witness.tell(send_id=send_id).words
    assert witness.tell(send_id=send_id, own="yes").words == words
    witness.open_box(words)
    assert not first_line(witness.get("/return/box?lang=en"))
    assert witness.packets == 1 + 1  # the account, and that somebody came
