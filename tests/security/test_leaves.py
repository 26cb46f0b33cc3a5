"""The table of what is left in the log: every kind is written by something, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.leaving import LEAVES, sorted_out
from vault.ledger.entry import KINDS

ROOT = Path(__file__).parents[2]
PLACES = ("staff", "audit", "intake", "case", "command")


def kinds_of(where):
    return {kind for stated in LEAVES[where].values() for kind in sorted_out(stated)[0]}


def possible(where):
    return {kind for stated in LEAVES[where].values() for kind in set.union(*sorted_out(stated))}


def test_every_kind_of_entry_is_written_by_an_address_a_command_or_the_vault_itself():
    written = set.union(*map(kinds_of, PLACES)) | LEAVES["vault"].keys()
    assert KINDS - written == set(), "nothing is known to write these"


def test_no_other_kind_is_stated():
    assert set.union(*map(possible, PLACES)) | LEAVES["vault"].keys() <= KINDS


@pytest.mark.parametrize("where", PLACES)
def test_whatever_leaves_nothing_says_why(where):
    for name, stated in LEAVES[where].items():
        assert stated, name
        assert isinstance(stated, str) or set.union(*sorted_out(stated)), name


@pytest.mark.parametrize("kind", LEAVES["vault"])
def test_what_the_vault_writes_by_itself_is_seen_by_the_test_that_is_named(kind):
    source = (ROOT / LEAVES["vault"][kind]).read_text("utf-8")
    assert f'"{kind}"' in source
