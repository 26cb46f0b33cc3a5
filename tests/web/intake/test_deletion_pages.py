"""Deletion on the pages of the box: said before it is asked, shown at once, stopped, certified."""

import pytest

from tests.web.intake.test_return import Showing
from vault.errors import ErasedError
from vault.packet.deletion import Certificate
from vault.testimony import Box
from vault.testimony.boxes import Deleting, Opening

FREE = Deleting(may_ask=True, stand="S" * 22)
ASKED = Deleting(asked="2026-11-20", due="2026-11-27", stand="S" * 22)
STOPPED = Deleting(stopped="2026-11-22", may_ask=True, stand="S" * 22)
DONE = Certificate("2026-11-27", "2026-12-11")


class Acting(Showing):
    """The real service, except that it only notes what it is asked to do."""

    def __init__(self, back, box, *, done):
        super().__init__(back, box)
        self.asked, self._done = [], done

    def delete(self, _, stand):
        return self._noted("delete", stand)

    def keep(self, _, stand):
        return self._noted("keep", stand)

    def _noted(self, what, stand):
        self.asked.append((what, stand))
        if isinstance(self._done, Exception):
            raise self._done
        return self._done


@pytest.fixture
def at(make_witness, services, told):
    """A witness in a box that shows `deletion`, and what was asked of the service."""

    def come(deletion=FREE, *, done=True, **box):
        back = Acting(services.back, Box(deletion=deletion, **box), done=done)
        witness = make_witness(back=back)
        witness.open_box(told.words)
        witness.asked = back.asked
        return witness

    return come


def box(witness, language="en"):
    return witness.get(f"/return/box?lang={language}")


def page(witness, language="en"):
    return witness.get(f"/return/delete?lang={language}")


def act(witness, path, **changes):
    form = {name: page(witness).hidden(name) for name in ("token", "stand")}
    return witness.post(f"/return/delete{path}?lang=en", form | changes)


def test_the_box_leads_to_a_page_that_says_what_will_happen_and_what_remains(at):
    witness = at()
    assert "/return/delete" in box(witness).source
    text = page(witness).text
    for sentence in (
        "After 7 days everything of your account is made unreadable",
        "Its key is deleted",
        "Until then you can stop it here",
        "Your lawyer can stop it too",
        "Not one word of it",
        "a mark without content",
        "or was read stays out there",
        "Deleting does not take back a complaint",
        "can still open it for 14 days after that",
    ):
        assert sentence in text


def test_asking_goes_back_to_the_box_and_is_for_what_the_page_was_about(at):
    witness = at()
    answer = act(witness, "")
    assert answer.status == 303
    assert "/return/box" in answer.headers["Location"]
    assert witness.asked == [("delete", "S" * 22)]


def test_what_was_asked_shows_with_its_day_and_can_be_stopped(at):
    witness = at(ASKED)
    for shown in (box(witness), page(witness)):
        assert "You asked for deletion on 20.11.2026" in shown.text
        assert "27.11.2026" in shown.text
    assert "Yes, delete everything" not in page(witness).text
    assert act(witness, "/stop").status == 303
    assert witness.asked == [("keep", "S" * 22)]


def test_what_the_lawyer_stopped_is_said_and_can_be_asked_again(at):
    witness = at(STOPPED)
    assert "Your lawyer stopped the deletion on 22.11.2026" in box(witness).text
    assert "Yes, delete everything" in page(witness).text


def test_a_locked_vault_is_said(at):
    late = Deleting(asked="2026-11-20", due="2026-11-27", late=True, stand="S" * 22)
    assert "as soon as the team opens its safe" in box(at(late)).text


def test_an_old_page_says_so_and_shows_what_stands(at):
    answer = act(at(done=False), "")
    assert "/return/delete" in answer.headers["Location"]
    assert "old=yes" in answer.headers["Location"]


def test_after_too_many_there_is_no_button_and_a_reason(at):
    text = page(at(Deleting(stand="S" * 22))).text
    assert "too often" in text
    assert "Yes, delete everything" not in text


def test_what_was_asked_stands_before_the_replies_and_is_folded_away_otherwise(at):
    for deletion in (ASKED, STOPPED):
        shown = box(at(deletion)).source
        assert shown.index("/return/delete") < shown.index("<h2>Replies</h2>")
    shown = box(at()).source
    assert shown.rindex('<details class="fold">') < shown.index("/return/delete")


@pytest.mark.parametrize("where", ["/return/box", "/return/delete"])
def test_a_deleted_box_says_when_and_until_when_a_copy_opens_it_and_nothing_else(at, where):
    shown = at(erased=DONE).get(f"{where}?lang=en")
    assert "It was deleted on 27.11.2026." in shown.text
    assert "ends on 11.12.2026" in shown.text
    assert "<form" not in shown.source.split("<main")[1]
    assert "Add something" not in shown.text


def test_an_old_page_of_a_deleted_box_says_that_it_was_deleted(at):
    answer = act(at(done=ErasedError()), "")
    assert answer.status == 403
    assert "was deleted" in answer.text


def test_a_form_of_another_visit_does_nothing(at):
    witness = at()
    act(witness, "", token="x")
    assert witness.asked == []


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_said_in_every_language(at, language):
    for shown in (at(FREE), at(ASKED), at(STOPPED), at(erased=DONE)):
        assert page(shown, language).status == 200
        assert box(shown, language).status == 200


@pytest.mark.parametrize("erased", [None, DONE])
def test_before_and_after_it_is_listed_what_left(at, erased):
    left = (Opening("2026-11-20", "lawyer", "saved"), Opening("2026-11-21", "deputy", "proof"))
    witness = at(erased=erased, left=left)
    text = page(witness).text
    assert "20.11.2026 Lawyer: copies of your files, saved outside" in text
    assert "21.11.2026 Deputy of the lawyer: a proof of the day it came" in text
    assert "No file was saved outside" in page(at(erased=erased)).text


def test_the_page_of_who_one_is_says_that_it_was_deleted(at):
    assert "It was deleted on 27.11.2026" in at(erased=DONE).get("/return/identity?lang=en").text
