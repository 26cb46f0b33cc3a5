import importlib.util
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import errors
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import verify_cosignature
from vault.ledger.entry import Entry
from vault.ledger.merkle import verify_consistency, verify_inclusion
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier
from vault.ledger.offer import Offer
from vault.ledger.proof import TlogProof
from vault.ledger.verify import verify_export

FOLDER = Path(__file__).parents[1] / "vectors" / "ledger"
FILES = sorted(FOLDER.glob("*/*.json"))


def run_entry(vector):
    data = vector["entry"].encode()
    assert Entry.parse(data).encode() == data


def run_checkpoint(vector):
    open_checkpoint(vector["note"].encode(), NoteVerifier.parse(vector["vkey"]))


def run_proof(vector):
    proof = TlogProof.parse(vector["proof"].encode())
    proof.verify(bytes.fromhex(vector["leaf"]), NoteVerifier.parse(vector["vkey"]))


def run_cosignature(vector):
    verifier = NoteVerifier.parse(vector["vkey"], COSIGNATURE)
    assert verify_cosignature(vector["note"].encode(), verifier) == vector["timestamp"]


def run_inclusion(vector):
    leaf, root = bytes.fromhex(vector["leaf"]), bytes.fromhex(vector["root"])
    proof = [bytes.fromhex(item) for item in vector["proof"]]
    verify_inclusion(vector["index"], vector["size"], leaf, proof, root)


def run_consistency(vector):
    roots = (bytes.fromhex(vector[name]) for name in ("first_root", "second_root"))
    proof = [bytes.fromhex(item) for item in vector["proof"]]
    verify_consistency(vector["first"], vector["second"], proof, *roots)


def run_offer(vector):
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["seed"]))
    cosigner = NoteVerifier.parse(vector["cosigner"], COSIGNATURE)
    last = vector["last"] and Checkpoint.parse(Note.parse(vector["last"].encode()).text)
    asked = Offer.parse(vector["offer"].encode())
    logs = (NoteVerifier.parse(vector["vkey"]),)
    note = asked.cosign(logs, last, cosigner, vector["timestamp"], key.sign)
    assert note.decode() == vector["signed"]


def run_export(vector):
    verify_export(
        [entry.encode() for entry in vector["entries"]],
        [bytes.fromhex(item) for item in vector["hashes"]],
        [note.encode() for note in vector["checkpoints"]],
        vector["vkey"],
        held_checkpoints=[note.encode() for note in vector["held_checkpoints"]],
        held_hashes=[bytes.fromhex(item) for item in vector["held_hashes"]],
    )


RUNNERS = {
    "offer": run_offer,
    "inclusion": run_inclusion,
    "consistency": run_consistency,
    "entry": run_entry,
    "checkpoint": run_checkpoint,
    "proof": run_proof,
    "cosignature": run_cosignature,
    "export": run_export,
}


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_vector_ends_as_it_says(path):
    vector = json.loads(path.read_text("utf-8"))
    run = RUNNERS[path.parent.name]
    if vector["expect"] == "ok":
        run(vector)
        return
    with pytest.raises(errors.WitnessVaultError) as caught:
        run(vector)
    assert type(caught.value) is getattr(errors, vector["expect"])
    assert getattr(caught.value, "seq", None) == vector["seq"]


def test_the_generator_makes_these_very_files():
    spec = importlib.util.spec_from_file_location("ledger_vectors", FOLDER / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    found = {f"{name_of(path)}.json": path.read_bytes() for path in FILES}
    assert found == generate.vectors()
    assert len(found) > 100
