"""Histories as data, each with one question and its answer: tests/vectors/consent."""

import json
from pathlib import Path

import pytest

from vault.consent import gate
from vault.consent.history import Statement, Stop, history

VECTORS = Path(__file__).parents[1] / "vectors" / "consent"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_the_gate_answers_as_the_vector_says(name):
    given = vector(name)
    found = gate.may(
        given["item"],
        history(
            (Statement(**one) for one in given["statements"]),
            (Stop(**one) for one in given["stops"]),
            given["notes_read"],
        ),
        given["now"],
        given["delay"],
        given["level"],
    )
    assert (found.reason, found.allowed) == (given["reason"], given["reason"] == gate.ALLOWED)
    assert found.begins == given.get("begins")


def test_every_reason_has_a_vector():
    assert {vector(name)["reason"] for name in NAMES} == {*gate.REASONS, gate.ALLOWED}
