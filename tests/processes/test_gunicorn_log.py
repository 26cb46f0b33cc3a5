"""What a real gunicorn writes about requests that go wrong: never who, when to the second, what."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.processes.gunicorns import serving, settings_in
from tests.processes.served import PATIENCE, wait_until

pytestmark = pytest.mark.processes

PLANTED = "Menya-vezli"
APP = f"""
import ctypes

def app(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [])
        return [b"ok"]
    if environ["PATH_INFO"] == "/dumpable":
        start_response("200 OK", [])
        return [str(ctypes.CDLL(None).prctl(3)).encode()]
    if environ["PATH_INFO"].startswith("/late"):
        start_response("200 OK", [])
        return late()
    raise ValueError("{PLANTED}")

def late():
    yield b"begun"
    raise KeyError("{PLANTED}")
"""
MALFORMED = {
    "line": f"{PLANTED}\r\n\r\n",
    "method": f"{PLANTED}! / HTTP/1.1\r\n\r\n",
    "version": f"GET /{PLANTED} HTTP/9.9\r\n\r\n",
    "header": f"GET / HTTP/1.1\r\n{PLANTED}: a\r\n {PLANTED}\r\nNo header\r\n\r\n",
    "long line": f"GET /{PLANTED * 400} HTTP/1.1\r\n\r\n",
    "many headers": "GET / HTTP/1.1\r\n" + f"X: {PLANTED}\r\n" * 50 + "\r\n",
    "chunk": f"POST / HTTP/1.1\r\nTransfer-Encoding: {PLANTED}\r\n\r\n",
    "exception": f"GET /{PLANTED} HTTP/1.1\r\nHost: x\r\n\r\n",
    "exception in the answer": f"GET /late/{PLANTED} HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gunicorn")
    settings_in(folder)
    with serving(folder, APP) as running:
        yield running


def send(server, text):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(8192):
            pass


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_no_line_says_who_or_what_or_when(server, text):
    send(server, text)
    send(server, text)
    server.ask("/healthz")
    assert PLANTED not in server.errors
    assert "127.0.0.1" not in server.errors
    assert "Traceback" not in server.errors
    assert not re.search(r"\d\d:\d\d", server.errors)
    for line in server.errors.splitlines():
        assert re.fullmatch(r"\[\d{4}-\d\d-\d\d\] \[\d+\] \[(WARNING|ERROR)\] unexpected \w+", line)


def test_an_operator_learns_the_kind_of_an_error_once(server):
    send(server, MALFORMED["exception"])
    send(server, MALFORMED["exception"])
    wait_until(lambda: server.errors.count("unexpected ValueError") == 1)


def test_an_application_that_does_not_start_says_which_setting(tmp_path):
    settings_in(tmp_path, slow_request=100_000)
    with serving(tmp_path, APP, ready=False) as running:
        assert running.child.wait(PATIENCE) != 0
        assert "servers.slow_request must be between 1 and 300 seconds" in running.errors
        assert "Traceback" not in running.errors


def test_a_worker_makes_no_core_dump(server):
    for worker in server.workers:
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits)


def test_a_worker_is_closed_to_debuggers_of_its_own_user(server):
    assert server.ask("/dumpable") == (200, "0")  # prctl(2): PR_GET_DUMPABLE
