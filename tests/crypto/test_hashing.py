"""SHA-256 in a thread is SHA-256, however the pieces are cut, and holds few of them."""

import hashlib
import threading

import pytest

from vault.crypto.hashing import BATCH, BEHIND, Hashing


@pytest.mark.parametrize("size", [1, 7, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH])
def test_the_cut_of_the_pieces_changes_nothing(size):
    data = bytes(range(256)) * (4 * BATCH // 256)
    with Hashing() as hashing:
        for start in range(0, len(data) if size > 7 else 999, size):
            hashing.update(data[start : start + size])
        whole = data if size > 7 else data[: (998 // size + 1) * size]
        assert hashing.digest() == hashlib.sha256(whole).digest()


def test_no_batch_overtakes_another_while_two_files_are_hashed():
    pieces = [bytes([number]) * (BATCH // 8) for number in range(256)]
    whole = hashlib.sha256(b"".join(pieces)).digest()
    with Hashing() as one, Hashing() as other:
        for piece in pieces:
            one.update(piece)
            other.update(piece)
        assert one.digest() == other.digest() == whole


def test_of_nothing_it_is_that_of_nothing():
    with Hashing() as hashing:
        assert hashing.digest() == hashlib.sha256().digest()


def test_who_feeds_it_waits_while_it_is_behind():
    given, go = [], threading.Event()

    with Hashing() as hashing:

        def feed():
            for number in range(3 * BEHIND):
                hashing.update(bytes(BATCH))
                given.append(number)

        hashing._thread.submit(go.wait, 10)
        feeding = threading.Thread(target=feed)
        feeding.start()
        feeding.join(0.5)
        assert len(given) == BEHIND
        go.set()
        feeding.join(10)
        assert len(given) == 3 * BEHIND
