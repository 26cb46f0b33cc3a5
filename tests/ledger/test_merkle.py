import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.errors import (
    EmptyHashError,
    EmptyProofError,
    EmptyTreeError,
    FormatError,
    HashSizeError,
    LedgerError,
    NoSuchEntryError,
    RolledBackError,
    WitnessVaultError,
)
from vault.ledger import merkle
from vault.ledger.merkle import Frontier

SIZES = range(71)
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(max(SIZES))]
ROOTS = [merkle.root(LEAVES[:size]) for size in SIZES]
WRONG = hashlib.sha256(b"wrong").digest()

# The reference tree of the Certificate Transparency project.
REFERENCE = [
    bytes.fromhex(item)
    for item in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
H96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H5F = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H6B = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
HBC = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
HCA = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H0E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
HB0 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"


def by_definition(leaves):
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def holds(check, *arguments):
    try:
        check(*arguments)
    except WitnessVaultError:
        return False
    return True


def flipped(proof):
    for at, item in enumerate(proof):
        bad = bytes([item[0] ^ 1]) + item[1:]
        yield (*proof[:at], bad, *proof[at + 1 :])


def disturbed(proof):
    """Every proof that is one fault away: a hash flipped, left out, put in, or added."""
    yield from flipped(proof)
    for at in range(len(proof)):
        yield (*proof[:at], *proof[at + 1 :])
    for at in range(len(proof) + 1):
        yield (*proof[:at], WRONG, *proof[at:])


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_its_known_roots(size):
    leaves = [merkle.leaf_hash(leaf) for leaf in REFERENCE[:size]]
    assert merkle.root(leaves).hex() == REFERENCE_ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 8, (H96, H5F, H6B)),
        (5, 8, (HBC, HCA, REFERENCE_ROOTS[4])),
        (2, 3, (REFERENCE_ROOTS[2],)),
        (1, 5, (REFERENCE_ROOTS[1], H5F, HBC)),
    ],
)
def test_the_reference_tree_has_its_known_inclusion_proofs(index, size, proof):
    leaves = [merkle.leaf_hash(leaf) for leaf in REFERENCE[:size]]
    assert tuple(item.hex() for item in merkle.inclusion_proof(index, leaves)) == proof


@pytest.mark.parametrize(
    ("first", "second", "proof"),
    [
        (1, 1, ()),
        (1, 8, (H96, H5F, H6B)),
        (6, 8, (H0E, HCA, REFERENCE_ROOTS[4])),
        (2, 5, (H5F, HBC)),
        (6, 7, (H0E, HB0, REFERENCE_ROOTS[4])),
    ],
)
def test_the_reference_tree_has_its_known_consistency_proofs(first, second, proof):
    leaves = [merkle.leaf_hash(leaf) for leaf in REFERENCE[:second]]
    assert tuple(item.hex() for item in merkle.consistency_proof(first, leaves)) == proof


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_the_one_of_the_definition(size):
    assert ROOTS[size] == by_definition(LEAVES[:size])


def test_a_leaf_and_a_node_of_the_same_bytes_differ():
    assert merkle.leaf_hash(LEAVES[0] + LEAVES[1]) != merkle.node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_has_a_proof_that_verifies(size):
    for index in range(size):
        proof = merkle.inclusion_proof(index, LEAVES[:size])
        merkle.verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 70])
def test_a_disturbed_inclusion_proof_does_not_verify(size):
    for index in range(size):
        leaf, proof = LEAVES[index], merkle.inclusion_proof(index, LEAVES[:size])
        check = merkle.verify_inclusion
        assert not any(holds(check, index, size, leaf, p, ROOTS[size]) for p in disturbed(proof))
        assert not holds(check, index, size, WRONG, proof, ROOTS[size])
        assert not holds(check, index, size, leaf, proof, WRONG)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 70])
