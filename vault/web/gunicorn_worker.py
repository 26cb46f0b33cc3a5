"""A threaded worker whose threads a slow visitor cannot hold.

gunicorn's `timeout` watches the main loop of a worker, not its threads: a body that never arrives
holds a thread for ever, and a few of them hold them all (Slowloris). So here a connection gets a
thread only when something has arrived, a request must arrive whole within a time that grows with
what it has brought, and the end of a connection is waited for in its thread, not in the main loop.
"""

from __future__ import annotations

import selectors
import time
from functools import partial
from typing import Any

from gunicorn import util
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
    What is read ahead of a body is copied once more for each piece that the application asks for,
    so it is as much as one piece.
    """

    max_body_chunk = 256 * 1024

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
        if self._left <= 0:
            raise TimeoutError
        before, began = self.sock.gettimeout(), time.monotonic()
        self.sock.settimeout(self._left if before is None else min(self._left, before))
        data: bytes = super().chunk(size_hint)
        self.sock.settimeout(before)
        self._left += len(data) / BYTES_PER_SECOND - (time.monotonic() - began)
        return data


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
        return super().handle_request(req, conn)
