"""What `packet seal` took is what the lawyer reads, word for word: six whole testimonies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import session
from tests.cli.conftest import write_settings
from tests.support.house import FORMS, House
from vault.cases import reveal
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.receipt import Receipt, decode
from vault.forms import answers as checking
from vault.testimony.statement import limits

TESTIMONIES = json.loads((Path(__file__).parents[1] / "data" / "testimonies.json").read_text())
READ_BY_LAWYER = ("account", "medical")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Every testimony sealed by the command, collected, given to the lawyer and opened."""
    place = tmp_path_factory.mktemp("six")
    write_settings(place / "var")
    house = House.found(place / "var").staff()
    views = [_through(place, house, testimony) for testimony in TESTIMONIES]
    yield house, views
    house.close()


def _through(place, house, testimony):
    answers = place / "answers.json"
    answers.write_text(json.dumps(testimony["answers"], ensure_ascii=False), "utf-8")
    line = f"witness-vault packet seal {testimony['form']} {answers} --dir {place / 'var'}"
    result = session.run(f"{line} --language {testimony['language']} --json")
    assert (result.exit_code, result.err) == (0, "")
    printed = json.loads(result.out)
    house.collect()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (case,) = [line for line in inbox.new_cases(house.vault, officer) if line.status == "new"]
    assign.give(house.vault, officer, case.id, lawyer.id, None)
    return printed, reveal.open_case(house.vault, lawyer, case.id)


@pytest.mark.parametrize("number", range(len(TESTIMONIES)))
def test_the_lawyer_reads_exactly_what_was_sealed(opened, number):
    house, views = opened
    _, view = views[number]
    form = FORMS.get(TESTIMONIES[number]["form"])
    checked = checking.check(form, TESTIMONIES[number]["answers"], limits(house.settings))
    parts = checking.split(form, checked)
    read = {str(record.compartment): record.answers for record in view.records}
    assert read == {name: parts[name] for name in READ_BY_LAWYER if parts[name]}
    assert (view.form, view.language) == (form.id, TESTIMONIES[number]["language"])
    assert {record.origin for record in view.records} == {"receipt"}


def test_a_name_that_was_given_is_not_among_it(opened):
    _, views = opened
    (number,) = [
        n for n, t in enumerate(TESTIMONIES) if "person" in t["answers"].get("identity", {})
    ]
    _, view = views[number]
    read = json.dumps([record.answers for record in view.records], ensure_ascii=False)
    assert TESTIMONIES[number]["answers"]["identity"]["person"]["name"] not in read
    assert "identity" not in {str(record.compartment) for record in view.records}


@pytest.mark.parametrize("number", range(len(TESTIMONIES)))
def test_words_and_digits_of_the_receipt_open_the_box(opened, number):
    house, views = opened
    printed, _ = views[number]
    house.collect()
    for notation in (printed["receipt"], printed["digits"]):
        assert house.come_back.open(Receipt(decode(notation))).handlers == ("lawyer",)
