import pytest

from vault.errors import LedgerError
from vault.ledger import merkle
from vault.ledger.merkle import Frontier
from vault.ledger.tiles import TILE_WIDTH, Tiles

COUNT = TILE_WIDTH * TILE_WIDTH + 3 * TILE_WIDTH + 7
LEAVES = [number.to_bytes(32, "big") for number in range(COUNT)]
WHOLE, CLOSED = Frontier().grow(LEAVES)
NODES = {(node.level, node.index): node.hash for node in CLOSED}


class Store:
    def __init__(self, nodes=NODES, leaves=LEAVES):
        self.nodes, self.leaves, self.asked = nodes, leaves, []

    def load(self, level, first, count):
        self.asked.append((level, first, count))
        if level == 0:
            return self.leaves[first : first + count]
        places = range(first, first + count)
        return [self.nodes[level, place] for place in places if (level, place) in self.nodes]


def test_a_growing_tree_closes_each_subtree_of_a_tile_once_and_names_its_root():
    sizes = {8: COUNT >> 8, 16: COUNT >> 16}
    assert sorted(NODES) == [(level, place) for level in (8, 16) for place in range(sizes[level])]
    assert len(CLOSED) == len(NODES)
    for level, place in ((8, 0), (8, 258), (16, 0)):
        start, width = place << level, 1 << level
        assert NODES[level, place] == merkle.root(LEAVES[start : start + width])


def test_growing_in_any_steps_closes_the_same_subtrees():
    whole = Frontier().grow(LEAVES[:2000])
    for step in (1, 7, 255, 256, 257):
        frontier, closed = Frontier(), []
        for start in range(0, 2000, step):
            frontier, more = frontier.grow(LEAVES[start : min(start + step, 2000)])
            closed += more
        assert (frontier, closed) == whole


SIZES = (1, 2, 255, 256, 257, 300, 65_535, 65_536, COUNT)


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_from_tiles_is_the_proof_from_all_leaves(size):
    expected = merkle.subtrees_of(LEAVES[:size])
    for index in sorted({0, size // 3, size - 1, max(size - 257, 0)}):
        found = merkle.inclusion_path(index, size, Tiles(Store().load).subtree)
        assert found == merkle.inclusion_path(index, size, expected)
    for first in sorted({0, 1, size // 2, size - 1, size}):
        found = merkle.consistency_path(first, size, Tiles(Store().load).subtree)
        assert found == merkle.consistency_path(first, size, expected)
    assert Tiles(Store().load).subtree(0, size) == merkle.root(LEAVES[:size])


def test_a_proof_reads_two_tiles_of_a_level_at_most_and_none_twice():
    store = Store()
    merkle.inclusion_path(5_000, COUNT, Tiles(store.load).subtree)
    assert len(store.asked) == len(set(store.asked)) <= 6
    assert all(count == TILE_WIDTH for _, _, count in store.asked)


@pytest.mark.parametrize("missing", [(8, 3), (16, 0)])
def test_a_subtree_that_is_not_stored_ends_in_no_proof_or_a_false_one(missing):
    store = Store({place: root for place, root in NODES.items() if place != missing})
    size = COUNT
    index = COUNT - 1 if missing == (16, 0) else 5
    try:
        found = merkle.inclusion_path(index, size, Tiles(store.load).subtree)
    except LedgerError:
        return
    with pytest.raises(LedgerError):
        merkle.verify_inclusion(index, size, LEAVES[index], found, WHOLE.root())


def test_a_leaf_that_is_not_stored_is_named_by_its_place():
    with pytest.raises(LedgerError, match="from 296 on at level 0"):
        Tiles(Store(leaves=LEAVES[:299]).load).subtree(0, 300)
