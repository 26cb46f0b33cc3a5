"""A threaded worker whose threads a slow visitor cannot hold.

gunicorn's `timeout` watches the main loop of a worker, not its threads: a body that never arrives
holds a thread for ever, and a few of them hold them all (Slowloris). So here a connection gets a
thread only when something has arrived, a request must arrive whole within a time that grows with
what it has brought, and the end of a connection is waited for in its thread, not in the main loop.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread

from vault.settings import from_environment

# What a slow line may still bring: a long text over it takes its time, a trickle does not.
BYTES_PER_SECOND = 8 * 1024
# How long an answered visitor may take to hang up. Closing at once could cut the answer off.
_LINGER = 1.0


class _Arriving(SocketUnreader):  # type: ignore[misc]  # gunicorn publishes no types
    """Reads one connection; each request on it within its time.

    Only waiting for the visitor takes of it: while a file is looked into, they can send nothing.
    """

    def __init__(self, sock: Any, seconds: float) -> None:
        super().__init__(sock)
        self._seconds = seconds
        self._left = 0.0

    def begin(self) -> None:
        """Start the clock of the next request."""
        self._left = self._seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what arrives next.

        Raises:
            TimeoutError: the request's time is over.
        """
        with self._waiting() as came:
            data: bytes = super().chunk(size_hint)
            came(len(data))
        return data

    def readinto(self, room: memoryview) -> int:
        """Put there what arrived before, or what arrives next; raises TimeoutError as `chunk`."""
        held: bytes = self.take_buffered()
        if held:
            size = min(len(held), len(room))
            room[:size] = held[:size]
            self.unread(held[size:])
        else:
            with self._waiting() as came:
                size = self.sock.recv_into(room)
                came(size)
        return size

    @contextmanager
    def _waiting(self) -> Iterator[Callable[[int], None]]:
        """Take the time until the end of the block, and give some for what came."""
        if self._left <= 0:
            raise TimeoutError
        before, began = self.sock.gettimeout(), time.monotonic()
        self.sock.settimeout(self._left if before is None else min(self._left, before))
        yield self._came
        self.sock.settimeout(before)
        self._left -= time.monotonic() - began

    def _came(self, size: int) -> None:
        self._left += size / BYTES_PER_SECOND


class _Body(Body):  # type: ignore[misc]  # as above
    """A body of known length that can be received where it is needed.

    gunicorn's own `read` gives exactly as much as is asked for, and copies it four times to do so.
    """

    def readinto(self, room: bytearray | memoryview) -> int:
        """Put there what comes next, however little; returns how much it is, 0 at the end."""
        size = min(len(room), self.reader.length)
        if self.buf.tell() or not size:
            data: bytes = self.read(size)
            room[: len(data)] = data
            return len(data)
        try:
            came: int = self.reader.unreader.readinto(memoryview(room)[:size])
        except OSError:
            self.failed = True  # where the next request would begin is not known
            raise
        self.reader.length -= came
        return came


class _Connection(gthread.TConn):  # type: ignore[misc]  # as above
    """A connection that knows how slow it may be."""

    seconds: float

    def init(self) -> None:
        """Prepare reading, once."""
        super().init()
        if not isinstance(self.parser.unreader, _Arriving):
            self.parser.unreader = _Arriving(self.sock, self.seconds)
        self.parser.unreader.begin()

    def close(self, graceful: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - gunicorn's signature
        """Close at once: this is the main loop, and the thread has waited already."""
        super().close()


gthread.TConn = _Connection


class Worker(gthread.ThreadWorker):  # type: ignore[misc]  # as above
    """gunicorn's threaded worker with these limits. Seconds: the setting servers.slow_request."""

    def init_process(self) -> None:
        """Read the setting, then serve."""
        _Connection.seconds = float(from_environment().servers.slow_request)
        super().init_process()

    def enqueue_req(self, conn: _Connection) -> None:
        """Give a connection a thread; a new one waits in the poller until something arrives."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.settimeout(0)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def handle(self, conn: _Connection) -> Any:
        """Answer one request in a thread, and wait there until the visitor hangs up."""
        keep = super().handle(conn)
        if not keep:
            util.close_graceful(conn.sock, _LINGER)
        return keep

    def handle_request(self, req: Any, conn: _Connection) -> Any:
        """Answer; whoever does not take the answer in time holds no thread either."""
        conn.sock.settimeout(conn.seconds)
        if isinstance(req.body.reader, LengthReader):
            req.body = _Body(req.body.reader)
        return super().handle_request(req, conn)
