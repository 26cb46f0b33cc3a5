"""SHA-256 beside the work: two are taken of each file that comes, and one core would take its time.

SHA-256 (FIPS 180-4) takes several times as long as sealing and cannot be split, so each runs in a
thread of its own, behind the work. Of its own alone: two threads that take pieces of one hash from
the same queue hash them in the wrong order, as soon as one of them has to wait.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self


class Hashing:
    """SHA-256 of pieces of any size, in their order; its thread ends with the block."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._hash = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def update(self, piece: bytes | memoryview) -> Future[None]:
        """Take one more piece, which must stay as it is until the future is done."""
        self._size += len(piece)
        return self._thread.submit(self._hash.update, piece)

    def said(self) -> tuple[int, bytes]:
        """Return the size and the hash, 32 bytes, of all that was taken."""
        return self._size, self._thread.submit(self._hash.digest).result()
