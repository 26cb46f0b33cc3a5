"""Releasing who one is, on the pages of the box: asked first, shown at once, taken back."""

import re

import pytest

from tests.web.intake.test_return import Showing
from vault.testimony import Box, Known, Opening

WITH_LAWYER = Known(may_release=True, stand="S" * 22)
RELEASED = Known(released="2026-11-20", in_effect=True, stand="S" * 22)


class Acting(Showing):
    """The real service, except that it only notes what it is asked to do."""

    def __init__(self, back, box, *, done):
        super().__init__(back, box)
        self.asked, self._done = [], done

    def release(self, _, stand):
        self.asked.append(("release", stand))
        return self._done

    def withdraw(self, _, stand):
        self.asked.append(("withdraw", stand))
        return self._done


@pytest.fixture
def at(make_witness, services, told):
    """A witness in a box that shows `identity`, and what was asked of the service."""

    def come(identity, *, done=True, **box):
        back = Acting(services.back, Box(identity=identity, **box), done=done)
        witness = make_witness(back=back)
        witness.open_box(told.words)
        witness.asked = back.asked
        return witness

    return come


def box(witness, language="en"):
    return witness.get(f"/return/box?lang={language}")


def page(witness, language="en"):
    return witness.get(f"/return/identity?lang={language}")


def act(witness, what, **changes):
    form = {name: page(witness).hidden(name) for name in ("token", "stand")}
    return witness.post(f"/return/identity/{what}?lang=en", form | changes)


def test_without_a_lawyer_there_is_nothing_to_do(at):
    witness = at(Known())
    assert "When a lawyer handles your case" in box(witness).text
    assert "/return/identity" not in box(witness).source
    assert "<form" not in page(witness).source


def test_the_page_says_what_will_happen_before_it_asks(at):
    text = page(at(WITH_LAWYER)).text
    for sentence in (
        "Only the lawyer who handles your case now",
        "Not the person who assigns accounts, not the deputy",
        "this is not passed on",
        "You can take it back",
        "What was read stays read",
        "the names of other people",
        "within about 60 minutes",
    ):
        assert sentence in text


def test_releasing_goes_back_to_the_box(at):
    witness = at(WITH_LAWYER)
    answer = act(witness, "release")
    assert (answer.status, answer.location) == (303, "/return/box?lang=en")
    assert witness.asked == [("release", WITH_LAWYER.stand)]


def test_taking_back_goes_back_to_the_box(at):
    witness = at(RELEASED)
    answer = act(witness, "withdraw")
    assert (answer.status, answer.location) == (303, "/return/box?lang=en")
    assert witness.asked == [("withdraw", RELEASED.stand)]


@pytest.mark.parametrize("what", ["release", "withdraw"])
def test_an_old_page_does_nothing_and_says_so(at, what):
    witness = at(WITH_LAWYER, done=False)
    answer = act(witness, what)
    assert answer.location == "/return/identity?old=yes&lang=en"
    assert "nothing was done" in witness.get(answer.location).text


@pytest.mark.parametrize("what", ["release", "withdraw"])
def test_a_form_of_another_visit_does_nothing(at, what):
    witness = at(WITH_LAWYER)
    assert act(witness, what, token="x").status == 403
    assert witness.asked == []


@pytest.mark.parametrize("path", ["release", "withdraw"])
def test_without_a_visit_nothing_is_done(witness, path):
    assert witness.post(f"/return/identity/{path}", {"token": "x", "stand": ""}).status == 403
    assert witness.get("/return/identity").status == 403


def test_a_link_alone_does_nothing(at):
    witness = at(WITH_LAWYER)
    for path in ("release", "withdraw"):
        assert witness.get(f"/return/identity/{path}").status in {404, 405}
    assert witness.asked == []


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (RELEASED, "You released who you are on 20.11.2026. The lawyer in charge can open it."),
        (Known(released="2026-11-20", stand="S"), "can open it as soon as this is delivered"),
        (
            Known(may_release=True, released="2026-11-20", stand="S"),
            "Your case has another lawyer now",
        ),
        (Known(withdrawn="2026-11-21"), "You took it back on 21.11.2026"),
        (WITH_LAWYER, "The lawyer in charge cannot open it"),
    ],
)
def test_the_box_says_how_it_stands(at, identity, said):
    witness = at(identity)
    assert said in box(witness).text
    for language in ("kk", "ru"):
        assert box(witness, language).status == page(witness, language).status == 200


def test_an_opening_shows_its_purpose(at):
    opening = Opening("2026-11-21", "lawyer", "identity", "un_experts")
    odd = Opening("2026-11-21", "lawyer", "identity", "something_new")
    text = box(at(RELEASED, openings=(opening, odd))).text
    assert "21.11.2026 Lawyer: the part about who you are, for a letter to UN experts" in text
    assert "the part about who you are, for something else" in text


def test_no_page_names_anybody_or_shows_a_key(at):
    for identity in (WITH_LAWYER, RELEASED):
        witness = at(identity)
        for shown in (box(witness), page(witness)):
            assert not re.search(r"[0-9a-f]{32}", shown.source)
