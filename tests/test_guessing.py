"""The measure of `bench.forced`: it finds a difference that is there, and none that is not."""

from __future__ import annotations

import random

import pytest

from bench import guessing

SAME = [float(n % 7) for n in range(200)]


def noise(seed, shift=0.0):
    made = random.Random(seed)
    return [made.gauss(5 + shift, 1) for _ in range(200)]


def test_equal_looks_are_guessed_as_by_a_coin():
    assert guessing.area(SAME, SAME) == 0.5
    looks = [(value,) for value in SAME]
    assert guessing.accuracy(looks, looks) == 0.5


def test_looks_that_differ_are_always_guessed():
    other = [value + 7 for value in SAME]
    assert guessing.area(SAME, other) == guessing.area(other, SAME) == 1
    looks = [(value, 0.0) for value in SAME], [(value + 70, 0.0) for value in SAME]
    assert guessing.accuracy(*looks) == 1


def test_one_constant_difference_among_noise_is_found():
    one = [(value, 100.0) for value in noise(1)]
    other = [(value, 101.0) for value in noise(2)]
    assert guessing.accuracy(one, other) > guessing.accuracy_by_chance(400)


@pytest.mark.parametrize(("shift", "found"), [(0.0, False), (0.5, True)])
def test_half_a_spread_is_found_among_two_hundred_looks_and_noise_is_not(shift, found):
    one, other = noise(1), noise(2, shift)
    assert (guessing.area(one, other) > guessing.area_by_chance(200, 200)) is found
    looks = [(value,) for value in one], [(value,) for value in other]
    assert (guessing.accuracy(*looks) > guessing.accuracy_by_chance(400)) is found


def test_the_bounds_of_chance_for_two_hundred_looks_each():
    assert guessing.area_by_chance(200, 200) == pytest.approx(0.5867, abs=1e-4)
    assert guessing.accuracy_by_chance(400) == pytest.approx(0.575)
