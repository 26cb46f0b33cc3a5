"""Vectors of known-browser tokens: the good one says what it states, the others are none."""

import json
from pathlib import Path

import pytest

from vault.members.browsers import SIZE, Known

VECTORS = Path(__file__).parents[1] / "vectors" / "known-browser"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_token_says_what_its_vector_states(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    known = Known.open(bytes.fromhex(vector["key"]), vector["token"])
    if vector["says"] is None:
        assert known is None
    else:
        assert len(vector["token"]) == SIZE
        said = {"id": known.id.hex(), "member": known.member}
        assert said | {"generation": known.generation, "made": known.made} == vector["says"]


def test_one_is_good_and_each_other_has_one_fault():
    assert len(NAMES) == 9
    assert [name for name in NAMES if name.startswith("good")] == ["good"]
