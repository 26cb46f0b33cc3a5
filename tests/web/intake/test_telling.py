"""Sending: what is taken, what is refused, and that a refusal loses nothing."""

import re

import pytest

from vault import errors
from vault.crypto.receipt import Receipt, encode_digits

STORY = "Меня везли минут двадцать,\nголову держали вниз. Сенімді емеспін."
FORM = "application/x-www-form-urlencoded"


class Refusing:
    """The real service, except that sending fails."""

    def __init__(self, tell, error):
        self._tell, self._error = tell, error

    def __getattr__(self, name):
        return getattr(self._tell, name)

    def send(self, *_, **__):
        raise self._error


class Closed(Refusing):
    def check_open(self):
        raise self._error


def test_a_send_gives_twelve_words_in_the_answer_to_the_post(witness):
    page = witness.tell()
    assert (page.status, len(page.words), witness.packets) == (200, 12, 1)


def test_the_words_and_the_digits_are_the_same_receipt(told):
    receipt = Receipt.from_text(" ".join(told.words))
    assert encode_digits(receipt.entropy) in told.text


def test_the_page_after_sending_shows_nothing_of_what_was_sent(told):
    assert "голову держали" not in told.source


@pytest.mark.parametrize(("language", "latin"), [("en", True), ("ru", False), ("kk", False)])
def test_the_words_are_of_the_language_of_the_page(witness, language, latin):
    assert [word.isascii() for word in witness.tell(language=language).words] == [latin] * 12


@pytest.mark.parametrize("answers", [{"consent.C02": "yes"}, {"consent.C02": ""}, {"story": ""}])
def test_reading_may_be_allowed_left_open_or_the_story_told_later(witness, answers):
    assert witness.tell(**answers).status == 200


def test_the_same_page_sent_again_has_the_same_words_and_is_kept_once(witness):
    send_id = witness.send_id()
    first, again = witness.tell(send_id=send_id), witness.tell(send_id=send_id, language="en")
    assert Receipt.from_text(" ".join(first.words)) == Receipt.from_text(" ".join(again.words))
    assert "was sent once" in again.text
    assert witness.packets == 1


def test_changed_text_under_the_same_page_is_added_and_the_page_says_so(witness):
    send_id = witness.send_id()
    first = witness.tell(send_id=send_id)
    again = witness.tell(send_id=send_id, language="ru", story="Ещё одно.")
    assert first.words == again.words
    assert "добавлено к тому же рассказу" in again.text
    assert witness.packets == 3


@pytest.mark.parametrize("send_id", ["", "nonsense", "A" * 54])
def test_a_page_too_old_is_taken_and_says_that_a_copy_may_exist(witness, send_id):
    page = witness.post(
        "/tell/victim?lang=en", {"send_id": send_id, "story": STORY, "consent.C01": "yes"}
    )
    assert (page.status, len(page.words)) == (200, 12)
    assert "an earlier copy exists under other words" in page.text


def refused(witness, language="en", **answers):
    page = witness.tell(language=language, **answers)
    assert witness.packets == 0
    assert "receipt" not in page.source
    return page


def test_without_leave_to_keep_it_nothing_is_sent_and_everything_stays(witness):
    send_id = witness.send_id()
    page = refused(witness, send_id=send_id, **{"consent.C01": "", "consent.C02": "not_yet"})
    assert page.status == 400
    assert page.textarea("story") == STORY
    assert 'value="not_yet" autocomplete="off" checked' in page.source
    assert page.hidden("send_id") == send_id
    assert '<a href="#consent.C01">Nothing was sent.' in page.source


def test_a_story_over_the_limit_says_by_how_much_and_stays(witness, services):
    limit = services.settings.intake.story_limit
    page = refused(witness, story="ы" * (limit + 7))
    assert page.status == 413
    assert f"{limit + 7} characters; {limit} fit" in page.text
    assert len(page.textarea("story")) == limit + 7


def test_a_story_at_the_limit_is_taken(witness, services):
    assert witness.tell(story="ы" * services.settings.intake.story_limit).status == 200


def test_a_long_story_is_told_how_much_room_is_left(witness, services):
    warning = services.settings.intake.story_warning
    page = refused(witness, story="a" * (warning + 1), **{"consent.C01": ""})
    room = services.settings.intake.story_limit - warning - 1
    assert f"room for {room} more" in page.text


def test_a_body_over_the_limit_is_answered_with_a_page(witness, services):
    body = b"story=" + b"a" * services.settings.intake.request_limit
    page = witness.post("/tell/victim?lang=en", body, content_type=FORM)
    assert page.status == 413
    assert "nothing was sent" in page.text


