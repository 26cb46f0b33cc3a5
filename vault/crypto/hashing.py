"""SHA-256 beside the work: two are taken of each file that comes, and one core would take its time.

SHA-256 (FIPS 180-4) takes several times as long as sealing and cannot be split, so each runs in a
thread of its own, some batches behind the work. Of its own alone: two threads that take batches of
one hash from the same queue hash them in the wrong order, as soon as one of them has to wait.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

BATCH = 512 * 1024
BEHIND = 4
"""How many bytes go to the thread at once, and how many times that it may be behind."""


class Hashing:
    """SHA-256 of pieces of any size, in their order; its thread ends with the block."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._hash = hashlib.sha256()
        self._running = deque[Future[None]]()
        self._held: list[bytes] = []
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._thread.shutdown()

    def update(self, piece: bytes) -> None:
        """Take one more piece; waits while the thread is too far behind."""
        self._held.append(piece)
        self._size += len(piece)
        if self._size >= BATCH:
            self._start()

    def digest(self) -> bytes:
        """Return the hash of all pieces, 32 bytes."""
        self._start()
        self._wait(0)
        return self._hash.digest()

    def _start(self) -> None:
        self._wait(BEHIND - 1)
        self._running.append(self._thread.submit(self._update, self._held))
        self._held, self._size = [], 0

    def _wait(self, left: int) -> None:
        while len(self._running) > left:
            self._running.popleft().result()

    def _update(self, pieces: Sequence[bytes]) -> None:
        for piece in pieces:
            self._hash.update(piece)
