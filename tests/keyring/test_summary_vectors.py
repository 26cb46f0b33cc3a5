"""Summary vectors: the good ones open to what they state, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import canonical
from vault.crypto.seal import OpeningKey
from vault.keyring.summaries import Keeper, Place, unwrap

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "summary"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def place_of(vector):
    return Place(vector["case"], vector["testimony"], vector["member"])


def opened(vector):
    place = place_of(vector)
    key = bytes.fromhex(vector["erasure_key"])
    sealed = unwrap(key, place, canonical.unb64(vector["stored"]))
    keeper = Keeper(place.member, OpeningKey(bytes.fromhex(vector["opening_seed"])))
    makers = {name: bytes.fromhex(public) for name, public in vector["makers"].items()}
    return keeper.open(place, sealed, makers.get).to_json()


def test_no_family_of_vectors_is_empty():
    assert len([name for name in NAMES if name.startswith("good")]) == 2
    assert len(NAMES) > 15


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = read(name)
    if vector["expect"] == "ok":
        assert opened(vector) == vector["summary"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            opened(vector)
        assert type(caught.value).__name__ == vector["expect"]


def test_the_examples_of_the_specification_are_the_vectors():
    text = (ROOT / "docs" / "spec" / "summary.md").read_text("utf-8")
    assert canonical.dumps(read("good-own")["summary"]).decode() in text
    assert place_of(read("good-own")).name.decode() in text
    for name in ("good-own", "good-posted"):
        assert f"{len(canonical.unb64(read(name)['stored'])):,}" in text
