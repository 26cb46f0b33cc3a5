"""How long an account is kept, in both boxes: years until somebody opens it, then a day in one."""

import pytest

from tests.support.house import STORY, House
from tests.web.intake.conftest import Witness
from vault import clock
from vault.cases.ending import retaining, retention
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.receipt import Receipt, encode
from vault.testimony import send_id as ids
from vault.web.intake import create_app
from vault.web.intake.services import Services

YEARS = "is kept for 10 years from the day you sent it"


@pytest.fixture
def kept(tmp_path):
    """A given case, and what three pairs of words show: its own, its second, and nobody's."""
    house = House.found(tmp_path).staff()
    tell = house.tell
    send_id = tell.new_send_id()
    first = tell.send("victim", "ru", STORY, send_id).receipt
    second = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    app = create_app(Services.connect(house.settings, house.intake_agent))

    def pages():
        shown = []
        for receipt in (first, second, Receipt.generate()):
            witness = Witness(app, house.letterbox)
            witness.open_box(encode(receipt.entropy, "en"))
            shown.append(witness.get("/return/box?lang=en").text)
        return shown

    house.pages = pages
    yield house
    house.close()


def lawyer_of(house):
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    lawyer = house.actors["lawyer"]
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, None)
    return house.vault, lawyer, line.id


def test_until_somebody_opens_it_all_words_show_the_same_years_and_no_day(kept):
    assert all(YEARS in page for page in kept.pages())


def test_then_its_own_box_says_the_day_and_why_it_is_held_and_the_others_say_years(kept):
    until = clock.day(clock.now() + 60 * clock.DAY)
    ends = ".".join(reversed(retention.first_day(kept.vault).split("-")))
    place = lawyer_of(kept)
    kept.collect()
    own, *others = kept.pages()
    assert f"is kept until {ends}" in own
    retaining.set_end(*place, clock.day(clock.now() + 40 * clock.DAY))
    retaining.set_hold(*place, until, "proceedings")
    kept.collect()
    own, *others = kept.pages()
    assert f"is kept until {'.'.join(reversed(until.split('-')))}" in own
    assert "because court proceedings are under way" in own
    assert all(YEARS in page and "proceedings" not in page for page in others)


def test_after_a_day_that_passed_without_erasure_no_page_says_that_it_was_done(kept, monkeypatch):
    retaining.set_end(*lawyer_of(kept), clock.day(clock.now() + 40 * clock.DAY))
    kept.collect()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + 45 * clock.DAY)
    own, *_ = kept.pages()
    assert "That day is over. Either it is kept longer" in own
    assert "was deleted" not in own
