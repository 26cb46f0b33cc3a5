"""A connection that breaks: between a browser and a server, cut where a test wants it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator

_LENGTH = re.compile(rb"(?i)content-length: (\d+)")


class Line:
    """Passes one request per connection on to a server.

    Attributes:
        cut: what happens to every POST: None (nothing), `before` (nothing of it arrives), `half`
            (a part of its body is missing) or `answer` (all of it arrives, its answer is lost).
            Browsers may try again by themselves.
        posts: how many POSTs were begun.
    """

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self.cut: str | None = None
        self.posts = 0

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                browser, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(browser,), daemon=True).start()

    def _one(self, browser: socket.socket) -> None:
        with browser, contextlib.suppress(OSError):
            request = _read(browser)
            cut = None
            if request.startswith(b"POST "):
                self.posts += 1
                cut = self.cut
            if cut == "before" or not request:
                return
            with socket.create_connection(self._target) as server:
                server.sendall(_closing(request)[: -len(request) // 8 if cut == "half" else None])
                if cut == "half":
                    server.shutdown(socket.SHUT_WR)
                answer = _all(server)
            if cut is None:
                browser.sendall(answer)


@contextlib.contextmanager
def line_to(port: int) -> Iterator[tuple[str, Line]]:
    """Give the address of a line to a server on this machine."""
    line = Line(port)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=line.serve, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", line


def _read(browser: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = browser.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += browser.recv(65_536)
    return head + b"\r\n\r\n" + body


def _closing(request: bytes) -> bytes:
    """Ask the server to end the connection, so that its answer ends with it."""
    return re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", request, count=1)


def _all(server: socket.socket) -> bytes:
    parts = iter(lambda: server.recv(65_536), b"")
    return b"".join(parts)
