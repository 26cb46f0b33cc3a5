"""A holder gives a case new keys when they wish; what was sealed before stays theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.support.house import STORY
from vault.cases import reveal
from vault.cases.epochs import due, settling
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import notes
from vault.errors import NotFoundError, StorageError
from vault.storage.tables.cases import cases, epochs


@pytest.fixture
def given(house):
    house.send()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, lawyer.id, house.actors["deputy"].id)
    house.case = line.id
    return house


def newest(house):
    with house.vault.database.read() as connection:
        query = select(epochs.c.epoch).order_by(epochs.c.epoch.desc())
        return connection.execute(query).scalars().first()


def test_new_keys_are_a_new_epoch_with_an_entry(given):
    before = newest(given)
    assert due.begin_anew(given.vault, given.actors["lawyer"], given.case)
    assert newest(given) == before + 1
    entries = [e for e in given.vault.journal.read() if e.kind == "key.changed"]
    assert [(e.actor, dict(e.detail)) for e in entries] == [
        (given.actors["lawyer"].id, {"key": "case"})
    ]


def test_everybody_who_handles_it_reads_all_of_it_and_writes_on(given):
    due.begin_anew(given.vault, given.actors["lawyer"], given.case)
    notes.write(given.vault, given.actors["deputy"], given.case, "after the new keys")
    for who in ("lawyer", "deputy"):
        view = reveal.open_case(given.vault, given.actors[who], given.case)
        assert view.records[0].answers == STORY
        assert "after the new keys" in {record.text for record in view.records}


@pytest.mark.parametrize("who", ["officer", "admin", "auditor"])
def test_nobody_else_can(given, who):
    before = newest(given)
    with pytest.raises(NotFoundError):
        due.begin_anew(given.vault, given.actors[who], given.case)
    assert newest(given) == before


def test_what_stops_half_way_goes_on_at_the_next_sign_in(given, monkeypatch):
    before = newest(given)

    def full(*_):
        raise StorageError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(settling, "_write", full)
        assert not due.begin_anew(given.vault, given.actors["lawyer"], given.case)
    assert newest(given) == before
    with given.vault.database.read() as connection:
        assert connection.execute(select(cases.c.keys_due)).scalar_one() == 1
    assert due.begin_due(given.vault, given.actors["deputy"]) == 1
    assert newest(given) == before + 1
