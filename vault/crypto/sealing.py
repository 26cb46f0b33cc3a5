"""A file that is sealed while it comes, and hashed before and after, on several cores.

One thread takes what comes and seals it, some batches ahead of whoever writes the sealed bytes, so
that neither the line nor the disk waits for the other. Each hash runs in a thread of its own, some
batches behind. The batches lie in a few buffers that go round, so memory is constant; a buffer is
used again only when both hashes have read it and its sealed bytes are no longer looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import Self

from vault.crypto import padding
from vault.crypto.hashing import Hashing
from vault.crypto.stream import CHUNK_SIZE, Piece, Pieces, Sealer
from vault.crypto.suite import TAG_SIZE

CHUNKS = 32
BUFFERS = 4
"""How many chunks are sealed at once, and how many times that is on its way."""


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
        self._thread = ThreadPoolExecutor(1)
        self.plain, self.sealed = Hashing(), Hashing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        with self.plain, self.sealed:  # what is sealed at this moment still waits for both
            self._thread.shutdown(cancel_futures=True)

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the sealed file; each of its pieces stays as it is until the next is asked for.

        Args:
            pieces: the file, of any size, not used any more when the next is asked for; another
                thread asks for them, until the block ends. What they raise passes through.
        """
        batches = self._batches(pieces)
        # A batch is begun when the one that lay in its buffers has been given out and is over.
        coming = deque(self._thread.submit(next, batches, None) for _ in range(BUFFERS))
        while (batch := coming.popleft().result()) is not None:
            yield batch
            coming.append(self._thread.submit(next, batches, None))

    def _batches(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
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
