"""Word lists: fixed for ever, and read as people write."""

from __future__ import annotations

import unicodedata

import pytest
from mnemonic import Mnemonic

from vault.crypto import words
from vault.errors import FormatError

LISTS = {"english": words.english, "russian": words.russian, "slip39": words.slip39}


@pytest.fixture(params=LISTS)
def word_list(request):
    return LISTS[request.param]()


def test_the_lists_have_their_sizes():
    assert {name: len(get().words) for name, get in LISTS.items()} == {
        "english": 2048,
        "russian": 2048,
        "slip39": 1024,
    }


def test_every_word_is_letters_in_nfc(word_list):
    assert all(word.isalpha() for word in word_list.words)
    assert all(unicodedata.is_normalized("NFC", word) for word in word_list.words)


def test_four_letters_name_a_word(word_list):
    assert len({word[:4] for word in word_list.words}) == len(word_list.words)


def test_no_word_is_lost_without_marks(word_list):
    bare = {word.replace("й", "и").replace("ё", "е") for word in word_list.words}
    assert len(bare) == len(word_list.words)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_every_word_is_found_in_every_form_and_case(word_list, form, change):
    for index, word in enumerate(word_list.words):
        [token] = words.tokens(unicodedata.normalize(form, change(word)))
        assert word_list.find(token) == index


def test_every_word_is_found_by_each_beginning_of_four_letters_or_more(word_list):
    for index, word in enumerate(word_list.words):
        found = {word_list.find(word[:end]) for end in range(4, len(word) + 1)}
        assert found <= {index}


def test_every_word_is_found_without_breve():
    for index, word in enumerate(words.russian().words):
        assert words.russian().find(word.replace("й", "и")) == index


def test_three_letters_are_too_few_unless_they_are_the_word():
    assert words.english().find("aba") is None
    assert words.english().words[words.english().find("act")] == "act"


def test_a_longer_word_is_another_word():
    assert words.english().find("abandoned") is None


def test_the_damaged_russian_word_is_repaired():
    assert words.russian().words[1572] == "снова"


def test_the_other_russian_words_are_the_published_ones():
    published = Mnemonic("russian").wordlist
    changed = [i for i, word in enumerate(words.russian().words) if word != published[i]]
    assert set(changed) <= {1572}


def test_a_changed_list_is_refused():
    swapped = [*words.english().words]
    swapped[0], swapped[1] = swapped[1], swapped[0]
    with pytest.raises(FormatError):
        words.WordList(swapped, words.ENGLISH_SHA256)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\n\u00a0\u200b\ufeff", []),
        ("Abandon,ability;ABLE", ["abandon", "ability", "able"]),
        ("one-two\u2014three_four", ["one", "two", "three", "four"]),
        ("1.abandon 2)ability", ["1", "abandon", "2", "ability"]),
        ("aban\u00addon", ["abandon"]),
        ("ёлка И\u0306од", ["елка", "йод"]),
        ("ＡＢＣ １２", ["abc", "12"]),
        ("İstanbul", ["istanbul"]),
        ("\u0301a\u0301b", ["ab"]),
    ],
)
def test_tokens(text, expected):
    assert words.tokens(text) == expected
