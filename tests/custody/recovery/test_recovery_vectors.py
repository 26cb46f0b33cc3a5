"""Recovery vectors: good files give what they state, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import clock
from vault.crypto.seal import OpeningKey
from vault.custody.recovery import combining, making
from vault.custody.recovery.documents import Answer, PublicKey, Request
from vault.keyring.opening import open_grant

VECTORS = Path(__file__).parents[2] / "vectors" / "recovery"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def combined(vector):
    data = vector["file"].encode()
    done = combining.combine(combining.examine(data), vector["shares"])
    assert done.answer.digest == Request.parse(data).digest
    key = OpeningKey(bytes.fromhex(vector["opening_seed"]))
    return [
        [grant.subject, str(compartment), epoch, seed.hex()]
        for grant in Answer.parse(done.answer.encode()).grants
        for compartment, epoch, seed in open_grant(grant, key)
    ]


def read(vector):
    data = vector["file"].encode()
    if vector["kind"] == "request":
        return combined(vector)
    if vector["kind"] == "answer":
        assert Answer.parse(data).encode() == data
    else:
        key = PublicKey.parse(data)
        assert key.encode() == data
        making.check_proven(key)
    return None


def test_no_family_of_vectors_is_empty():
    assert len([name for name in NAMES if name.startswith("good")]) == 8
    assert len(NAMES) > 35


@pytest.mark.parametrize("name", NAMES)
def test_vector(name, monkeypatch):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    if "now" in vector:
        at = clock.seconds_of(vector["now"])
        monkeypatch.setattr(clock, "now", lambda: at)
    if vector["expect"] == "ok":
        assert read(vector) == vector.get("seeds")
        return
    with pytest.raises(vault.errors.WitnessVaultError) as caught:
        read(vector)
    assert type(caught.value).__name__ == vector["expect"]
