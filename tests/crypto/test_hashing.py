"""SHA-256 in a thread is SHA-256, however the pieces are cut."""

import hashlib
import threading

import pytest

from vault.crypto.hashing import Hashing

DATA = bytes(range(256)) * 8192


@pytest.mark.parametrize("size", [65_536, 999_983, len(DATA)])
def test_the_cut_of_the_pieces_changes_nothing(size):
    with Hashing() as hashing:
        for start in range(0, len(DATA), size):
            hashing.update(DATA[start : start + size])
        assert hashing.said() == (len(DATA), hashlib.sha256(DATA).digest())


def test_no_piece_overtakes_another_while_two_files_are_hashed():
    pieces = [bytes([number]) * 262_144 for number in range(128)]
    whole = hashlib.sha256(b"".join(pieces)).digest()
    with Hashing() as one, Hashing() as other:
        for piece in pieces:
            one.update(piece)
            other.update(piece)
        assert one.said()[1] == other.said()[1] == whole


def test_of_nothing_it_is_that_of_nothing():
    with Hashing() as hashing:
        assert hashing.said() == (0, hashlib.sha256().digest())


def test_when_a_piece_is_hashed_its_memory_can_be_used_again():
    memory, whole = bytearray(1 << 20), hashlib.sha256()
    with Hashing() as hashing:
        for number in range(50):
            memory[:] = bytes([number]) * len(memory)
            whole.update(memory)
            hashing.update(memoryview(memory)).result()
        assert hashing.said()[1] == whole.digest()


def test_its_thread_ends_with_the_block_also_when_it_breaks_off():
    before = threading.active_count()

    def broken():
        with Hashing() as hashing:
            for _ in range(1000):
                hashing.update(DATA)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert threading.active_count() == before
