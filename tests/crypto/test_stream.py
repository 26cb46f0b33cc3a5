"""Streams: a file comes back whole and unchanged, or not as a file."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vault.errors
from vault.crypto import stream
from vault.errors import FormatError, SealError, TooLongError, WrongKeyError

VECTORS = Path(__file__).parents[1] / "vectors" / "stream"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
KEY = bytes(range(32))
CHUNK = stream.CHUNK_SIZE


def seal(plain, key=KEY):
    return b"".join(stream.encrypt(key, [plain]))


def unseal(sealed, key=KEY):
    return b"".join(stream.decrypt(key, [sealed]))


def parts(sealed):
    """Cut a sealed file into its header and its chunks."""
    body = sealed[stream.HEADER_SIZE :]
    size = CHUNK + 16
    return sealed[: stream.HEADER_SIZE], [body[at : at + size] for at in range(0, len(body), size)]


def in_pieces(data, sizes):
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


# --- vectors -------------------------------------------------------------------------------------


def joined(pieces):
    for piece in pieces:
        if isinstance(piece, str):
            yield bytes.fromhex(piece)
        else:
            yield (VECTORS / piece["file"]).read_bytes()[piece["from"] : piece["to"]]


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    sealed, key = list(joined(vector["sealed"])), bytes.fromhex(vector["key"])
    if vector["expect"] == "ok":
        plain = b"".join(stream.decrypt(key, sealed))
        assert len(plain) == vector["plaintext_length"]
        assert hashlib.sha256(plain).hexdigest() == vector["plaintext_sha256"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            list(stream.decrypt(key, sealed))
        assert type(caught.value).__name__ == vector["expect"]


def test_sealing_gives_the_bytes_of_the_vector():
    plain = (bytes(range(251)) * 523)[: 2 * CHUNK + 1]
    for chunks in ([2, 1], [1, 2], [3]):
        sealer, at = stream.Sealer(KEY, bytes.fromhex("a0a1a2a3a4a5a6")), 0
        made = sealer.header
        for count in chunks:
            batch = memoryview(plain)[at : at + count * CHUNK]
            at += count * CHUNK
            into = memoryview(bytearray(count * (CHUNK + 16)))
            made += sealer.seal(batch, into, last=at >= len(plain))
        assert made == (VECTORS / "three-chunks.sealed").read_bytes()


def test_the_specification_shows_the_vector():
    text = (Path(__file__).parents[2] / "docs" / "spec" / "stream.md").read_text("utf-8")
    vector = json.loads((VECTORS / "good-hello.json").read_text())
    assert vector["key"] in text
    assert vector["sealed"][0] in "".join(text.split())
    assert stream.FORMAT in text


# --- round trip ----------------------------------------------------------------------------------

sizes = st.sampled_from([0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5])
cuts = st.lists(st.integers(0, 2 * CHUNK), max_size=5)


@settings(deadline=None)  # slow on purpose; a busy machine is no fault
@given(sizes, cuts, cuts, st.binary(min_size=32, max_size=32))
def test_a_file_comes_back_from_any_pieces(size, cuts_in, cuts_out, key):
    plain = bytes(size)
    sealed = b"".join(stream.encrypt(key, in_pieces(plain, cuts_in)))
    assert b"".join(stream.decrypt(key, in_pieces(sealed, cuts_out))) == plain


@given(st.binary(max_size=200), st.lists(st.integers(0, 50), max_size=20))
def test_a_small_file_comes_back(plain, cuts_out):
    assert b"".join(stream.decrypt(KEY, in_pieces(seal(plain), cuts_out))) == plain


def test_no_pieces_at_all_are_an_empty_file():
    assert unseal(b"".join(stream.encrypt(KEY, []))) == b""


def test_the_size_is_as_specified():
    for size in (0, 1, CHUNK, CHUNK + 1):
        chunks = max(1, -(-size // CHUNK))
        assert len(seal(bytes(size))) == 63 + size + 16 * chunks


def test_the_same_file_is_never_sealed_alike():
    one, other = seal(b"hello"), seal(b"hello")
    assert one[:63] != other[:63]
    assert one[63:] != other[63:]


def test_memory_stays_within_a_few_chunks():
    def pieces():
        for _ in range(160):
            yield bytes(CHUNK)

    tracemalloc.start()
    total = sum(map(len, stream.decrypt(KEY, stream.encrypt(KEY, pieces()))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 160 * CHUNK
    assert peak < 16 * CHUNK


# --- refusals ------------------------------------------------------------------------------------


@given(st.data())
def test_any_changed_bit_is_noticed(data):
    sealed = bytearray(seal(b"hello"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((SealError, FormatError)):
        unseal(bytes(sealed))


@given(st.data())
def test_any_truncation_is_noticed(data):
    sealed = seal(bytes(CHUNK + 100))
    end = data.draw(
        st.integers(0, len(sealed) - 1) | st.integers(len(sealed) - 120, len(sealed) - 1)
    )
    with pytest.raises(SealError):
        unseal(sealed[:end])


@given(st.binary(min_size=1, max_size=100), st.sampled_from([0, 5, CHUNK, CHUNK + 1]))
def test_anything_after_the_end_is_noticed(trailing, size):
    with pytest.raises(SealError):
        unseal(seal(bytes(size)) + trailing)


@given(st.permutations(range(4)).filter(lambda order: order != [0, 1, 2, 3]))
def test_chunks_in_another_order_are_noticed(order):
    header, chunks = parts(seal(bytes(3 * CHUNK + CHUNK // 2)))
    with pytest.raises(SealError):
        unseal(header + b"".join(chunks[place] for place in order))


def test_chunks_of_another_file_with_the_same_key_are_noticed():
    header, _ = parts(seal(b"hello"))
    _, chunks = parts(seal(b"hello"))
    with pytest.raises(SealError):
        unseal(header + chunks[0])


def test_another_key_is_told_apart_and_opens_nothing():
    opened = stream.decrypt(bytes(32), [seal(b"hello")])
    with pytest.raises(WrongKeyError):
        next(opened)


def test_chunks_before_the_fault_come_out_and_the_fault_is_raised():
    header, chunks = parts(seal(bytes(2 * CHUNK)))
    opened = stream.decrypt(KEY, [header, chunks[0]])
    with pytest.raises(SealError):
        next(opened)
    opened = stream.decrypt(KEY, [header, chunks[0], chunks[1][:-1]])
    assert next(opened) == bytes(CHUNK)
    with pytest.raises(SealError):
        next(opened)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size):
    with pytest.raises(FormatError):
        next(stream.encrypt(bytes(size), []))
    with pytest.raises(FormatError):
        next(stream.decrypt(bytes(size), []))


def test_the_counter_never_wraps(monkeypatch):
    sealed = seal(bytes(2 * CHUNK + 1))
    monkeypatch.setattr(stream, "MAX_CHUNKS", 2)
    with pytest.raises(TooLongError):
        seal(bytes(2 * CHUNK + 1))
    with pytest.raises(TooLongError):
        unseal(sealed)
    assert unseal(seal(bytes(2 * CHUNK))) == bytes(2 * CHUNK)
