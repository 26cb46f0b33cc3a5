import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import FormatError, LedgerError, WitnessVaultError
from vault.ledger import merkle
from vault.ledger.proof import FORMAT, TlogProof


def proof_of(log, entries, hashes, index):
    path = merkle.inclusion_proof(index, hashes(entries))
    return TlogProof(index, path, log.checkpoint(entries))


@pytest.mark.parametrize("size", [1, 2, 5, 8, 13])
def test_every_entry_has_a_proof_that_survives_its_text(log, hashes, size):
    entries = log.entries(size)
    for index, leaf in enumerate(hashes(entries)):
        proof = TlogProof.parse(proof_of(log, entries, hashes, index).encode())
        assert proof.verify(leaf, log.verifier).size == size


def test_the_text_has_the_lines_of_the_specification(log, hashes):
    lines = proof_of(log, log.entries(4), hashes, 2).encode().decode().split("\n")
    assert lines[:2] == [FORMAT, "index 2"]
    assert lines[4] == ""
    assert lines[5:7] == [log.origin, "4"]


def test_no_changed_byte_leaves_a_proof_that_verifies(log, hashes):
    entries = log.entries(5)
    leaf = hashes(entries)[3]
    data = proof_of(log, entries, hashes, 3).encode()
    for at in range(len(data)):
        bad = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(WitnessVaultError):
            TlogProof.parse(bad).verify(leaf, log.verifier)


def test_a_proof_serves_no_other_entry(log, hashes):
    entries = log.entries(5)
    proof = proof_of(log, entries, hashes, 3)
    for index, leaf in enumerate(hashes(entries)):
        if index != 3:
            with pytest.raises(LedgerError):
                proof.verify(leaf, log.verifier)


@given(st.binary(min_size=1, max_size=100))
def test_extra_data_is_kept_as_it_is(extra):
    checkpoint = "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a AAAAAAAA\n".encode()
    proof = TlogProof(0, (), checkpoint, extra)
    assert TlogProof.parse(proof.encode()) == proof


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": 2**53},
        {"hashes": (bytes(31),)},
        {"hashes": (bytes(32),) * 65},
        {"extra": b""},
        {"extra": bytes(8193)},
        {"checkpoint": b"no note"},
    ],
)
def test_a_proof_of_impossible_values_cannot_be_made(log, change):
    fields = {"index": 0, "hashes": (), "checkpoint": log.checkpoint(log.entries(1))} | change
    with pytest.raises(FormatError):
        TlogProof(**fields)


def test_a_text_too_large_is_refused_unread():
    with pytest.raises(FormatError, match="too large"):
        TlogProof.parse(b"x" * 600_000)
