import re
from pathlib import Path

import pytest

from vault.ledger import cosignature, entry, export, merkle, note, proof
from vault.ledger.cosignature import verify_cosignature
from vault.ledger.entry import Entry
from vault.ledger.note import COSIGNATURE, NoteVerifier
from vault.ledger.proof import TlogProof

SPEC = (Path(__file__).parents[2] / "docs" / "spec" / "ledger.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", SPEC, re.MULTILINE | re.DOTALL)


LEAF = blocks("json")[0].rstrip("\n").encode()
LOG_VKEY, COSIGNER_VKEY = (block.rstrip("\n") for block in blocks("vkey"))


def test_the_example_entry_is_one_and_has_the_stated_size():
    assert Entry.parse(LEAF).seq == 2
    assert f"These {len(LEAF)} bytes" in SPEC


def test_the_example_has_the_stated_leaf_hash():
    assert merkle.leaf_hash(LEAF).hex() == blocks("hex")[0].strip()


def test_the_example_proof_verifies():
    found = TlogProof.parse(blocks("tlog-proof")[0].encode())
    assert found.index == 2
    verifier = NoteVerifier.parse(LOG_VKEY)
    assert found.verify(merkle.leaf_hash(LEAF), verifier).size == 4


def test_the_example_cosignature_verifies():
    cosigner = NoteVerifier.parse(COSIGNER_VKEY, COSIGNATURE)
    time = verify_cosignature(blocks("checkpoint")[0].encode(), cosigner)
    assert f"at {time} (" in SPEC


def test_the_page_names_every_kind_and_no_other():
    section = SPEC.split("\nKinds:\n")[1].split("\nA reader refuses")[0]
    assert set(re.findall(r"`([a-z_.]+)`", section)) == entry.KINDS


def test_what_a_kind_says_is_told_of_kinds_that_there_are_once():
    table = SPEC.split("\n| kind | what it says |\n")[1].split("\n\n")[0].split("\n")[1:]
    told = [kind for row in table for kind in re.findall(r"`([a-z_.]+)`", row.split(" | ")[0])]
    assert set(told) <= entry.KINDS
    assert len(set(told)) == len(told)


def test_the_page_names_every_subject_and_no_other():
    row = next(line for line in SPEC.split("\n") if line.startswith("| `subject`"))
    assert set(re.findall(r"`([a-z]+)`", row)) == entry.SUBJECTS | {"subject"}


@pytest.mark.parametrize(
    "stated",
    [
        f"`{entry.FORMAT}`",
        f"at most {entry.MAX_ENTRY:,} bytes",
        f"at most {entry.MAX_DETAILS} keys",
        f"at most {entry.MAX_TEXT} characters",
        f"at most {entry.MAX_ITEMS} such texts",
        f"{entry.NONCE_SIZE} random bytes",
        f"`{proof.FORMAT}`",
        f"up to {proof.MAX_EXTRA:,} bytes",
        f"`{cosignature.HEADER}`",
        f"Key type `{note.ED25519:#04x}`",
        f"key type `{note.COSIGNATURE:#04x}`",
        f"{note.MAX_NOTE:,} bytes and {note.MAX_SIGNATURES} signatures",
        f"at most {note.MAX_NAME} characters",
        *(f"`{name}`" for name in (export.ENTRIES, export.HASHES, export.CHECKPOINTS, export.VKEY)),
    ],
)
def test_the_page_states_what_the_code_does(stated):
    assert stated in SPEC
