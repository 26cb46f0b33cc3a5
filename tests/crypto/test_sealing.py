"""A file that is sealed and hashed on two cores is what one core would make of it."""

import hashlib
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.crypto import padding, stream
from vault.crypto.sealing import BUFFERS, CHUNKS, Sealing
from vault.crypto.stream import CHUNK_SIZE
from vault.errors import FormatError, NoRoomError

KEY = bytes(range(32))
BATCH = CHUNKS * CHUNK_SIZE
SOME = bytes(range(251)) * 45_000

sizes = st.sampled_from([0, 1, CHUNK_SIZE, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH, 5 * BATCH + 5])


def in_pieces(data, size):
    """The same memory again and again, as a connection gives it."""
    room = bytearray(size)
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        room[: len(piece)] = piece
        yield memoryview(room)[: len(piece)]
    room[:] = bytes(size)


@settings(deadline=None, max_examples=30)
@given(sizes, st.sampled_from([4_001, CHUNK_SIZE, 999_983, 3 * BATCH]))
def test_it_opens_to_what_came_and_both_hashes_are_true(size, piece):
    data = SOME[:size]
    with Sealing(KEY) as way:
        sealed = b"".join(map(bytes, way.through(in_pieces(data, piece))))
        assert way.plain.said() == (size, hashlib.sha256(data).digest())
        assert way.sealed.said() == (len(sealed), hashlib.sha256(sealed).digest())
    opened = list(stream.decrypt(KEY, [sealed]))
    assert sum(map(len, opened)) == padding.filled_size(size)
    assert b"".join(padding.unfill(opened, size)) == data


def test_who_writes_slowly_is_not_overrun():
    taken = []

    def pieces():
        for number in range(4 * BUFFERS):
            taken.append(number)
            yield bytes([number]) * BATCH

    with Sealing(KEY) as way:
        for number, piece in enumerate(way.through(pieces())):
            before = hashlib.sha256(piece).digest()
            time.sleep(0.02)
            assert hashlib.sha256(piece).digest() == before
            assert len(taken) <= number + BUFFERS + 1
    assert len(taken) == 4 * BUFFERS


def test_who_ends_early_asks_for_nothing_more_and_its_threads_end():
    before, taken = threading.active_count(), []

    def pieces():
        for number in range(100):
            taken.append(number)
            yield SOME[:BATCH]

    def full_disk():
        with Sealing(KEY) as way:
            for _ in way.through(pieces()):
                raise NoRoomError

    with pytest.raises(NoRoomError):
        full_disk()
    asked = len(taken)
    assert threading.active_count() == before
    time.sleep(0.05)
    assert len(taken) == asked <= BUFFERS + 1


def test_a_fault_in_the_middle_passes_through_and_its_threads_end():
    before = threading.active_count()

    def broken():
        yield SOME
        raise KeyError

    with pytest.raises(KeyError), Sealing(KEY) as way:
        list(way.through(broken()))
    assert threading.active_count() == before


def test_a_key_of_another_size_is_refused():
    with pytest.raises(FormatError):
        Sealing(bytes(31))
