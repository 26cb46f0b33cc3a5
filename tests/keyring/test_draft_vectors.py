"""Draft vectors: the good one opens to what it states, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import canonical
from vault.crypto.seal import OpeningKey
from vault.keyring.drafts import FORMAT, Place, open_draft

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "draft"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def opened(vector):
    key, erasure = (bytes.fromhex(vector[name]) for name in ("opening_seed", "erasure_key"))
    stored = canonical.unb64(vector["stored"])
    return open_draft(OpeningKey(key), erasure, Place(**vector["place"]), stored)


def test_there_are_vectors():
    assert len(NAMES) > 10


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = read(name)
    if vector["expect"] == "ok":
        written = opened(vector)
        assert {"text": written.text, "saved": written.saved} == vector["draft"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            opened(vector)
        assert type(caught.value).__name__ == vector["expect"]


def test_the_examples_of_the_specification_are_the_vectors():
    text = (ROOT / "docs" / "spec" / "draft.md").read_text("utf-8")
    vector = read("good")
    place = Place(**vector["place"]).context(FORMAT).partition(b"\0")[2]
    assert canonical.dumps(vector["draft"]).decode() in text
    assert place.decode() in text
    assert f"{len(canonical.unb64(vector['stored'])):,}" in text
