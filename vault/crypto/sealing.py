"""A file that is sealed while it comes, and hashed before and after, on two cores.

One thread takes what comes, hashes it and seals it, some batches ahead of whoever asks for the
sealed bytes; who asks hashes those and writes them. Each has about half of the work, and neither
the line nor the disk waits for the other. The batches lie in a few buffers that go round, so memory
is constant.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Self

from vault.crypto import padding
from vault.crypto.stream import CHUNK_SIZE, Piece, Pieces, Sealer, room
from vault.crypto.suite import TAG_SIZE

CHUNKS = 32
BUFFERS = 4
"""How many chunks are sealed in one go, and how many times that is on its way."""


class Sum:
    """Size and SHA-256 (FIPS 180-4) of what goes through."""

    def __init__(self) -> None:
        self._size = 0
        self._hash = hashlib.sha256()

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the pieces on."""
        for piece in pieces:
            self._size += len(piece)
            self._hash.update(piece)
            yield piece

    def said(self) -> tuple[int, bytes]:
        """Return the size and the hash, 32 bytes, when all has gone through."""
        return self._size, self._hash.digest()


class Sealing:
    """One file on its way, filled to a size that many have; its thread ends with the block.

    Args:
        key: 32 bytes, for this file only.

    Attributes:
        plain: of the file.
        sealed: of its sealed form.
    """

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)
        self._thread = ThreadPoolExecutor(1)
        self.plain, self.sealed = Sum(), Sum()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the sealed file; each of its pieces stays as it is until the next is asked for.

        Args:
            pieces: the file, of any size, not used any more when the next is asked for; another
                thread asks for them, until the block ends. What they raise passes through.
        """
        filled = padding.fill(self.plain.through(pieces))
        return self.sealed.through(self._ahead(self._batches(filled)))

    def _ahead(self, batches: Iterator[Piece]) -> Iterator[Piece]:
        """Have batches made while others are used.

        One is begun only when the one that lay in its buffers before is over, since that was asked
        for as many batches ago as there are buffers.
        """
        coming = deque(self._thread.submit(next, batches, None) for _ in range(BUFFERS))
        while (batch := coming.popleft().result()) is not None:
            yield batch
            coming.append(self._thread.submit(next, batches, None))

    def _batches(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        yield self._sealer.header
        coming, last = Pieces(pieces), False
        buffers = cycle(_room() for _ in range(BUFFERS))
        while not last:
            plain, sealed = next(buffers)
            filled = coming.fill(plain)
            last = not coming.more()
            yield self._sealer.seal(filled, sealed, last=last)


def _room() -> tuple[memoryview, memoryview]:
    return room(CHUNKS * CHUNK_SIZE), room(CHUNKS * (CHUNK_SIZE + TAG_SIZE))
