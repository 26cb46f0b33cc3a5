"""Sheets are copied by hand: a share's words stand in rows that say which word is which."""

from __future__ import annotations

import re

import pytest

from vault.cli import sheet
from vault.custody.founding import Sheet
from vault.custody.recovery import making

ROW = re.compile(r"^ +(\d+)  ([a-z]+(?: [a-z]+)*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def made():
    return making.make(2, 3)


@pytest.fixture(params=["founding", "a new key"])
def shown(request, made):
    key, shares = made
    if request.param == "a new key":
        return sheet.render_shares(key, shares, as_json=False)
    founded = Sheet("one", "two", "three", shares, 2, "d0d7 67b5", "T32H-F3VZ")
    return sheet.render(founded, "var", "http://localhost:8001", as_json=False)


def test_every_word_of_every_share_stands_at_its_number(shown, made):
    found = []
    for number, words in ROW.findall(shown):
        if number == "1":
            found.append([])
        assert int(number) == len(found[-1]) + 1
        found[-1] += words.split()
    assert tuple(" ".join(words) for words in found) == made[1]


def test_no_line_is_broken_by_a_terminal(shown):
    assert max(map(len, shown.splitlines())) <= 80