def test_a_proof_holds_for_no_other_index(size):
    for index in range(size):
        proof = merkle.inclusion_proof(index, LEAVES[:size])
        others = [i for i in range(-1, size + 2) if i != index]
        leaf, root, check = LEAVES[index], ROOTS[size], merkle.verify_inclusion
        assert not any(holds(check, i, size, leaf, proof, root) for i in others)


def test_a_proof_holds_for_no_size_of_another_shape():
    # The size is bound by the signed checkpoint; a proof alone only fixes the path it takes.
    proof = merkle.inclusion_proof(5, LEAVES[:8])
    for size in (0, 5, 6, 9, 16, 70):
        assert not holds(merkle.verify_inclusion, 5, size, LEAVES[5], proof, ROOTS[8])


def test_a_failed_inclusion_proof_names_the_entry():
    with pytest.raises(LedgerError) as caught:
        merkle.verify_inclusion(5, 8, WRONG, merkle.inclusion_proof(5, LEAVES[:8]), ROOTS[8])
    assert caught.value.seq == 5


def test_a_proof_that_goes_on_past_the_root_is_refused_as_too_long():
    proof = (*merkle.inclusion_proof(5, LEAVES[:8]), WRONG)
    beyond = merkle.node_hash(WRONG, ROOTS[8])
    with pytest.raises(LedgerError, match="too long"):
        merkle.verify_inclusion(5, 8, LEAVES[5], proof, beyond)
    consistency = (*merkle.consistency_proof(5, LEAVES[:8]), WRONG)
    roots = (merkle.node_hash(WRONG, ROOTS[5]), beyond)
    assert not holds(merkle.verify_consistency, 5, 8, consistency, *roots)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index):
    with pytest.raises(NoSuchEntryError) as caught:
        merkle.inclusion_proof(index, LEAVES[:3])
    assert caught.value.seq == index
    with pytest.raises(NoSuchEntryError):
        merkle.verify_inclusion(index, 3, LEAVES[0], (WRONG,), ROOTS[3])


def test_in_a_tree_of_size_0_nothing_is_proven():
    with pytest.raises(EmptyTreeError):
        merkle.inclusion_proof(0, [])
    with pytest.raises(EmptyTreeError):
        merkle.verify_inclusion(0, 0, LEAVES[0], (), merkle.EMPTY_ROOT)


def test_an_empty_proof_is_refused_where_the_tree_needs_hashes():
    with pytest.raises(EmptyProofError) as caught:
        merkle.verify_inclusion(1, 2, LEAVES[1], (), ROOTS[2])
    assert caught.value.seq == 1
    with pytest.raises(EmptyProofError):
        merkle.verify_consistency(1, 2, (), ROOTS[1], ROOTS[2])


@pytest.mark.parametrize("second", SIZES)
def test_every_earlier_tree_is_proven_consistent(second):
    for first in range(second + 1):
        proof = merkle.consistency_proof(first, LEAVES[:second])
        merkle.verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])


@pytest.mark.parametrize("second", [2, 3, 7, 8, 9, 33])
def test_a_disturbed_consistency_proof_does_not_verify(second):
    for first in range(second + 1):
        proof = merkle.consistency_proof(first, LEAVES[:second])
        old, new, check = ROOTS[first], ROOTS[second], merkle.verify_consistency
        assert not any(holds(check, first, second, p, old, new) for p in disturbed(proof))
        assert not holds(check, first, second, proof, WRONG, new)
        if first:
            # From an empty log everything follows; nothing is known of it that could be broken.
            assert not holds(check, first, second, proof, old, WRONG)


@pytest.mark.parametrize("second", [2, 3, 7, 8, 9, 33])
def test_a_consistency_proof_holds_for_no_other_earlier_size(second):
    for first in range(1, second + 1):
        proof = merkle.consistency_proof(first, LEAVES[:second])
        others = [size for size in range(-1, second + 2) if size != first]
        old, new, check = ROOTS[first], ROOTS[second], merkle.verify_consistency
        assert not any(holds(check, size, second, proof, old, new) for size in others)


