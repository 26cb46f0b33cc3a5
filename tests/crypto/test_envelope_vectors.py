"""The envelope's vectors: the good frame opens, each fault has its own error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vault import errors
from vault.crypto.seal import OpeningKey, key_id

FOLDER = Path(__file__).parents[1] / "vectors" / "envelope"
FILES = sorted(FOLDER.glob("*.json"))


def test_there_is_one_good_frame_and_many_faults():
    good = [file for file in FILES if json.loads(file.read_text())["error"] is None]
    assert [file.stem for file in good] == ["good"]
    assert len(FILES) > 10


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_vector(file):
    vector = json.loads(file.read_text())
    key = OpeningKey(bytes.fromhex(vector["seed"]))
    assert key_id(key.public).hex() == vector["public_sha256_16"]
    sealed, info = bytes.fromhex(vector["sealed"]), vector["info"].encode()
    if vector["error"] is None:
        assert key.open(sealed, info) == vector["plaintext"].encode()
        return
    with pytest.raises(errors.WitnessVaultError) as caught:
        key.open(sealed, info)
    assert type(caught.value).__name__ == vector["error"]
