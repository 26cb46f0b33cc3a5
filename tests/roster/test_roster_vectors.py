"""Roster vectors: the good chains give what they state, each fault is refused."""

import json
from pathlib import Path

import pytest

from vault.errors import RosterError
from vault.roster.chain import Pin, verify_chain

VECTORS = Path(__file__).parents[1] / "vectors" / "roster"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def verified(vector):
    seen = vector["seen"]
    seen = () if seen is None else (seen["version"], bytes.fromhex(seen["hash"]))
    pin = Pin(bytes.fromhex(vector["root"]), *seen)
    return verify_chain([line.encode() for line in vector["lines"]], pin)


def test_no_family_of_vectors_is_empty():
    assert len([name for name in NAMES if name.startswith("good")]) == 14
    assert len(NAMES) > 75


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    if vector["expect"] == "ok":
        roster = verified(vector)
        assert (roster.version, roster.hash.hex()) == (vector["version"], vector["hash"])
    else:
        assert vector["expect"] == "RosterError"
        with pytest.raises(RosterError) as refusal:
            verified(vector)
        if "why" in vector:  # else a low refusal could hide behind a high one
            assert refusal.value.detail == vector["why"]
