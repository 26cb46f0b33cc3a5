"""Receipts: any notation opens the same box; anything else is told apart."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from vault.crypto import receipt, words
from vault.crypto.receipt import Receipt
from vault.errors import (
    FormatError,
    ReceiptChecksumError,
    ReceiptError,
    ReceiptLengthError,
    UnknownWordError,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "receipt"
BIP39 = json.loads((VECTORS / "bip39-english.json").read_text("utf-8"))["vectors"]
OURS = json.loads((VECTORS / "notations.json").read_text("utf-8"))["vectors"]
ENTROPY = bytes.fromhex("c49312624c4989312624c49893126248")
ENGLISH = receipt.encode(ENTROPY, "en")
RUSSIAN = receipt.encode(ENTROPY, "ru")
GROUPS = receipt.encode_digits(ENTROPY).split()

entropies = st.binary(min_size=16, max_size=16)
languages = st.sampled_from(["en", "ru", "kk"])
forms = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
cases = st.sampled_from([str, str.upper, str.title])
separators = st.sampled_from([" ", "\n", "\r\n", ", ", " - ", "\t", ". ", "\u00a0", ";"])


# --- vectors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", BIP39, ids=lambda v: v["entropy"])
def test_english_words_are_those_of_bip39(vector):
    entropy = bytes.fromhex(vector["entropy"])
    assert " ".join(receipt.encode(entropy, "en")) == vector["words"]
    assert receipt.decode(vector["words"]) == entropy


@pytest.mark.parametrize("vector", OURS, ids=lambda v: v["entropy"])
def test_notations_and_keys_are_those_of_the_specification(vector):
    entropy = bytes.fromhex(vector["entropy"])
    assert " ".join(receipt.encode(entropy, "en")) == vector["english"]
    assert " ".join(receipt.encode(entropy, "ru")) == vector["russian"]
    assert receipt.encode_digits(entropy) == vector["digits"]
    for notation in ("english", "russian", "digits"):
        read = Receipt.from_text(vector[notation])
        assert read.entropy == entropy
        assert read.box_seed.hex() == vector["box_seed"]
        assert read.addenda_key.hex() == vector["addenda_key"]
        assert read.instructions_key.hex() == vector["instructions_key"]


def test_the_specification_shows_the_vector():
    text = (Path(__file__).parents[2] / "docs" / "spec" / "receipt.md").read_text("utf-8")
    shown = next(v for v in OURS if v["entropy"] in text)
    assert all(value in text for value in shown.values())
    assert receipt.FORMAT in text


# --- what is read --------------------------------------------------------------------------------


@given(entropies)
def test_english_agrees_with_the_package(entropy):
    oracle = Mnemonic("english")
    spelled = " ".join(receipt.encode(entropy, "en"))
    assert spelled == oracle.to_mnemonic(entropy)
    assert receipt.decode(spelled) == bytes(oracle.to_entropy(spelled))


@given(entropies, languages, forms, cases, separators, st.booleans(), st.integers(4, 8))
def test_words_are_read_however_they_are_typed(
    entropy, language, form, case, separator, numbered, letters
):
    typed = [case(word[:letters]) for word in receipt.encode(entropy, language)]
    if numbered:
        typed = [f"{number}) {word}" for number, word in enumerate(typed, 1)]
    assert receipt.decode(unicodedata.normalize(form, separator.join(typed))) == entropy


@given(entropies, separators)
def test_groups_of_digits_are_read_with_any_separator_and_none(entropy, separator):
    groups = receipt.encode_digits(entropy).split()
    assert len(groups) == 12
    assert receipt.decode(separator.join(groups)) == entropy
    assert receipt.decode("".join(groups)) == entropy


@pytest.mark.parametrize(
    "typed",
    [
        "\n".join(f"{n}. {word}" for n, word in enumerate(ENGLISH, 1)),
        "".join(f"{n}{word}" for n, word in enumerate(ENGLISH, 1)),
        "  " + ", ".join(ENGLISH) + " . ",
        " ".join(RUSSIAN).replace("й", "и"),
        " ".join(RUSSIAN).replace("е", "ё"),
        "\u200b".join(RUSSIAN),
        "\n".join(f"{n}. {group}" for n, group in enumerate(GROUPS, 1)),
        " ".join(group.lstrip("0") for group in GROUPS),
        "".join(GROUPS[:6]) + " " + "".join(GROUPS[6:]),
        "".join(chr(ord(c) + 0xFEE0) for c in "".join(GROUPS)),
        "\u00a0".join("".join(chr(ord(c) - ord("0") + 0x0660) for c in group) for group in GROUPS),
        "   ".join("".join(GROUPS)[at : at + 6] for at in range(0, 48, 6)),
        "\ufeff" + " ".join(f"\u200e{word}\u200f" for word in RUSSIAN),
        " ".join("\u2060".join(word) for word in ENGLISH),
        "\u202f".join(RUSSIAN) + "\u2028",
        "«" + ".  ".join(word.capitalize() for word in RUSSIAN) + "…»",
        "—".join(word[:4] + "’" for word in ENGLISH),
    ],
)
def test_other_ways_to_write_the_same(typed):
    assert receipt.decode(typed) == ENTROPY


# --- what is refused -----------------------------------------------------------------------------


@given(entropies, languages, st.integers(0, 11), st.integers(1, 2047))
def test_one_other_word_never_gives_the_same_receipt(entropy, language, place, step):
    listed = (words.english() if language == "en" else words.russian()).words
    typed = list(receipt.encode(entropy, language))
    typed[place] = listed[(listed.index(typed[place]) + step) % 2048]
    with contextlib.suppress(ReceiptChecksumError):
        assert receipt.decode(" ".join(typed)) != entropy


def test_fifteen_of_sixteen_wrong_last_words_fail_the_checksum():
    listed = words.english().words
    refused = 0
    for word in listed:
        try:
            receipt.decode(" ".join([*ENGLISH[:11], word]))
        except ReceiptChecksumError:
            refused += 1
    assert refused == 2048 - 2048 // 16


def test_words_in_another_order_fail_the_checksum():
    with pytest.raises(ReceiptChecksumError):
        receipt.decode(" ".join([*ENGLISH[1:], ENGLISH[0]]))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " \n",
        " ".join(ENGLISH[:11]),
        " ".join([*ENGLISH, "able"]),
        "".join(GROUPS)[:-1],
        "".join(GROUPS) + "0",
        " ".join(GROUPS[:11]),
        " ".join(str(n) for n in range(1, 25)),
        "1 2 3 4 5 6 7 8 9 10 11 12 13",
        " ".join(ENGLISH) + " " * 1000,
        "9" * 1000,
        "\ufdfa" * 1000,
    ],
)
def test_another_number_of_words_is_refused(typed):
    with pytest.raises(ReceiptLengthError):
        receipt.decode(typed)


@pytest.mark.parametrize("position", range(1, 13))
@pytest.mark.parametrize(
    "wrong", ["xyzzy", "aba", "abandoned", "паук", "0001", "123", "፩", "\u4e00"]
)
def test_an_unknown_word_is_named_by_its_position(position, wrong):
    typed = list(ENGLISH)
    typed[position - 1] = wrong
    with pytest.raises(UnknownWordError) as caught:
        receipt.decode(" ".join(typed))
    assert caught.value.position == position


def test_a_word_of_the_other_list_is_told_apart_from_one_of_none():
    others = [*ENGLISH[:7], RUSSIAN[7], *ENGLISH[8:]]
    for typed, position, other in (
        (others, 8, True),
        ([*others[:3], "xyzzy", *others[4:]], 4, False),
        ([*ENGLISH[:6], *RUSSIAN[6:]], 7, True),
    ):
        with pytest.raises(UnknownWordError) as caught:
            receipt.decode(" ".join(typed))
        assert (caught.value.position, caught.value.other) == (position, other)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (" ".join(ENGLISH[:11]), 11),
        (" ".join([*RUSSIAN, "дом"]), 13),
        (" ".join(GROUPS[:10]), 10),
        ("".join(GROUPS)[:-1], None),
        ("я" * 1001, None),
    ],
)
def test_another_number_says_how_many_were_read(typed, found):
    with pytest.raises(ReceiptLengthError) as caught:
        receipt.decode(typed)
    assert caught.value.found == found


@pytest.mark.parametrize("group", ["0000", "2049", "9999"])
def test_a_group_outside_the_list_is_named_by_its_position(group):
    with pytest.raises(UnknownWordError) as caught:
        receipt.decode(" ".join([*GROUPS[:4], group, *GROUPS[5:]]))
    assert caught.value.position == 5


@given(st.text(max_size=1100))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ReceiptError):
        assert len(receipt.decode(text)) == 16


def test_a_refusal_does_not_repeat_what_was_typed():
    with pytest.raises(UnknownWordError) as caught:
        receipt.decode(" ".join(["xyzzy", *ENGLISH[1:]]))
    assert not any(word in str(caught.value) for word in ["xyzzy", *ENGLISH])


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_entropy_has_sixteen_bytes(size):
    for make in (Receipt, receipt.encode_digits, lambda e: receipt.encode(e, "en")):
        with pytest.raises(FormatError):
            make(bytes(size))


# --- keys, languages, checking -------------------------------------------------------------------


def test_the_three_keys_differ_and_nothing_of_them_is_shown():
    made = Receipt(ENTROPY)
    keys = {made.box_seed, made.addenda_key, made.instructions_key}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 3
    assert repr(made) == "Receipt()"


def test_two_receipts_are_never_the_same():
    assert Receipt.generate() != Receipt.generate()


def test_a_kazakh_person_gets_russian_words():
    assert receipt.word_list_for("kk") == "ru"
    assert receipt.encode(ENTROPY, "kk") == RUSSIAN


def test_a_language_without_a_list_is_refused():
    with pytest.raises(FormatError):
        receipt.encode(ENTROPY, "de")


def test_the_word_at_a_position():
    assert [receipt.word_at(ENTROPY, "ru", n) for n in range(1, 13)] == list(RUSSIAN)


@pytest.mark.parametrize("position", [-1, 0, 13])
def test_there_is_no_other_position(position):
    with pytest.raises(FormatError):
        receipt.word_at(ENTROPY, "en", position)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("setup", "setup"),
        (" SETUP.", "setup"),
        ("setu", "setup"),
        ("3. setup", "setup"),
        ("стои\u0306ка", "стойка"),
        ("стойка", "стойка"),
        ("СТОИКА", "стойка"),
        ("абсу", "абсурд"),
        ("1573", "1573"),
        ("12", "0012"),
        ("act", "act"),
    ],
)
def test_the_same_word(typed, expected):
    assert receipt.same_word(typed, expected)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "setup"),
        ("set", "setup"),
        ("setups", "setup"),
        ("setup setup", "setup"),
        ("obtain", "setup"),
        ("стоить", "стойка"),
        ("1573", "setup"),
        ("setup", "1573"),
        ("1574", "1573"),
        ("", "1573"),
        ("acti", "act"),
        (" " * 1000 + "setup", "setup"),
    ],
)
def test_another_word(typed, expected):
    assert not receipt.same_word(typed, expected)


@given(entropies, languages, st.integers(1, 12), forms, cases)
def test_every_word_is_the_same_as_itself_in_every_form(entropy, language, position, form, case):
    word = receipt.word_at(entropy, language, position)
    assert receipt.same_word(unicodedata.normalize(form, case(word)), word)
