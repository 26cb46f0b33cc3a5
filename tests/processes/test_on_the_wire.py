"""What really leaves a server: every head, those that gunicorn writes by itself included."""

from __future__ import annotations

import re
import socket

import pytest

from tests.processes.served import PATIENCE, wait_until
from vault.web.shared.headers import EVERY_ANSWER, PROVE_BY_PASSKEY, WITH_SCRIPT

pytestmark = pytest.mark.processes

NAMES = ("server", "x-powered-by", "via")
WORDS = (b"gunicorn", b"werkzeug", b"python", b"flask", b"wsgi")
INTAKE = {**EVERY_ANSWER, **WITH_SCRIPT}
SIGN_IN = {**EVERY_ANSWER, **PROVE_BY_PASSKEY}
PAGES = (
    (0, "/", INTAKE),
    (0, "/nowhere", INTAKE),
    (1, "/staff/nowhere", EVERY_ANSWER),
    (1, "/staff/sign-in", SIGN_IN),
    (2, "/audit/sign-in", SIGN_IN),
)
# Requests that gunicorn refuses before any page of ours is asked.
BROKEN = (
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01 not http at all\r\n\r\n",
    b"POST /return HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
)


def ask(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def head_of(answer):
    lines = answer.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize(("side", "path", "headers"), PAGES, ids=[page[1] for page in PAGES])
def test_a_page_carries_our_headers_and_names_no_server(first, side, path, headers):
    wait_until(lambda: first.answers("/healthz", side=0))
    wait_until(lambda: first.answers("/staff/healthz", side=1))
    wait_until(lambda: first.answers("/audit/healthz", side=2))
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    head = head_of(ask(first.port + side, request.encode()))
    assert headers.items() <= head.items()
    assert not {name.lower() for name in head} & set(NAMES)


@pytest.mark.parametrize("request_bytes", BROKEN, ids=range(len(BROKEN)))
def test_what_gunicorn_refuses_by_itself_names_no_server_either(first, request_bytes):
    wait_until(lambda: first.answers("/healthz", side=0))
    answer = ask(first.port, request_bytes)
    assert re.match(rb"HTTP/1\.1 (4\d\d|501) ", answer)
    assert not [word for word in WORDS if word in answer.lower()]
