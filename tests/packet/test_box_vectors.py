"""Box vectors: the good ones open to what they state, each fault has its own error."""

import json
from pathlib import Path

import pytest

import vault.errors
from vault import canonical
from vault.crypto import sign
from vault.crypto.receipt import Receipt
from vault.packet.open_box import open_box

VECTORS = Path(__file__).parents[1] / "vectors" / "box"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))


def read(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def test_no_family_of_vectors_is_empty():
    assert len([name for name in NAMES if name.startswith("good")]) == 5
    assert len(NAMES) > 20


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = read(name)
    receipt = Receipt(bytes.fromhex(vector["receipt"]))
    sealed = canonical.unb64(vector["box"])
    if vector["expect"] == "ok":
        opened = open_box(receipt, sealed)
        assert opened.testimony == vector["testimony"]
        assert opened.fixed.to_json() == vector["fixed"]
        assert opened.current.to_json() == vector["current"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            open_box(receipt, sealed)
        assert type(caught.value).__name__ == vector["expect"]


def test_the_reply_in_a_box_verifies_and_a_changed_one_does_not():
    vector = read("good-reply")
    (reply,) = vector["current"]["replies"]
    author = bytes.fromhex(vector["author"])
    signature = canonical.unb64(reply["signature"], 64)
    document = reply["document"]
    sign.verify(author, document["format"], canonical.dumps(document), signature)
    for field in document:
        changed = canonical.dumps({**document, field: "x"})
        with pytest.raises(vault.errors.SignatureError):
            sign.verify(author, document["format"], changed, signature)
