"""Files sent to a real server piece by piece, over a socket that a test holds open or cuts."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.processes.served import PATIENCE
from tests.processes.visiting import Visitor
from tests.support.uploading import KIND, hidden, posted
from tests.web.intake.conftest import publish
from vault import settings
from vault.crypto.receipt import Receipt, encode
from vault.crypto.suite import random

APP = """
from vault.agents.sessions import SessionKeys
from vault.settings import from_environment
from vault.web.intake import Services, create_app

app = create_app(Services.connect(from_environment(), SessionKeys()))
"""
FORM = "/return/files?lang=en"


def prepare(folder, *, slow_request=20, **uploads):
    """Write what an intake server without a vault needs into a folder."""
    bounds = {"reserve_percent": 0, **uploads}
    lines = ["[ledger]", 'origin = "test.invalid"', "[uploads]"]
    lines += [f"{name} = {value}" for name, value in bounds.items()]
    lines += ["[servers]", f"slow_request = {slow_request}", ""]
    (folder / "settings.toml").write_text("\n".join(lines))
    publish(settings.load(folder))


class Sender:
    """Somebody in an open visit of their own, who sends files to a port."""

    def __init__(self, port):
        self.words = " ".join(encode(Receipt(random(16)).entropy, "en"))
        self.visitor = Visitor(f"http://127.0.0.1:{port}")
        assert self.visitor.post("/return?lang=en", receipt=self.words) == 303
        assert self.visitor.get(FORM) == 200
        self.fields = hidden(self.visitor.page)

    @property
    def cookie(self):
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.visitor.jar)

    def head(self, length):
        lines = [
            f"POST {FORM} HTTP/1.1",
            "Host: localhost",
            "Connection: close",
            f"Cookie: {self.cookie}",
            f"Content-Type: {KIND}",
            f"Content-Length: {length}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def whole(self, *files):
        """Return head and body of one request."""
        body = posted(self.fields, files)
        return self.head(len(body)), body

    def form(self, path, fields):
        """Return a request that posts a page of the visit."""
        body = urlencode(fields).encode()
        head = self.head(len(body)).replace(FORM.encode(), path.encode())
        return head.replace(KIND.encode(), b"application/x-www-form-urlencoded") + body

    def large(self, size, piece):
        """Give a request with one file of so many bytes, in pieces."""
        before, after = posted(self.fields, [("film.mp4", b"\n")]).rsplit(b"\n\r\n--", 1)
        after = b"\r\n--" + after
        yield self.head(len(before) + size + len(after))
        yield before
        for _ in range(size // len(piece)):
            yield piece
        yield after


@contextmanager
def line(port):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(PATIENCE)
        yield connection


def answer_of(connection):
    """Return status and page; (0, "") if the line was cut."""
    try:
        data = b"".join(iter(lambda: connection.recv(65_536), b""))
    except OSError:
        return 0, ""
    head, _, page = data.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, page.decode()


def kept(letterbox: Path):
    """The names of all files of uploads in a letterbox, whole or half."""
    below = [*(letterbox / "files").iterdir(), *(letterbox / "scratch").iterdir()]
    return sorted(path.relative_to(letterbox).as_posix() for path in below)
