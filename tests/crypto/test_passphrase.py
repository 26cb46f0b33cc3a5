"""Passphrases: the same from every keyboard, at a bounded cost."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.crypto import passphrase, words
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import EncodingError, FormatError, TooLongError

CHEAP = Argon2Parameters(8, 1, 1)
SALT = bytes(16)


def test_the_key_is_argon2id_of_the_utf8_bytes():
    expected = hash_secret_raw("құпия".encode(), SALT, 2, 16, 2, 32, Type.ID)
    assert passphrase.derive("құпия", SALT, Argon2Parameters(16, 2, 2)) == expected


@settings(deadline=None)  # slow on purpose; a busy machine is no fault
@given(st.text(max_size=50), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_every_unicode_form_gives_the_same_key(text, form):
    typed = unicodedata.normalize(form, text)
    assert passphrase.derive(typed, SALT, CHEAP) == passphrase.derive(text, SALT, CHEAP)


@pytest.mark.parametrize(
    ("typed", "same"),
    [("１２", "12"), ("ﬁn", "fin"), ("a\u00a0b", "a b"), ("и\u0306", "й"), ("Ａ", "A")],
)
def test_compatible_characters_give_the_same_key(typed, same):
    assert passphrase.derive(typed, SALT, CHEAP) == passphrase.derive(same, SALT, CHEAP)


@pytest.mark.parametrize(
    ("one", "other"), [("word", "Word"), ("a b", "ab"), ("a", "a "), ("е", "ё"), ("", "a")]
)
def test_case_spaces_and_letters_count(one, other):
    assert passphrase.derive(one, SALT, CHEAP) != passphrase.derive(other, SALT, CHEAP)


def test_salt_and_every_parameter_count():
    keys = {
        passphrase.derive("word", salt, parameters)
        for salt, parameters in [
            (SALT, CHEAP),
            (bytes(15) + b"\1", CHEAP),
            (SALT, Argon2Parameters(9, 1, 1)),
            (SALT, Argon2Parameters(8, 2, 1)),
            (SALT, Argon2Parameters(16, 1, 2)),
        ]
    }
    assert len(keys) == 5


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_salt_of_another_size_is_refused(size):
    with pytest.raises(FormatError):
        passphrase.derive("word", bytes(size), CHEAP)


def test_a_passphrase_is_bounded():
    assert len(passphrase.derive("a" * 1024, SALT, CHEAP)) == 32
    with pytest.raises(TooLongError):
        passphrase.derive("a" * 1025, SALT, CHEAP)


def test_a_lone_surrogate_is_refused_without_repeating_it():
    with pytest.raises(EncodingError) as caught:
        passphrase.derive("secret\ud800", SALT, CHEAP)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "parameters",
    [
        (7, 1, 1),
        (15, 1, 2),
        (2**20 + 1, 1, 1),
        (2**30, 1, 1),
        (-8, 1, 1),
        (8, 0, 1),
        (8, 11, 1),
        (8, 1, 0),
        (128, 1, 9),
        (8.0, 1, 1),
        ("8", 1, 1),
        (8, True, 1),
        (8, 1, None),
    ],
)
def test_a_cost_out_of_bounds_is_refused(parameters):
    with pytest.raises(FormatError):
        Argon2Parameters(*parameters)


@pytest.mark.parametrize("parameters", [(8, 1, 1), (16, 1, 2), (2**20, 10, 8)])
def test_a_cost_at_its_bounds_is_taken(parameters):
    assert Argon2Parameters(*parameters).memory_kib == parameters[0]


def test_a_machine_without_memory_says_busy():
    program = """
import resource
from vault.crypto.passphrase import Argon2Parameters, derive
from vault.errors import BusyError
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
try:
    derive("word", bytes(16), Argon2Parameters(1 << 20, 1, 1))
except BusyError:
    print("busy")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "busy\n"


@pytest.mark.parametrize("count", [6, 7, 24])
def test_a_generated_passphrase_has_words_of_the_list(count):
    made = passphrase.generate_passphrase(count).split(" ")
    assert len(made) == count
    assert set(made) <= set(words.english().words)


def test_the_default_has_77_bits_and_is_never_the_same():
    made = {passphrase.generate_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert {len(text.split()) * 11 for text in made} == {77}


@pytest.mark.parametrize("count", [0, 5, 25, 7.0])
def test_fewer_words_are_refused(count):
    with pytest.raises(FormatError):
        passphrase.generate_passphrase(count)
