"""A proof of date: whatever is altered in the file is refused, each with an error of its own."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault import errors
from vault.crypto import commitment
from vault.errors import FormatError, WitnessVaultError
from vault.ledger import proof_of_date
from vault.ledger.about_date import ABOUT
from vault.ledger.proof_of_date import ProofOfDate

VECTORS = Path(__file__).parents[1] / "vectors" / "proof-of-date"
FILES = sorted(VECTORS.glob("*.json"))
SPEC = (Path(__file__).parents[2] / "docs/spec/proof-of-date.md").read_text("utf-8")
GOOD = json.loads((VECTORS / "good.json").read_text("utf-8"))
DATA = GOOD["file"].encode()


def verified(vector):
    return ProofOfDate.parse(vector["file"].encode()).verify(
        vector["vkey"], [one.encode() for one in vector["held"]], vector["cosigners"]
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_alteration_is_refused_with_its_own_error(path):
    vector = json.loads(path.read_text("utf-8"))
    if vector["expect"] == "ok":
        assert verified(vector).day == "2026-11-22"
        assert ProofOfDate.parse(vector["file"].encode()).encode() == vector["file"].encode()
        return
    with pytest.raises(WitnessVaultError) as caught:
        verified(vector)
    assert type(caught.value) is getattr(errors, vector["expect"])


def test_the_words_shown_are_given_and_the_others_are_not_in_the_file():
    found = verified(GOOD)
    assert found.shown["answer/story"].startswith("Меня забрали утром.")
    assert "answer/consent" not in found.shown
    assert '"C02"' not in GOOD["file"]


def test_without_words_the_file_holds_none_and_proves_the_same():
    without = json.loads((VECTORS / "good-without-words.json").read_text("utf-8"))
    assert "забрали" not in without["file"]
    assert verified(without).commitment == verified(GOOD).commitment


def test_who_confirms_is_said_only_of_those_who_were_asked_about():
    plain, held, cosigned = (
        json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
        for name in ("good", "good-held", "good-cosigned")
    )
    assert (verified(plain).held, verified(plain).seen, verified(plain).others) == (False, {}, ())
    assert verified(held).held
    assert verified(cosigned).seen == {"partner.example/1": 1_795_345_200}
    assert verified(cosigned | {"cosigners": []}).others == ("partner.example/1",)


@settings(deadline=None)
@given(st.integers(len(ABOUT.encode()), len(DATA) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place, by):
    """Only what nobody signs, the log's name beside a signature, may say something else."""
    changed = bytearray(DATA)
    changed[place] ^= by
    with pytest.raises(WitnessVaultError):
        ProofOfDate.parse(bytes(changed)).verify(GOOD["vkey"])


@settings(deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode), st.booleans())
def test_the_parser_gives_a_proof_or_a_format_error(data, headed):
    with pytest.raises(FormatError):
        ProofOfDate.parse((ABOUT.encode() if headed else b"") + data)


def test_a_file_that_is_too_large_is_not_read():
    with pytest.raises(FormatError):
        ProofOfDate.parse(DATA + b" " * proof_of_date.MAX_SIZE)


@pytest.mark.parametrize(("name", "most"), [("digests", "MAX_DIGESTS"), ("keys", "MAX_KEYS")])
def test_lists_are_bounded(name, most):
    item = '"AA",' if name == "digests" else "{},"
    long = item * (getattr(proof_of_date, most) + 1)
    start = DATA.decode().index(f'"{name}":[') + len(f'"{name}":[')
    end = DATA.decode().index("]", start)
    changed = DATA.decode()[:start] + long[:-1] + DATA.decode()[end:]
    with pytest.raises(FormatError):
        ProofOfDate.parse(changed.encode())


def test_the_head_says_in_three_languages_what_is_not_proven():
    for words in ("does not show who", "не показывает, кто", "кім бергенін"):
        assert words in ABOUT.replace("\n", " ")


def test_the_example_of_the_specification_is_the_vector():
    line = DATA[len(ABOUT.encode()) :].split(b"\n")[0].decode()
    assert commitment.FORMAT in SPEC
    assert verified(GOOD).commitment.hex() in SPEC
    assert line.split('"shown":[')[1].split("},")[0] in SPEC