def test_a_log_does_not_follow_a_longer_one():
    with pytest.raises(RolledBackError):
        merkle.verify_consistency(5, 4, (), ROOTS[5], ROOTS[4])
    with pytest.raises(RolledBackError):
        merkle.consistency_proof(5, LEAVES[:4])


def test_an_empty_log_has_only_the_empty_root():
    assert merkle.root([]) == merkle.EMPTY_ROOT
    merkle.verify_consistency(0, 0, (), merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not holds(merkle.verify_consistency, 0, 0, (), WRONG, WRONG)
    assert not holds(merkle.verify_consistency, 0, 0, (), merkle.EMPTY_ROOT, WRONG)


def test_a_log_with_another_past_has_no_proof():
    forked = [*LEAVES[:3], WRONG, *LEAVES[4:8]]
    for first in range(4, 8):
        proof = merkle.consistency_proof(first, forked)
        root = merkle.root(forked)
        assert not holds(merkle.verify_consistency, first, 8, proof, ROOTS[first], root)


@pytest.mark.parametrize(
    ("bad", "error"),
    [(b"", EmptyHashError), (WRONG[:31], HashSizeError), (WRONG + b"x", HashSizeError)],
)
def test_a_hash_that_is_empty_or_of_another_size_is_refused_everywhere(bad, error):
    calls = (
        (merkle.verify_inclusion, 0, 1, bad, (), ROOTS[1]),
        (merkle.verify_inclusion, 0, 1, LEAVES[0], (), bad),
        (merkle.verify_inclusion, 0, 2, LEAVES[0], (bad,), ROOTS[2]),
        (merkle.verify_consistency, 1, 2, (bad,), ROOTS[1], ROOTS[2]),
        (merkle.verify_consistency, 1, 1, (), bad, bad),
        (Frontier, 1, (bad,)),
    )
    for check, *arguments in calls:
        with pytest.raises(error) as caught:
            check(*arguments)
        assert type(caught.value) is error


def test_a_proof_longer_than_any_tree_is_refused_unread():
    with pytest.raises(LedgerError, match="too long"):
        merkle.verify_inclusion(0, 2**53, WRONG, [WRONG] * 65, WRONG)


@pytest.mark.parametrize("size", SIZES)
def test_a_frontier_alone_gives_the_same_roots_and_proofs(size):
    frontier = Frontier.of(LEAVES[:size])
    assert frontier.root() == ROOTS[size]
    for later in range(size, max(SIZES)):
        proof = frontier.consistency_proof(LEAVES[size:later])
        assert proof == merkle.consistency_proof(size, LEAVES[:later])


def test_appending_one_by_one_is_appending_at_once():
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES):
        assert frontier == Frontier.of(LEAVES[:size])
        frontier = frontier.append(leaf)


@given(st.integers(0, 70))
def test_a_frontier_survives_its_bytes(size):
    frontier = Frontier.of(LEAVES[:size])
    assert Frontier.parse(frontier.encode()) == frontier


@given(st.integers(0, 70), st.data())
def test_a_frontier_cut_short_or_extended_is_refused(size, data):
    encoded = Frontier.of(LEAVES[:size]).encode()
    cut = encoded[: data.draw(st.integers(0, len(encoded) - 1))]
    for bad in (cut, encoded + b"x", encoded + WRONG):
        with pytest.raises(FormatError):
            Frontier.parse(bad)


def test_a_frontier_of_an_impossible_size_is_refused():
    with pytest.raises(FormatError):
        Frontier.parse((2**53).to_bytes(8, "big") + WRONG)


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=8), min_size=1, max_size=300), st.data())
def test_proofs_hold_in_any_tree(items, data):
    leaves = [merkle.leaf_hash(item) for item in items]
    root = merkle.root(leaves)
    assert root == by_definition(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(index, leaves)
    merkle.verify_inclusion(index, len(leaves), leaves[index], proof, root)
    consistency = merkle.consistency_proof(index, leaves)
    old = merkle.root(leaves[:index])
    merkle.verify_consistency(index, len(leaves), consistency, old, root)