def test_a_browser_stops_before_a_text_becomes_too_big_to_be_read(witness, services):
    source = witness.get("/tell/victim").source
    most = int(source.split('maxlength="')[1].split('"')[0])
    assert services.settings.intake.story_limit <= most
    assert most * len("%E2%82%AC") < services.settings.intake.request_limit


def test_invalid_utf8_is_refused_and_the_readable_part_stays(witness):
    body = b"consent.C01=yes&send_id=x&story=before+%FF+after"
    page = witness.post("/tell/victim?lang=en", body, content_type=FORM)
    assert (page.status, page.textarea("story")) == (400, "before � after")
    assert "cannot be kept" in page.text
    assert witness.packets == 0


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_refused_and_their_place_is_shown(witness, character):
    page = refused(witness, story=f"до{character}после")
    assert (page.status, page.textarea("story")) == (400, "до�после")
    again = witness.tell(story=page.textarea("story"))
    assert again.status == 200


@pytest.mark.parametrize(
    "story",
    [
        "</textarea><script>alert(1)</script>",
        "<b>&amp;</b> \"'{{ 7*7 }}{% raw %}",
        "\n\nfirst lines empty",
        "\u202egnirts\u202c",
        "نص بالعربية",
    ],
)
def test_a_refused_page_shows_any_text_exactly_and_never_as_markup(witness, story):
    page = refused(witness, story=story, **{"consent.C01": ""})
    assert page.textarea("story") == story
    assert "<script>" not in page.source


def test_unknown_answers_are_refused(witness):
    page = refused(witness, **{"consent.C02": "maybe"})
    assert page.status == 400
    assert page.textarea("story") == STORY


def test_multipart_is_never_read(witness):
    page = witness.post("/tell/victim", {"story": STORY}, content_type="multipart/form-data")
    assert page.status == 400
    assert witness.packets == 0


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (errors.StorageError("disk"), 503, "no room to keep this safely"),
        (errors.NotOpenYetError(), 503, "not open yet"),
        (errors.RosterExpiredError(), 503, "has expired"),
        (errors.AgentError(), 503, "cannot seal anything"),
        (errors.BusyError(), 503, "Too much is going on"),
    ],
)
def test_when_it_cannot_be_kept_the_text_stays_on_the_page(
    make_witness, services, error, status, sentence
):
    witness = make_witness(tell=Refusing(services.tell, error))
    page = refused(witness)
    assert (page.status, page.textarea("story")) == (status, STORY)
    assert sentence in page.text


@pytest.mark.parametrize("path", ["/tell", "/tell/victim"])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.NotOpenYetError(), "not open yet"),
        (errors.RosterExpiredError(), "has expired"),
        (errors.RosterError(), "does not verify"),
    ],
)
def test_a_closed_place_says_so_before_anybody_writes(
    make_witness, services, path, error, sentence
):
    page = make_witness(tell=Closed(services.tell, error)).get(f"{path}?lang=en")
    assert page.status == 503
    assert sentence in page.text


def test_the_operator_learns_that_nothing_can_be_kept_but_not_how_often(
    make_witness, services, caplog
):
    witness = make_witness(tell=Refusing(services.tell, errors.StorageError("disk")))
    refused(witness)
    refused(witness)
    assert caplog.messages == ["refused: StorageError"]


def test_a_defect_answers_with_a_plain_page_and_logs_no_text(make_witness, services, caplog):
    witness = make_witness(tell=Refusing(services.tell, RuntimeError(STORY)))
    page = refused(witness)
    assert page.status == 500
    assert caplog.messages == ["unexpected RuntimeError"]
    assert "голову держали" not in page.source + caplog.text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_changing_the_language_while_writing_keeps_everything(witness, language):
    send_id = witness.send_id()
    typed = {"send_id": send_id, "story": STORY, "consent.C01": "yes", "consent.C02": "yes"}
    typed |= {"consent.C02_identity": "yes", "reader_gender": "female"}
    page = witness.post(f"/tell/victim/again?lang={language}", typed)
    assert (page.textarea("story"), page.hidden("send_id")) == (STORY, send_id)
    chosen = re.findall(r'name="([^"]*)" value="([^"]*)"[^>]* checked', page.source)
    assert set(chosen) == {item for item in typed.items() if item[0] not in {"story", "send_id"}}
    assert f'<html lang="{language}">' in page.source
    assert witness.packets == 0


def test_the_enter_key_shows_the_page_again_instead_of_sending(witness):
    first_button = witness.get("/tell/victim").source.split("<button")[1]
    assert 'formaction="/tell/victim/again?lang=ru"' in first_button.split(">")[0]
