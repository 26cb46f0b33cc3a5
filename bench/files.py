"""A large file from a witness's page into the letterbox, and what that cannot be quicker than.

The floor is AES-256-GCM over the same bytes and one durable write of them. Above it stand sealing
alone, fed from memory (two hashes, room on the disk, the same write), and the whole: a real worker
over loopback, whose client works on the same cores. The three are run in turn, round after round,
and compared within a round, because the machine may do other things meanwhile.
"""

from __future__ import annotations

import html
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.house import Demo
from bench.memory import megabytes, workers
from bench.report import Report, median
from vault import settings
from vault.crypto import suite
from vault.crypto.receipt import Receipt, encode_digits
from vault.errors import CannotBeShownError
from vault.letterbox import files
from vault.letterbox.uploads import Uploads
from vault.safe.findings import Findings
from vault.safe.process import Copy
from vault.testimony import attaching

SIZE, PIECE = 1 << 30, 1 << 20
ROUNDS = 5
GROWTH_MB, SHARE = 32, 60
FORM = "/return/files?lang=ru"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"

_TOKEN = re.compile(r'name="token" value="([^"]+)"')


def measure(report: Report, demo: Demo, size: int = SIZE) -> None:
    """Add the medians of some rounds, and by how much the largest worker grew."""
    cookie, token = _visit(demo)
    before = {pid: megabytes(pid, "status", "VmHWM") for pid in workers(demo, "intake")}
    works: dict[str, Callable[[], None]] = {
        "floor: AES-256-GCM and one durable write": partial(_bare, demo.folder, size),
        "a large file sealed and kept, from memory": partial(_sealed, demo.folder, size),
        "the same over HTTP, its client beside it": partial(
            _upload, demo.port("intake"), cookie, token, size
        ),
    }
    rounds = [
        {name: _seconds(demo.folder, work) for name, work in works.items()} for _ in range(ROUNDS)
    ]
    grown = max(megabytes(pid, "status", "VmHWM") - was for pid, was in before.items())
    floor, *others = works
    report.add(floor, median([size / 1e6 / took[floor] for took in rounds]), "MB/s")
    for name in others:
        report.add(name, median([size / 1e6 / took[name] for took in rounds]), "MB/s")
        shares = [100 * took[floor] / took[name] for took in rounds]
        report.add("which is of that floor", median(shares), "%", least=SHARE)
    report.add("by which the worker grew meanwhile", grown, "MB", most=GROWTH_MB)
    report.add("who wanted a processor meanwhile", os.getloadavg()[0], "processes")


def _visit(demo: Demo) -> tuple[str, str]:
    """Return the cookie and the token of somebody in an open visit."""
    browser = demo.browser("intake")
    browser.get("/return?lang=ru")
    browser.post("/return?lang=ru", {"receipt": encode_digits(Receipt(suite.random(16)).entropy)})
    page = browser.get(FORM)
    token = _TOKEN.search(page)
    assert token is not None
    browser.close()
    return browser.cookies, html.unescape(token[1])


def _upload(port: int, cookie: str, token: str, size: int) -> None:
    head, tail = _around(token)
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    connection.putrequest("POST", FORM)
    connection.putheader("Cookie", cookie)
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(len(head) + size + len(tail)))
    connection.endheaders(head)
    for piece in _pieces(size):
        connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()
    page = answer.read()
    connection.close()
    assert answer.status == 200, page


def _around(token: str) -> tuple[bytes, bytes]:
    lines = (
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="token"',
        "",
        token,
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="file"; filename="film.mp4"',
        "Content-Type: video/mp4",
        "",
        "",
    )
    return "\r\n".join(lines).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _pieces(size: int) -> Iterator[bytes]:
    """Give as many bytes: one piece of chance again and again, so that making it costs nothing."""
    piece = suite.random(PIECE)
    for _ in range(size // PIECE):
        yield piece


class _NobodyLooks:
    """What is of chance is not looked into: it is no picture and no paper."""

    def inspect(self, _data: bytes) -> Findings:
        raise CannotBeShownError

    def clean(self, _data: bytes) -> Copy:
        raise CannotBeShownError


def _sealed(folder: Path, size: int) -> None:
    loaded = settings.load(folder)
    uploads = Uploads(loaded.paths.letterbox, loaded.uploads)
    most = (size, loaded.uploads.looked_at)
    attaching.receive(uploads, _NobodyLooks(), ("film.mp4", _pieces(size)), most)


def _bare(folder: Path, size: int) -> None:
    aead = AESGCM(suite.random(suite.KEY_SIZE))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        sealed = (
            aead.encrypt(number.to_bytes(12), piece, None)
            for number, piece in enumerate(_pieces(size))
        )
        files.create_from(Path(name) / "bare", sealed, Path(name))


def _seconds(folder: Path, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    took = time.perf_counter() - began
    for path in (folder / "letterbox" / "files").iterdir():
        path.unlink()  # nobody sends what it holds
    return took
