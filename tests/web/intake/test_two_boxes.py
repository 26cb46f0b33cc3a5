"""Own words and second words: the same pages, headers, sizes and work, byte for byte.

Times are measured in `bench.forced`. Here stands what they come from: what is opened, sealed and
written for each answer.
"""

from __future__ import annotations

import re

import pytest

from tests.support.uploading import send, upload
from tests.web.intake.conftest import Page
from vault.crypto import seal, suite
from vault.forms.load import load_forms
from vault.letterbox import files
from vault.testimony import boxes
from vault.web.intake.sizes import PAGE

MODULES = sorted({module.name for form in load_forms().ready for module in form.pages})
FORMS = sorted(form.id for form in load_forms().ready)
PATHS = ["box", "identity", "delete", "files", "more", *(f"more/{name}" for name in MODULES)]
CHANGING = re.compile(r'name="(token|send_id|stand|came)" value="[^"]*"|(wv_return=)[^;]*')


@pytest.fixture
def both(make_witness):
    """Two witnesses in front of browsers of their own: one entered each set of words."""
    teller = make_witness()
    send_id = teller.send_id()
    own = teller.tell(send_id=send_id).words
    again = teller.post("/tell/victim/words?lang=ru", {"send_id": send_id, "which": "second"})
    visitors = make_witness(), make_witness()
    answers = [one.open_box(words) for one, words in zip(visitors, (own, again.words), strict=True)]
    return visitors, answers


def seen(page):
    headers = [
        (name, len(value) if name == "Set-Cookie" else value) for name, value in page.headers
    ]
    return page.status, page.size, sorted(map(str, headers)), CHANGING.sub("", page.source)


def test_entering_either_is_answered_alike(both):
    _, (own, second) = both
    assert seen(own) == seen(second)


def test_both_say_that_a_date_can_be_proven_and_that_nothing_of_it_is_kept_here(both):
    visitors, _ = both
    for visitor in visitors:
        page = visitor.get("/return/box?lang=en").source
        assert "can prove later that your account existed on the day it came" in page
        assert "Nothing of this proof is kept on your device" in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_of_both_boxes_is_the_same(both, language):
    for path in PATHS:
        own, second = (one.get(f"/return/{path}?lang={language}") for one in both[0])
        assert own.status == 200
        assert seen(own) == seen(second)


def test_the_pages_of_every_form_are_the_same_in_both(both):
    for form in FORMS:
        own, second = (one.get(f"/return/more?form={form}&lang=ru") for one in both[0])
        assert own.status == 200
        assert seen(own) == seen(second)


def test_files_are_told_of_sent_and_shown_as_added_in_either_alike(both):
    shown = []
    for one in both[0]:
        told = upload(one.client, ("note.txt", b"what I saw"), ("film.mp4", bytes(70_000)))
        sent = send(one.client, told, 2, then="on")
        again = send(one.client, told, 2, then="on")
        places = (f"/return/{path}lang=ru" for path in ("files?sent=new&", "files?", "box?"))
        answers = [Page(answer) for answer in (told, sent, again)]
        shown.append([*map(seen, answers), *(seen(one.get(place)) for place in places)])
    assert shown[0] == shown[1]
    assert [status for status, *_ in shown[0]] == [200, 303, 303, 200, 200, 200]


def test_a_box_is_of_a_size_that_a_reply_does_not_change(both):
    assert {one.get("/return/box?lang=kk").size for one in both[0]} == {PAGE}


@pytest.mark.parametrize("again", [False, True])
def test_what_is_done_in_either_is_answered_and_shown_alike(both, again):
    shown = []
    for one in both[0]:
        for _ in range(1 + again):
            page = one.get("/return/more/followup?lang=en")
            allowed = one.post("/return/allow?lang=en", {"token": page.hidden("token")})
            hidden = {name: page.hidden(name) for name in ("token", "send_id", "form")}
            answers = {"withdrawal.signed": "yes", "withdrawal.text_offered": "I take it back."}
            added = one.post("/return/more/followup?lang=en", {**hidden, **answers})
        shown.append([seen(allowed), seen(added), seen(one.get("/return/box?lang=en"))])
    assert shown[0] == shown[1]
    assert shown[0][1][0] == 303


def test_sending_looks_into_the_box_once(both, monkeypatch):
    looks, true = [], boxes.look
    monkeypatch.setattr(boxes, "look", lambda *args: looks.append(args) or true(*args))
    one = both[0][0]
    page = one.get("/return/more/story?lang=en")
    looks.clear()
    hidden = {name: page.hidden(name) for name in ("token", "send_id", "form")}
    assert one.post("/return/more/story?lang=en", {**hidden, "story": "Once more."}).status == 303
    assert len(looks) == 1


def test_deletion_is_asked_for_and_stopped_in_either_alike(both):
    shown = []
    for one in both[0]:
        pages = []
        for path in ("delete", "delete/stop"):
            page = one.get("/return/delete?lang=en")
            typed = {name: page.hidden(name) for name in ("token", "stand")}
            pages.append(one.post(f"/return/{path}?lang=en", typed))
            pages += [one.get("/return/delete?lang=en"), one.get("/return/box?lang=en")]
        shown.append([seen(page) for page in pages])
    assert shown[0] == shown[1]
    assert [status for status, *_ in shown[0]] == [303, 200, 200] * 2
    assert shown[0][1] != shown[0][4]


def test_everything_is_paused_in_either_alike(both):
    shown = []
    for one in both[0]:
        page = one.get("/return/box?lang=en")
        typed = {name: page.hidden(name) for name in ("token", "send_id")}
        paused = one.post("/return/pause?lang=en", typed)
        shown.append([seen(page), seen(paused), seen(one.get("/return/box?lang=en"))])
    assert shown[0] == shown[1]
    assert shown[0][1][0] == 303


@pytest.mark.parametrize("path", ["box", "identity", "delete", "files", "more", "more/followup"])
def test_as_much_is_opened_sealed_and_written_for_each(both, path, monkeypatch):
    done = []

    def watch(where, name, size):
        true = getattr(where, name)

        def watched(*args, **options):
            done.append((name, size(args)))
            return true(*args, **options)

        monkeypatch.setattr(where, name, watched)

    watch(seal.OpeningKey, "open", lambda args: len(args[1]))
    watch(seal, "seal", lambda args: len(args[2]))
    watch(suite, "hkdf", lambda args: len(args[0]))
    watch(files, "_write_synced", lambda args: len(args[1]))
    works = []
    for one in both[0]:
        done.clear()
        one.get(f"/return/{path}?lang=ru")
        works.append(list(done))
    assert works[0] == works[1]
    assert works[0]
