"""Sending files: sealed while they come, told what they betray, sent once it is said how."""

import html
import io
import re
from dataclasses import replace

import pytest

from tests.support.uploading import KIND, PLANTED, choices, hidden, picture, posted, send, upload
from vault import clock
from vault.letterbox.uploads import COPYING, Uploads
from vault.packet import format as packets
from vault.web.shared.multipart import MAX_PARTS


@pytest.fixture
def bounded(make_witness, services):
    """A witness in an open visit; `bounds` are those of files."""

    def make(**bounds):
        uploads = replace(services.settings.uploads, reserve_percent=0, **bounds)
        settings = replace(services.settings, uploads=uploads)
        witness = make_witness(settings=settings)
        made = witness.tell()
        witness.open_box(made.words)
        witness.receipt_words = " ".join(made.words)
        witness.uploads = Uploads(settings.paths.letterbox, uploads)
        return witness

    return make


@pytest.fixture
def back(bounded):
    return bounded()


def text(answer):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def sent_files(witness):
    """The files of all packets that wait, as they name them."""
    found = []
    for name in witness.letterbox.waiting():
        packet = packets.parse(witness.letterbox.packet(name))
        found += [] if isinstance(packet, packets.Instruction) else packet.files
    return found


def test_a_witness_is_told_what_a_picture_betrays_before_anything_is_sent(back):
    page = upload(back.client, ("photo.jpg", picture()), lang="en")
    assert page.status_code == 200
    assert all(word in text(page) for word in PLANTED)
    assert sent_files(back) == []


def test_what_is_chosen_is_sent_and_nothing_else(back):
    page = upload(back.client, ("a.jpg", picture()), ("b.jpg", picture()), ("c.jpg", picture()))
    data = {**hidden(page.text), **choices(3)}
    data |= {"keep-0": "original", "keep-1": "nothing", "keep-2": "both"}
    assert back.client.post("/return/files/send", data=data).status_code == 303
    named = sent_files(back)
    assert len(named) == 3
    assert {file.id for file in named} < set(back.uploads.names())


def together(page, count, **chosen):
    """What is chosen of all files at once; of each, the same."""
    return {**hidden(page.text), **choices(count, keep="all", kind="all", see="all"), **chosen}


def test_what_is_chosen_of_all_files_holds_for_each_that_has_nothing_of_its_own(back):
    page = upload(back.client, ("a.jpg", picture()), ("b.jpg", picture()), ("c.jpg", picture()))
    assert page.text.count('value="all" checked') == 9
    data = together(page, 3, keep="cleaned", kind="body", see="doctor")
    data |= {"keep-1": "both", "keep-2": "nothing"}
    assert back.client.post("/return/files/send", data=data).status_code == 303
    assert len(sent_files(back)) == 3


@pytest.mark.parametrize(("keep", "files"), [("both", 3), ("original", 2)])
def test_of_what_cannot_be_cleaned_the_original_goes_with_both(back, keep, files):
    page = upload(back.client, ("a.jpg", picture()), ("b.bin", b"abc"))
    data = together(page, 2, keep=keep, kind="other", see="lawyer")
    assert back.client.post("/return/files/send", data=data).status_code == 303
    assert len(sent_files(back)) == files


def test_only_cleaned_copies_never_means_an_original_and_the_page_says_of_which(back):
    page = upload(back.client, ("a.jpg", picture()), ("b.bin", b"abc"), lang="en")
    data = together(page, 2, keep="cleaned", kind="body", see="lawyer")
    answer = back.client.post("/return/files/send?lang=en", data=data)
    assert answer.status_code == 400
    assert "Of one file no cleaned copy can be made." in text(answer)
    assert 'id="keep-1-problem"' in answer.text
    assert 'id="keep-0-problem"' not in answer.text
    assert 'name="kind" value="body" checked' in answer.text
    assert sent_files(back) == []


def test_one_file_is_asked_about_once(back):
    page = upload(back.client, ("a.jpg", picture()))
    assert 'value="all"' not in page.text
    assert "<details open" not in page.text


def test_what_it_betrays_is_said_in_a_line_for_each_kind_of_thing(back):
    page = upload(back.client, ("a.jpg", picture()), lang="en")
    assert f"Device: {PLANTED[0]}" in text(page)
    assert f"Name: {PLANTED[1]}" in text(page)


