"""Two wishes on the first page: readers of one gender, and to be known at once."""

import re

import pytest

from tests.web.intake.conftest import STORY, publish
from vault.packet import format as packets

LANGUAGES = ("kk", "ru", "en")


@pytest.fixture
def officers(config, services):
    """Publish anew, with officers of these genders; returns their ids."""

    def anew(*genders):
        for path in config.paths.intake.glob("*"):
            path.unlink()
        return publish(config, genders=genders)

    return anew


def tell(witness, **answers):
    chosen = {"consent.C02": "yes"} | answers
    return witness.tell(language="en", **chosen)


def recipients(witness):
    (name,) = witness.letterbox.waiting()
    packet = packets.parse(witness.letterbox.packet(name))
    return [grant.recipient for grant in packet.grants if grant.recipient != "recovery"]


@pytest.mark.parametrize("wish", ["female", "male"])
def test_a_wish_chooses_who_is_sealed_to(officers, make_witness, wish):
    ids = officers("female", "male", None)
    witness = make_witness()
    assert tell(witness, reader_gender=wish).status == 200
    assert recipients(witness) == [ids[("female", "male").index(wish)]]


def test_without_a_wish_everybody_is(officers, make_witness):
    ids = officers("female", "male", None)
    witness = make_witness()
    tell(witness, reader_gender="")
    assert recipients(witness) == ids


def test_if_nobody_fits_the_page_says_so_before_anything_is_sent(officers, make_witness):
    officers("male", None)
    witness = make_witness()
    typed = {"reader_gender": "female", "consent.C02_identity": "yes"}
    page = tell(witness, **typed)
    assert page.status == 400
    assert witness.packets == 0
    assert "there is nobody of your wish" in page.text
    assert "kept as with “Not yet”" in page.text
    assert page.textarea("story") == STORY
    chosen = dict(re.findall(r'name="([^"]*)" value="([^"]*)"[^>]* checked', page.source))
    assert chosen == {"consent.C01": "yes", "consent.C02": "yes", **typed}
    assert page.hidden("unfit") == "female"
    assert 'href="#reader_gender"' in page.source
    assert 'id="reader_gender"' in page.source


def test_sent_once_more_it_is_held_back_for_everybody_and_can_be_allowed(officers, make_witness):
    officers("male", None)
    witness = make_witness()
    first = tell(witness, reader_gender="female")
    page = tell(witness, reader_gender="female", unfit="female", send_id=first.hidden("send_id"))
    assert page.status == 200
    assert recipients(witness) == []
    witness.open_box(page.words)
    box = witness.get("/return/box?lang=en")
    assert "there was nobody of your wish" in box.text
    before = witness.packets
    allowed = witness.post("/return/allow?lang=en", {"token": box.hidden("token")})
    assert allowed.status == 303
    assert witness.packets == before + 1


def test_another_wish_is_asked_about_anew_and_no_wish_is_simply_sent(officers, make_witness):
    ids = officers(None)
    witness = make_witness()
    assert tell(witness, reader_gender="male", unfit="female").status == 400
    assert witness.packets == 0
    assert tell(witness, reader_gender="", unfit="female").status == 200
    assert recipients(witness) == ids


def test_where_somebody_fits_an_old_answer_holds_nothing_back(officers, make_witness):
    ids = officers("female", "male")
    witness = make_witness()
    tell(witness, reader_gender="female", unfit="female")
    assert recipients(witness) == ids[:1]


def test_with_not_yet_the_page_says_so_as_well(officers, make_witness):
    officers("male")
    witness = make_witness()
    assert tell(witness, reader_gender="female", **{"consent.C02": "not_yet"}).status == 400


@pytest.mark.parametrize("wish", ["other", "FEMALE", "<b>", "\u0436"])
def test_an_unknown_wish_is_refused_and_nothing_is_lost(witness, wish):
    page = tell(witness, reader_gender=wish)
    assert page.status == 400
    assert page.textarea("story") == STORY
    assert witness.packets == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_wishes_are_there_and_nothing_is_chosen_but_no_wish(witness, language):
    source = witness.get(f"/tell/victim?lang={language}").source
    assert re.findall(r'name="reader_gender" value="([^"]*)"', source) == ["", "female", "male"]
    known = re.search(r'<input type="checkbox" id="consent.C02_identity"[^>]*>', source)[0]
    assert "checked" not in known


def test_the_packet_does_not_show_whether_one_wants_to_be_known(make_witness, services):
    sizes, labels = set(), []
    for answers in ({}, {"consent.C02_identity": "yes"}):
        witness = make_witness()
        for name in witness.letterbox.waiting():
            witness.letterbox.remove_packet(name)
        tell(witness, **answers)
        (name,) = witness.letterbox.waiting()
        data = witness.letterbox.packet(name)
        packet = packets.parse(data)
        sizes.add(len(data))
        labels.append([(g.compartments, g.epoch, len(g.sealed)) for g in packet.identity_grants])
    assert len(sizes) == 1
    assert labels[0] == labels[1] != []


def test_wanting_to_be_known_shows_in_the_box_at_once(witness):
    witness.open_box(tell(witness, **{"consent.C02_identity": "yes"}).words)
    box = witness.get("/return/box?lang=en").text
    assert "You released who you are on" in box
    assert "you let those who handle your case know who you are" in box
    assert "Take it back" in box


def test_with_not_yet_nobody_is_let_know(witness):
    answers = {"consent.C02": "not_yet", "consent.C02_identity": "yes"}
    witness.open_box(tell(witness, **answers).words)
    assert "You released who you are" not in witness.get("/return/box?lang=en").text
