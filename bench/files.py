"""A large file from a witness's page into the letterbox, through a real worker, over loopback.

Beside it stands what no upload can go below in the same run: AES-256-GCM over the same bytes, and
one durable write of them.
"""

from __future__ import annotations

import html
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
from bench.report import Report
from vault.crypto import suite
from vault.crypto.receipt import Receipt, encode_digits
from vault.letterbox import files

SIZE, PIECE = 1 << 30, 1 << 20
TIMES = 3
GROWTH_MB, SHARE = 32, 60
FORM = "/return/files?lang=ru"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"

_TOKEN = re.compile(r'name="token" value="([^"]+)"')


def measure(report: Report, demo: Demo, size: int = SIZE) -> None:
    """Add both, the quickest of some runs each, and by how much the largest worker grew."""
    cookie, token = _visit(demo)
    before = {pid: megabytes(pid, "status", "VmHWM") for pid in workers(demo, "intake")}
    bare, whole = [], []
    for _ in range(TIMES):  # in turn: the machine may do other things meanwhile
        bare.append(_seconds(partial(_bare, demo.folder, size)))
        whole.append(_seconds(partial(_upload, demo.port("intake"), cookie, token, size)))
        for path in (demo.folder / "letterbox" / "files").iterdir():
            path.unlink()  # nobody sends what it holds
    grown = max(megabytes(pid, "status", "VmHWM") - was for pid, was in before.items())
    megabyte = size / 1e6
    report.add("floor: AES-256-GCM and one durable write", megabyte / min(bare), "MB/s")
    report.add(f"a file of {megabyte:.0f} MB, sealed and kept", megabyte / min(whole), "MB/s")
    report.add("which is of that floor", 100 * min(bare) / min(whole), "%", least=SHARE)
    report.add("by which the worker grew meanwhile", grown, "MB", most=GROWTH_MB)


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


def _bare(folder: Path, size: int) -> None:
    aead = AESGCM(suite.random(suite.KEY_SIZE))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        sealed = (
            aead.encrypt(number.to_bytes(12), piece, None)
            for number, piece in enumerate(_pieces(size))
        )
        files.create_from(Path(name) / "bare", sealed, Path(name))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