@pytest.mark.parametrize(
    "path", ["/return/box", "/return/more", "/return/more?form=victim", "/return/more?form=death"]
)
def test_files_are_offered_in_the_box_and_among_the_pages(back, path):
    assert 'href="/return/files' in back.client.get(path).text


def test_a_child_is_not_asked_for_pictures(back):
    assert 'href="/return/files' not in back.client.get("/return/more?form=child").text


def test_a_cleaned_copy_is_offered_only_of_what_can_be_cleaned(back):
    page = upload(back.client, ("a.jpg", picture()), ("b.bin", b"\x00" * 100))
    assert 'name="keep-0" value="cleaned"' in page.text
    assert 'name="keep-1" value="cleaned"' not in page.text
    data = {**hidden(page.text), **choices(2), "keep-1": "cleaned"}
    assert back.client.post("/return/files/send", data=data).status_code == 400
    assert sent_files(back) == []


def test_of_what_cannot_be_cleaned_the_page_says_that_it_goes_as_it_is(back):
    heic = b"\0\0\0\x18ftypheic" + bytes(100)
    files = ("a.heic", heic), ("b.mp4", b"\0\0\0\x18ftypmp42"), ("c.jpg", picture())
    page = text(upload(back.client, *files, lang="en"))
    assert page.count("No cleaned copy can be made of this file") == 2
    assert page.count("Saved as JPEG, this one can be cleaned.") == 1


@pytest.mark.parametrize(
    "name",
    ["", "x" * 300, "../../etc/passwd", "C:\\dir\\x", "a\u202egpj.exe", "<b>x</b>", "\u0000"],
)
def test_a_file_of_any_name_is_taken_and_its_name_harms_no_page(back, name):
    page = upload(back.client, (name.replace("\u0000", ""), b"abc"))
    assert page.status_code == 200
    assert "<b>x" not in page.text
    assert "\u202e" not in page.text
    assert send(back.client, page).status_code == 303
    assert len(sent_files(back)) == 1


def test_an_empty_file_is_named_and_the_rest_is_taken(back):
    page = upload(back.client, ("leer.txt", b""), ("b", b"abc"), lang="en")
    assert "leer.txt : this file is empty" in text(page)
    assert send(back.client, page).status_code == 303
    assert len(sent_files(back)) == 1


def test_without_a_file_the_page_says_so_and_nothing_is_kept(back):
    for files in ((), (("", b""),)):
        page = upload(back.client, *files, lang="en")
        assert page.status_code == 400
        assert "Choose at least one file" in text(page)
    assert back.uploads.names() == []


def test_a_file_over_the_limit_is_named_and_the_rest_is_taken(bounded):
    back = bounded(size_limit=1_048_576)
    page = upload(back.client, ("big", b"x" * 1_048_577), ("small", b"abc"), lang="en")
    assert "big : too large" in text(page)
    assert send(back.client, page).status_code == 303
    assert len(sent_files(back)) == len(back.uploads.names()) == 1


def test_more_files_than_fit_are_named(bounded):
    back = bounded(count=2)
    page = upload(back.client, *((f"n{n}", b"abc") for n in range(4)), lang="en")
    assert len(re.findall("more than 2 at once", text(page))) == 2
    assert len(back.uploads.names()) == 2


@pytest.mark.parametrize("many", [100, MAX_PARTS])
def test_whoever_chooses_a_whole_folder_sends_what_fits_and_is_told_of_the_rest(bounded, many):
    back = bounded(count=2)
    page = upload(back.client, *((f"n{n}", b"abc") for n in range(many)), lang="en")
    assert "more than 2 at once" in text(page)
    assert "too large" not in text(page)
    assert send(back.client, page, 2).status_code == 303
    assert len(sent_files(back)) == 2


def test_a_request_longer_than_all_files_together_is_refused_unread(bounded):
    back = bounded(count=1, size_limit=1_048_576)
    fields = hidden(back.client.get("/return/files?lang=en").text)
    answer = back.client.post(
        "/return/files?lang=en", data=posted(fields, [("big", b"x" * 2_000_000)]), content_type=KIND
    )
    assert answer.status_code == 413
    assert "too large" in text(answer)
    assert back.uploads.names() == []


def test_while_others_send_files_must_wait_and_words_arrive(bounded):
    back = bounded(at_once=1)
    fields = hidden(back.client.get("/return/files?lang=en").text)
    with back.uploads.place():
        answer = upload(back.client, ("a", b"abc"), lang="en", fields=fields)
        assert answer.status_code == 503
        assert "what you told has arrived" in text(answer)
        assert back.tell().status == 200
    assert upload(back.client, ("a", b"abc"), lang="en").status_code == 200


