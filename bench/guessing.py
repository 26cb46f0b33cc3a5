"""How well somebody who only measures can guess which of two things they look at. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

FOLDS = 10
# Three standard errors: chance alone misses this once in some 370 runs.
ERRORS = 3

Measured = Sequence[float]
"""What was measured of one look: any number of values, the same ones each time."""


def area(one: Measured, other: Measured) -> float:
    """Return the area under the ROC curve of guessing by one value, in the better direction.

    It is the probability that a value of one kind is above one of the other (Mann and Whitney's U,
    divided): 0.5 is chance, 1 is certainty.
    """
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    share = wins / (len(one) * len(other))
    return max(share, 1 - share)


def area_by_chance(one: int, other: int) -> float:
    """Return the area that chance does not exceed, by ERRORS standard errors of U."""
    return 0.5 + ERRORS * math.sqrt((one + other + 1) / (12 * one * other))


def accuracy(one: Sequence[Measured], other: Sequence[Measured]) -> float:
    """Return how often the nearest mean names the right kind, for looks it did not learn from.

    Each value is scaled by its spread; FOLDS-fold cross-validation.
    """
    right = 0
    for fold in range(FOLDS):
        learned = [
            [look for at, look in enumerate(kind) if at % FOLDS != fold] for kind in (one, other)
        ]
        scale = [
            statistics.pstdev(values) or 1.0
            for values in zip(*learned[0], *learned[1], strict=True)
        ]
        means = [
            [statistics.fmean(values) for values in zip(*kind, strict=True)] for kind in learned
        ]
        for kind, looks in enumerate((one, other)):
            for look in looks[fold::FOLDS]:
                far = [_distance(look, mean, scale) for mean in means]
                right += far[kind] < far[1 - kind] or (far[0] == far[1] and kind == 0)
    return right / (len(one) + len(other))


def accuracy_by_chance(looks: int) -> float:
    """Return the accuracy that chance does not exceed, by ERRORS standard errors."""
    return 0.5 + ERRORS * math.sqrt(0.25 / looks)


def _distance(look: Measured, mean: Measured, scale: Measured) -> float:
    return sum(((a - b) / s) ** 2 for a, b, s in zip(look, mean, scale, strict=True))
