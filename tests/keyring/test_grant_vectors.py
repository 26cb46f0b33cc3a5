"""Grant vectors: the good ones open to what they state, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault.crypto.seal import OpeningKey
from vault.keyring.grants import Grant
from vault.keyring.opening import open_grant, unwrap

VECTORS = Path(__file__).parents[1] / "vectors" / "grant"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def opened(vector):
    grant = Grant.from_json(vector["subject"], vector["grant"])
    if vector["erasure_key"] is not None:
        grant = unwrap(bytes.fromhex(vector["erasure_key"]), grant, vector["grant_id"])
    key = OpeningKey(bytes.fromhex(vector["opening_seed"]))
    return [[name, epoch, seed.hex()] for name, epoch, seed in open_grant(grant, key)]


def test_no_family_of_vectors_is_empty():
    assert len([name for name in NAMES if name.startswith("good")]) == 4
    assert len(NAMES) > 25


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    if vector["expect"] == "ok":
        assert opened(vector) == vector["seeds"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            opened(vector)
        assert type(caught.value).__name__ == vector["expect"]


def test_a_stored_vector_does_not_open_unwrapped():
    vector = json.loads((VECTORS / "good-stored.json").read_text())
    grant = Grant.from_json(vector["subject"], vector["grant"])
    key = OpeningKey(bytes.fromhex(vector["opening_seed"]))
    with pytest.raises(vault.errors.WitnessVaultError):
        open_grant(grant, key)