def test_while_copies_are_made_for_others_one_waits_at_once_and_no_choice_is_lost(bounded):
    back = bounded(at_once=1)
    page = upload(back.client, ("a.jpg", picture()), lang="en")
    with back.uploads.place(COPYING):
        answer = send(back.client, page, lang="en", keep="cleaned")
        assert answer.status_code == 503
        assert 'name="keep-0" value="cleaned" checked' in answer.text
        assert hidden(answer.text)["came"] == hidden(page.text)["came"]
        assert sent_files(back) == []
        assert send(back.client, page, lang="en", keep="original").status_code == 303
    assert send(back.client, answer, lang="en", keep="cleaned").status_code == 303
    assert len(sent_files(back)) == 2


def test_without_room_files_must_wait_and_words_arrive(bounded):
    back = bounded(budget=1_048_576)
    answer = upload(back.client, ("a", b"abc"), lang="en")
    assert "a : there is no room for it now" in text(answer)
    assert text(answer).count("files must wait") == 1
    assert back.uploads.names() == []
    assert back.tell().status == 200


def test_after_sending_the_page_says_that_the_files_have_arrived(back):
    page = upload(back.client, ("a", b"abc"), lang="en")
    for said in ("What you sent has arrived", "This was sent before"):
        onward = send(back.client, page, lang="en").headers["Location"]
        assert said in text(back.client.get(onward))


def test_where_nothing_was_chosen_to_be_sent_the_page_says_so(back):
    page = upload(back.client, ("a", b"abc"), lang="en")
    answer = send(back.client, page, lang="en", keep="nothing")
    assert "Nothing of it was sent" in text(back.client.get(answer.headers["Location"]))
    assert sent_files(back) == []


def cut(back, data):
    """Post what ends too early for its form; returns the answer."""
    fields = hidden(back.client.get("/return/files?lang=en").text)
    whole = posted(fields, [("first", b"abc"), ("second", data)])
    return back.client.post("/return/files?lang=en", data=whole[: -len(data)], content_type=KIND)


def test_what_came_before_the_connection_broke_off_can_be_sent(back):
    page = cut(back, b"x" * 50_000)
    assert page.status_code == 400
    assert "Only the files below have come" in text(page)
    assert "first" in text(page)
    assert "second" not in text(page)
    assert send(back.client, page).status_code == 303
    assert len(sent_files(back)) == len(back.uploads.names()) == 1


def test_a_form_of_another_visit_sends_nothing(back, bounded):
    fields = hidden(bounded().client.get("/return/files").text)
    answer = upload(back.client, ("a", b"abc"), fields=fields, lang="en")
    assert answer.status_code == 403
    assert back.uploads.names() == []


def test_files_without_the_words_before_them_are_not_read(back):
    answer = upload(back.app.test_client(), ("a", b"abc"), fields={}, lang="en")
    assert answer.status_code == 403
    assert back.uploads.names() == []


def test_when_the_visit_ended_the_words_are_asked_for_and_the_files_wait(back, monkeypatch):
    page = upload(back.client, ("a", b"abc"), lang="en")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 1000)
    answer = send(back.client, page, lang="en")
    assert answer.status_code == 403
    assert 'id="receipt"' in answer.text
    data = {**hidden(answer.text), **choices(1), "receipt": back.receipt_words}
    assert back.client.post("/return/files/send", data=data).status_code == 303
    assert len(sent_files(back)) == 1


class Slow(io.BytesIO):
    """A body that arrives while an hour passes."""

    def __init__(self, data, pass_by):
        super().__init__(data)
        self._half, self._pass_by = len(data) // 2, pass_by

    def read(self, size=-1):
        if self.tell() > self._half:
            self._pass_by()
        return super().read(1000 if size < 0 else min(size, 1000))


