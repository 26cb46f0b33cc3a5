"""Weak passphrases are refused with one plain reason; generated ones never are."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from vault.crypto.passphrase import generate_passphrase
from vault.errors import EncodingError, TooLongError, WeakPassphraseError
from vault.members import estimate
from vault.settings import load

ABOUT = ("Айгерим Сапарова", "aigerim.s")


@pytest.fixture(scope="module")
def limits(tmp_path_factory):
    return load(tmp_path_factory.mktemp("x"), {"ledger": {"origin": "x.invalid"}}).passphrase


def reason(passphrase, limits, about=ABOUT):
    try:
        estimate.check(passphrase, about, limits)
    except WeakPassphraseError as error:
        return error.reason
    return None


def test_the_error_holds_nothing_of_it(limits):
    with pytest.raises(WeakPassphraseError) as caught:
        estimate.check("password password", ABOUT, limits)
    assert "password p" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        ("x", "short"),
        ("x" * 13, "short"),
        ("a" * 400, "repeated"),
        ("Ерлан Ерлан Ерлан", "repeated"),
        ("qwertyuiopasdfgh", "common"),
        ("abcdefghijklmnop", "row"),
        ("йцукенгшщзхъфыв", "row"),
        ("12.03.1990 15.04.1991", "dated"),
        ("password password", "common"),
        ("p4$$w0rd p4$$w0rd", "common"),
        ("correct horse battery", "common"),
        ("gfhjkm gfhjkm xx", "repeated"),
        ("абзац абонент авария", "common"),
        ("свидетель хранилище 2022", "common"),
        ("Айгерим Сапарова 1990", "personal"),
        ("aigerim.s@1990 !!", "personal"),
    ],
)
def test_a_weak_one_is_refused_and_said_why(limits, passphrase, said):
    assert reason(passphrase, limits) == said


@pytest.mark.parametrize("typed", ["йцукен 1990 фывапр", "Пароль1234пароль4321"])
def test_what_is_common_on_russian_keys_is_known_by_the_latin_ones(limits, typed):
    assert estimate._estimate(typed, set())[0] > limits.min_strength
    assert reason(typed, limits) is not None


def test_what_is_about_somebody_else_may_be_used(limits):
    typed = "zhanna kuanysheva loves rain"
    assert reason(typed, limits) is None
    assert reason("zhanna kuanysheva", limits, ("Zhanna Kuanysheva", "zh")) == "personal"


def test_what_is_offered_is_always_taken(limits):
    assert [reason(generate_passphrase(), limits) for _ in range(50)] == [None] * 50


def test_the_bound_of_the_setting_counts(limits):
    import dataclasses

    typed = "correct horse battery staple"
    assert reason(typed, limits) is None
    assert reason(typed, dataclasses.replace(limits, min_strength=70)) is not None


def test_a_long_one_takes_no_longer(limits):
    for hardest in ("1" * 1024, "aA4@sS5$eE3iI1!|oO0" * 50, "@4(3690!15$7%2" * 70):
        began = time.process_time()
        reason(hardest, limits)
        assert time.process_time() - began < 3


def test_what_is_no_text_is_refused_without_repeating_it(limits):
    with pytest.raises(TooLongError):
        estimate.check("x" * 1025, ABOUT, limits)
    with pytest.raises(EncodingError) as caught:
        estimate.check("lone surrogate \ud800", ABOUT, limits)
    assert caught.value.__cause__ is None


def test_two_people_at_once_are_not_mixed_up(limits):
    """The library keeps the words of whoever asks where the next call finds them."""
    people = [(name, f"{name} 1990 1990") for name in ("qazxqaz", "wsxcwsx", "edcvedc", "rfvbrfv")]
    start = threading.Barrier(len(people))

    def ask(person):
        start.wait(10)
        return [reason(person[1], limits, (person[0],)) for _ in range(10)]

    with ThreadPoolExecutor(len(people)) as pool:
        found = list(pool.map(ask, people))
    alone = [reason(typed, limits, (name,)) for name, typed in people]
    assert found == [[said] * 10 for said in alone]
    assert "personal" in alone
