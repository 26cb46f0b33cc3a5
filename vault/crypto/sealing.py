"""A file that is sealed while it comes, and hashed before and after, on several cores.

Whoever asks for the next sealed bytes takes what comes, seals it and passes it on; the two hashes
run in threads of their own, some batches behind. The batches lie in a few buffers that go round, so
memory is constant, and a buffer is written again only when both hashes have read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import cycle
from typing import Self

from vault.crypto import padding
from vault.crypto.hashing import Hashing
from vault.crypto.stream import CHUNK_SIZE, Piece, Pieces, Sealer
from vault.crypto.suite import TAG_SIZE

CHUNKS = 16
BUFFERS = 4
"""How many chunks are sealed at once, and how many times that the hashes may be behind."""


class Sealing:
    """One file on its way, filled to a size that many have; its threads end with the block.

    Args:
        key: 32 bytes, for this file only.

    Attributes:
        plain: size and hash of the file.
        sealed: size and hash of its sealed form.
    """

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)
        self._came = 0
        self.plain, self.sealed = Hashing(), Hashing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        with self.plain, self.sealed:
            pass

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the sealed file; each of its pieces stays as it is until the next is asked for.

        Args:
            pieces: the file, of any size, not used any more when the next is asked for.
        """
        coming, done = Pieces(padding.fill(self._counted(pieces))), 0
        self.sealed.update(self._sealer.header)
        yield self._sealer.header
        for buffers in cycle(_Buffers() for _ in range(BUFFERS)):
            buffers.wait()
            plain = coming.fill(buffers.plain)
            buffers.read_by(self.plain.update(plain[: max(0, self._came - done)]))
            done += len(plain)
            last = not coming.more()
            sealed = self._sealer.seal(plain, buffers.sealed, last=last)
            buffers.read_by(self.sealed.update(sealed))
            yield sealed
            if last:
                return

    def _counted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self._came += len(piece)
            yield piece


class _Buffers:
    """Room for some chunks and their sealed form, and who still reads there."""

    def __init__(self) -> None:
        self.plain = memoryview(bytearray(CHUNKS * CHUNK_SIZE))
        self.sealed = memoryview(bytearray(CHUNKS * (CHUNK_SIZE + TAG_SIZE)))
        self._readers: list[Future[None]] = []

    def read_by(self, reader: Future[None]) -> None:
        self._readers.append(reader)

    def wait(self) -> None:
        for reader in self._readers:
            reader.result()
        self._readers.clear()
