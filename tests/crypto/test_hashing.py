"""SHA-256 in a thread is SHA-256, however the pieces are cut, and holds few of them."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vault.crypto.hashing import BATCH, BEHIND, Hashing


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.mark.parametrize("size", [1, 7, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_the_cut_of_the_pieces_changes_nothing(pool, size):
    data = bytes(range(256)) * (4 * BATCH // 256)
    hashing = Hashing(pool)
    for start in range(0, len(data) if size > 7 else 999, size):
        hashing.update(data[start : start + size])
    whole = data if size > 7 else data[: (998 // size + 1) * size]
    assert hashing.digest() == hashlib.sha256(whole).digest()


def test_of_nothing_it_is_that_of_nothing(pool):
    assert Hashing(pool).digest() == hashlib.sha256().digest()


def test_who_feeds_it_waits_while_it_is_behind(pool):
    go, hashing, given = threading.Event(), Hashing(pool), []
    pool.submit(go.wait, 10)

    def feed():
        for number in range(3 * BEHIND):
            hashing.update(bytes(BATCH))
            given.append(number)

    feeding = threading.Thread(target=feed)
    feeding.start()
    feeding.join(0.5)
    assert len(given) == BEHIND
    go.set()
    feeding.join(10)
    assert len(given) == 3 * BEHIND
