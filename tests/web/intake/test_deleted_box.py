"""Pages of both receipts of one testimony, on a real vault: alike at every step of a deletion."""

import re

import pytest

from tests.support.house import STORY, House
from tests.web.intake.conftest import Witness
from vault import clock
from vault.crypto.receipt import encode
from vault.testimony import send_id as ids
from vault.web.intake import create_app
from vault.web.intake.services import Services

DELAY = 7
SECRET = re.compile(r'name="(token|stand|send_id)" value="[^"]+"')


@pytest.fixture
def both(tmp_path, monkeypatch):
    """A witness with both receipts of a testimony that nobody has opened yet."""
    house = House.found(tmp_path).staff()
    tell, days = house.tell, [0]
    send_id = tell.new_send_id()
    first = tell.send("victim", "ru", STORY, send_id).receipt
    second = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + days[0] * clock.DAY)

    def pass_days(number):
        for step in (number - 1, 1) if number else (0,):
            days[0] += step
            house.collect()

    app = create_app(Services.connect(house.settings, house.intake_agent))
    witnesses = []
    for receipt in (first, second):
        witnesses.append(Witness(app, house.letterbox))
        witnesses[-1].words = encode(receipt.entropy, "en")
    yield witnesses, pass_days
    house.close()


def enter(witness):
    assert witness.open_box(witness.words).status == 303


def pages(witness):
    """Return what the pages of a visit say, without what belongs to the visit."""
    enter(witness)
    found = []
    for path in ("/return/box", "/return/delete", "/return/more", "/return/more/story"):
        answer = witness.get(f"{path}?lang=en")
        headers = {name for name, _ in answer.headers.items()}
        found.append((answer.status, headers, SECRET.sub("", answer.source)))
    return found


def act(witness, path):
    form = {name: witness.get("/return/delete").hidden(name) for name in ("token", "stand")}
    return witness.post(f"/return/delete{path}?lang=en", form).status


def test_before_after_asking_after_a_stop_and_after_the_day_both_say_the_same(both):
    witnesses, pass_days = both
    for path in (None, "", "/stop", ""):
        for witness in witnesses:
            enter(witness)
            assert path is None or act(witness, path) == 303
        pass_days(0)
        first, second = map(pages, witnesses)
        assert first == second
    pass_days(DELAY)
    first, second = map(pages, witnesses)
    assert first == second
    assert "It was deleted on" in first[0][2]


def test_what_is_typed_for_a_deleted_box_is_kept_and_told(both):
    (witness, _), pass_days = both
    enter(witness)
    send_id = witness.get("/return/more/story?lang=en").hidden("send_id")
    assert act(witness, "") == 303
    pass_days(0)
    pass_days(DELAY)
    typed = {"receipt": " ".join(witness.words), "send_id": send_id, "story": "what I typed"}
    answer = witness.post("/return/more/story?lang=en", typed)
    assert answer.status == 403
    assert "what I typed" in answer.source
    assert "The account under these words was deleted" in answer.text
    assert witness.packets == 0


@pytest.mark.parametrize("path", ["", "/box", "/delete", "/identity", "/more", "/leave", "/done"])
def test_no_page_of_a_deleted_box_fails(both, path):
    (witness, _), pass_days = both
    enter(witness)
    act(witness, "")
    pass_days(0)
    pass_days(DELAY)
    enter(witness)
    assert witness.get(f"/return{path}").status in {200, 303, 403}
