"""Stock Go (`golang.org/x/mod/sumdb`, `sumdb.go` beside this file) reads what this program writes.

Debian: golang-go and golang-golang-x-mod-dev. Nothing is fetched.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import cosign
from vault.ledger.note import COSIGNATURE, NoteVerifier
from vault.ledger.proof import TlogProof

REQUIRE = "WITNESS_VAULT_REQUIRE_GO"
SOURCE = Path(__file__).with_name("sumdb.go")
PACKAGES = Path("/usr/share/gocode")
VECTORS = Path(__file__).parents[1] / "vectors" / "ledger"

ORIGIN = "vault.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
LOG = NoteVerifier(ORIGIN, KEY.public_key().public_bytes_raw())
COSIGNER = NoteVerifier("partner.example/1", OTHER.public_key().public_bytes_raw(), COSIGNATURE)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(40)]
ROOTS = [merkle.root(LEAVES[:size]) for size in range(41)]

missing = shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir()
pytestmark = pytest.mark.skipif(
    missing and not os.environ.get(REQUIRE),
    reason="stock Go is not installed (Debian: golang-go, golang-golang-x-mod-dev)",
)


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    """Ask stock Go many questions at once; gives one answer for each, "ok" or a reason."""
    program = tmp_path_factory.mktemp("go") / "sumdb"
    offline = {
        "GO111MODULE": "off",
        "GOPATH": str(PACKAGES),
        "GOFLAGS": "",
        "GOCACHE": str(program.with_name("cache")),
    }
    build = ["go", "build", "-o", str(program), str(SOURCE)]
    subprocess.run(build, check=True, env=os.environ | offline, timeout=300)

    def ask(questions):
        lines = "".join(json.dumps(question) + "\n" for question in questions)
        ran = subprocess.run(
            [program], input=lines.encode(), capture_output=True, check=True, timeout=60
        )
        answers = ran.stdout.decode().splitlines()
        assert len(answers) == len(questions)
        return answers

    return ask


def hexes(items):
    return [item.hex() for item in items]


def inclusion(index, size, proof=None, leaf=None, root=None):
    hashes = merkle.inclusion_proof(index, LEAVES[:size]) if proof is None else proof
    return {
        "ask": "inclusion",
        "index": index,
        "size": size,
        "leaf": (leaf or LEAVES[index]).hex(),
        "root": (root or ROOTS[size]).hex(),
        "proof": hexes(hashes),
    }


def consistency(first, second, proof=None, old=None):
    hashes = merkle.consistency_proof(first, LEAVES[:second]) if proof is None else proof
    return {
        "ask": "consistency",
        "first": first,
        "second": second,
        "first_root": (old or ROOTS[first]).hex(),
        "second_root": ROOTS[second].hex(),
        "proof": hexes(hashes),
    }


def flipped(proof):
    for at, item in enumerate(proof):
        yield (*proof[:at], bytes([item[0] ^ 1]) + item[1:], *proof[at + 1 :])


def signed(size):
    return Checkpoint(ORIGIN, size, ROOTS[size]).sign(LOG, KEY.sign)


def test_every_inclusion_proof_is_accepted(go):
    asked = [inclusion(index, size) for size in range(1, 41) for index in range(size)]
    assert set(go(asked)) == {"ok"}


def test_every_altered_inclusion_proof_is_rejected(go):
    asked = []
    for size in (2, 3, 7, 8, 33):
        for index in range(size):
            proof = merkle.inclusion_proof(index, LEAVES[:size])
            asked += [inclusion(index, size, bad) for bad in flipped(proof)]
            asked += [inclusion(index, size, proof[1:]), inclusion(index, size, (*proof, proof[0]))]
            asked += [
                inclusion(index, size, leaf=LEAVES[39]),
                inclusion(index, size, root=ROOTS[1]),
            ]
    assert "ok" not in go(asked)


def test_every_consistency_proof_is_accepted(go):
    asked = [consistency(first, size) for size in range(1, 41) for first in range(1, size + 1)]
    assert set(go(asked)) == {"ok"}


def test_every_altered_consistency_proof_is_rejected(go):
    asked = []
    for size in (3, 7, 8, 33):
        for first in range(1, size):
            proof = merkle.consistency_proof(first, LEAVES[:size])
            asked += [consistency(first, size, bad) for bad in flipped(proof)]
            asked += [consistency(first, size, proof[1:])]
            asked += [consistency(first, size, old=LEAVES[39])]
    assert "ok" not in go(asked)


def test_checkpoints_open_and_altered_ones_do_not(go):
    notes = [signed(size).decode() for size in (0, 1, 33)]
    cosigned = cosign(notes[2].encode(), COSIGNER, 1_795_345_200, OTHER.sign).decode()
    vkey = LOG.vkey()
    good = [{"ask": "checkpoint", "note": note, "vkey": vkey} for note in (*notes, cosigned)]
    assert set(go(good)) == {"ok"}
    bad = [
        note.replace(f"\n{size}\n", "\n7\n") for note, size in zip(notes, (0, 1, 33), strict=True)
    ]
    bad += [notes[2].replace(ORIGIN, "other.example/log", 1), notes[2].rpartition("\n\n")[0] + "\n"]
    stranger = NoteVerifier(ORIGIN, COSIGNER.public_key).vkey()
    asked = [{"ask": "checkpoint", "note": note, "vkey": vkey} for note in bad]
    assert "ok" not in go([*asked, {**good[2], "vkey": stranger}])


def test_proofs_in_their_files_are_accepted_and_altered_ones_are_not(go):
    made = [
        TlogProof(index, merkle.inclusion_proof(index, LEAVES[:33]), signed(33)).encode().decode()
        for index in range(33)
    ]
    asked = [
        {"ask": "proof", "proof": proof, "leaf": LEAVES[index].hex(), "vkey": LOG.vkey()}
        for index, proof in enumerate(made)
    ]
    assert set(go(asked)) == {"ok"}
    bad = [{**one, "leaf": LEAVES[39].hex()} for one in asked]
    bad += [{**one, "proof": one["proof"].replace("\n33\n", "\n34\n")} for one in asked]
    assert "ok" not in go(bad)


# What sumdb does not judge as we do, by what ours says, and why.
DIFFERENT = {
    # CheckTree asks for trees that have leaves.
    "consistency/from-empty": "ok",
    "consistency/both-empty": "ok",
    # Of several lines by one key it looks at the first alone; we look at all, and of a cosigner's
    # the latest counts. We take fewer lines, too.
    "checkpoint/one-true-one-false": "SignatureError",
    "cosignature/twice-latest-counts": "ok",
    "checkpoint/too-many-signatures": "FormatError",
    # ParseHash takes base64 with bits set that no byte holds; we take one spelling only.
    "checkpoint/root-second-spelling": "FormatError",
    # A size has 64 bits there; ours ends where every reader of JSON does.
    "checkpoint/size-too-large": "FormatError",
}


def test_all_vectors_end_alike(go):
    groups = ("checkpoint", "consistency", "cosignature", "inclusion", "proof")
    files = [path for group in groups for path in sorted((VECTORS / group).glob("*.json"))]
    vectors = [json.loads(path.read_text("utf-8")) for path in files]
    answers = go(
        [{"ask": path.parent.name, **one} for path, one in zip(files, vectors, strict=True)]
    )
    names = [f"{path.parent.name}/{path.stem}" for path in files]
    differ = {
        name: one["expect"]
        for name, one, answer in zip(names, vectors, answers, strict=True)
        if (one["expect"] == "ok") != (answer == "ok")
    }
    assert differ == DIFFERENT
    assert len(names) > 100