@pytest.mark.parametrize("limit", ["session_idle", "session_absolute"])
def test_files_that_took_longer_than_the_visit_lasts_are_not_lost(
    back, monkeypatch, services, limit
):
    fields = hidden(back.client.get("/return/files?lang=en").text)
    data = posted(fields, [("film", b"x" * 100_000)])
    later = clock.now() + getattr(services.settings.intake, limit) + 60
    body = Slow(data, lambda: monkeypatch.setattr(clock, "now", lambda: later))
    page = back.client.post(
        "/return/files?lang=en",
        input_stream=body,
        content_length=len(data),
        content_type=KIND,
    )
    assert page.status_code == 200
    assert "film" in text(page)
    answer = send(back.client, page, lang="en")
    if answer.status_code == 403:
        data = {**hidden(answer.text), **choices(1), "receipt": back.receipt_words}
        answer = back.client.post("/return/files/send", data=data)
    assert answer.status_code == 303
    assert len(sent_files(back)) == 1


def test_the_same_file_twice_in_one_send_stays_twice(back):
    page = upload(back.client, ("a", b"abc"), ("a", b"abc"))
    assert send(back.client, page, 2).status_code == 303
    first, second = sent_files(back)
    assert first.id != second.id
    assert first.sha256 != second.sha256


def test_two_tabs_send_their_own_files_and_neither_twice(back):
    one, other = upload(back.client, ("a", b"abc")), upload(back.client, ("b", b"defg"))
    for page in (one, other, one):
        assert send(back.client, page).status_code == 303
    assert len(sent_files(back)) == len({file.id for file in sent_files(back)}) == 2


@pytest.mark.parametrize("step", ["send", "again"])
def test_a_page_that_was_open_too_long_asks_for_the_files_again(back, monkeypatch, services, step):
    page = upload(back.client, ("a", b"abc"), lang="en")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + services.settings.intake.send_valid + 1)
    data = {**hidden(page.text), **choices(1)}
    answer = back.client.post(f"/return/files/{step}?lang=en", data=data)
    assert answer.status_code == 403
    assert "These files waited too long" in text(answer)
    assert 'type="file"' in answer.text
    assert sent_files(back) == []


@pytest.mark.parametrize("field", ["keep-0", "kind-0", "see-0"])
@pytest.mark.parametrize("value", ["", "everybody", "original ", "<script>"])
def test_a_choice_that_is_none_sends_nothing_and_keeps_the_page(back, field, value):
    page = upload(back.client, ("a", b"abc"))
    data = {**hidden(page.text), **choices(1), field: value}
    answer = back.client.post("/return/files/send", data=data)
    assert answer.status_code == 400
    assert hidden(answer.text)["came"] == hidden(page.text)["came"]
    assert sent_files(back) == []


def test_the_field_with_the_keys_opens_for_nobody_else(back, services):
    page = upload(back.client, ("a", b"abc"))
    came = hidden(page.text)["came"]
    for altered in ("", "AA", came[:-4] + "AAAA", came[4:]):
        data = {**hidden(page.text), **choices(1), "came": altered}
        assert back.client.post("/return/files/send", data=data).status_code == 403
    assert sent_files(back) == []


def test_another_language_shows_the_same_files_and_choices(back):
    page = upload(back.client, ("a.jpg", picture()), lang="ru")
    data = {**hidden(page.text), **choices(1, keep="cleaned", kind="body")}
    again = back.client.post("/return/files/again?lang=en", data=data)
    assert 'value="cleaned" checked' in again.text
    assert 'value="body" checked' in again.text
    assert all(word in text(again) for word in PLANTED)
    assert sent_files(back) == []


def test_sent_and_stopped_the_visit_is_over(back):
    page = upload(back.client, ("a", b"abc"))
    data = {**hidden(page.text), **choices(1), "then": "stop"}
    answer = back.client.post("/return/files/send", data=data)
    assert "/return/done" in answer.headers["Location"]
    assert back.client.get("/return/files").status_code == 403
    assert len(sent_files(back)) == 1


def test_words_that_open_no_box_take_files_alike(back):
    from vault.crypto.receipt import Receipt, encode
    from vault.crypto.suite import random

    words = " ".join(encode(Receipt(random(16)).entropy, "ru"))
    stranger = back.app.test_client()
    stranger.post("/return?lang=ru", data={"receipt": words})
    ours = send(back.client, upload(back.client, ("a", b"abc")))
    theirs = send(stranger, upload(stranger, ("a", b"abc")))
    assert (ours.status_code, len(ours.data)) == (theirs.status_code, len(theirs.data))
    assert ours.headers["Location"] == theirs.headers["Location"]


def test_no_answer_holds_a_word_of_a_file(back):
    page = upload(back.client, ("a", b"planted words of a file"))
    assert "planted words" not in page.text
