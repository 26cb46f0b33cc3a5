"""A real gunicorn under visitors who send slowly or not at all: the others are still answered."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from tests.processes.gunicorns import serving, settings_in
from tests.processes.served import wait_until

pytestmark = pytest.mark.processes

THREADS, SLOW = 2, 1
PATIENCE = 60.0  # or for ever: those before us stay until the test ends
HEAD = b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
APP = """
from flask import request
from vault.web.shared.application import QuietFlask
from vault.web.shared.decoding import read_form

app = QuietFlask("app")

@app.get("/healthz")
def healthz():
    return "ok"

@app.get("/much")
def much():
    return "x" * 20_000_000

@app.post("/form")
def form():
    return read_form(request).text("name")
"""


@pytest.fixture
def server(tmp_path):
    settings_in(tmp_path, slow_request=SLOW)
    with serving(tmp_path, APP, threads=THREADS) as running:
        yield running


def hold(server, stack, sent, count):
    """Open connections, send the same bytes on each and nothing more."""
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(sent)
        stack.enter_context(connection)


@pytest.mark.parametrize(
    "sent",
    [b"POST /fo", HEAD, HEAD + FORM + b"name=half"],
    ids=["half a line", "half a head", "half a body"],
)
def test_those_who_stop_sending_hold_no_thread_for_long(server, sent):
    with ExitStack() as stack:
        hold(server, stack, sent, count=2 * THREADS)
        assert server.ask("/healthz", timeout=PATIENCE)[1] == "ok"


def test_those_who_send_nothing_hold_no_thread_at_all(server):
    with ExitStack() as stack:
        hold(server, stack, b"", count=10 * THREADS)
        assert server.ask("/healthz", timeout=1)[1] == "ok"


def test_a_trickle_is_cut_off_although_something_always_arrives(server):
    with ExitStack() as stack:
        trickle = socket.create_connection(("127.0.0.1", server.port))
        stack.enter_context(trickle)
        trickle.sendall(HEAD + FORM)
        trickle.settimeout(0.2)
        begun = time.monotonic()
        assert wait_until(lambda: ended(trickle), seconds=PATIENCE)
        assert time.monotonic() - begun > SLOW


def test_those_who_take_no_answer_hold_no_thread_for_long(server):
    with ExitStack() as stack:
        hold(server, stack, b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n", count=THREADS)
        time.sleep(0.2)
        assert server.ask("/healthz", timeout=PATIENCE)[1] == "ok"


def test_those_who_do_not_hang_up_do_not_stop_the_main_loop(server):
    with ExitStack() as stack:
        hold(
            server, stack, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", count=2 * THREADS
        )
        assert server.ask("/healthz", timeout=PATIENCE)[1] == "ok"


def test_a_body_that_comes_in_pieces_in_time_is_read_whole(server):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(PATIENCE)
        body = b"name=" + b"y" * 995
        connection.sendall(HEAD + FORM)
        for start in range(0, len(body), 250):
            time.sleep(0.1)
            connection.sendall(body[start : start + 250])
        answer = b""
        while b"y" * 995 not in answer:
            arrived = connection.recv(8192)
            assert arrived, answer
            answer += arrived


def test_a_body_that_breaks_off_is_no_form(server):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(HEAD + FORM + b"name=half")
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(8192)
    assert b" 200 " not in answer
    assert b"half" not in answer


def ended(trickle):
    try:
        trickle.sendall(b"y")
        return not trickle.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True
