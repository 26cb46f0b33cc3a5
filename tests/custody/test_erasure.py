"""Keys whose deletion is deletion: made once, found, and never made again for what was erased."""

from __future__ import annotations

import pytest

from tests.support.attacks import give, rows, stored_testimony
from vault.cases.holders import assign
from vault.cases.holders.access import hold
from vault.cases.lists import summaries
from vault.custody import erasure
from vault.errors import NotFoundError
from vault.storage.tables.cases import grants
from vault.storage.tables.erasure import erasure_keys

ONE, TWO = "a" * 64, "b" * 64


def test_a_subject_keeps_the_key_it_has(house):
    made = erasure.make(house.vault, [ONE])
    again = erasure.make(house.vault, [ONE, TWO])
    assert again[ONE] == made[ONE] == erasure.find(house.vault, ONE)
    assert again[ONE] != again[TWO]


def test_what_is_wrapped_for_something_erased_is_refused_and_no_key_is_made(house):
    erasure.make(house.vault, [ONE])
    with pytest.raises(NotFoundError):
        erasure.needed(house.vault, [ONE, TWO])
    assert erasure.find(house.vault, TWO) is None
    assert erasure.needed(house.vault, [ONE]) == {ONE: erasure.find(house.vault, ONE)}


def test_an_erased_testimony_gets_no_new_key_by_a_grant_or_a_summary(house):
    _, case = give(house, "a story")
    lawyer, subject = house.actors["lawyer"], stored_testimony(house, case).id
    held = hold(house.vault, lawyer, case)
    before = rows(house, grants)
    with house.vault.erasure.write() as connection:
        connection.execute(erasure_keys.delete().where(erasure_keys.c.subject == subject))
    with pytest.raises(NotFoundError):
        assign.hand_over(house.vault, lawyer, case, house.actors["deputy"].id)
    keys = {"receipts": {"boxes": [{}, {"addenda_key": "AA"}]}}
    summary = summaries.first(held, {"form": {"id": "victim"}, "language": "ru", **keys}, ())
    with house.vault.database.write() as connection, pytest.raises(NotFoundError):
        summaries.keep(house.vault, connection, lawyer, held, summary)
    assert erasure.find(house.vault, subject) is None
    assert rows(house, grants) == before
