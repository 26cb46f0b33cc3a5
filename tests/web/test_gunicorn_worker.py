"""A body is received where it is needed: all of it, nothing after it, and not for ever."""

import socket

import pytest
from gunicorn.http.body import LengthReader

from vault.web.gunicorn_worker import BYTES_PER_SECOND, _Arriving, _Body


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def body_on(sock, length, seconds=5.0):
    arriving = _Arriving(sock, seconds)
    arriving.begin()
    return _Body(LengthReader(arriving, length)), arriving


def taken(body, size):
    room = bytearray(size)
    return bytes(room[: body.readinto(room)])


def test_what_came_with_the_head_comes_first_and_the_next_request_stays(line):
    ours, theirs = line
    body, arriving = body_on(ours, 10)
    arriving.unread(b"0123")
    assert taken(body, 3) == b"012"
    assert taken(body, 9) == b"3"
    theirs.sendall(b"456789GET")
    assert taken(body, 9) == b"456789"
    assert taken(body, 9) == b""
    assert arriving.read(3) == b"GET"


def test_a_request_that_came_with_its_body_is_not_taken_for_it(line):
    body, arriving = body_on(line[0], 2)
    arriving.unread(b"01GET")
    assert taken(body, 9) == b"01"
    assert taken(body, 9) == b""
    assert arriving.read(3) == b"GET"


def test_reading_and_receiving_go_together(line):
    body, _ = body_on(line[0], 300_000)
    sent = bytes(range(250)) * 1200
    line[1].sendall(sent[:150_000])
    got = taken(body, 1000) + body.read(2000) + taken(body, 100)
    line[1].sendall(sent[150_000:])
    while piece := taken(body, 65_536):
        got += piece
    assert got == sent


def test_a_line_that_breaks_off_gives_no_more(line):
    body, _ = body_on(line[0], 10)
    line[1].sendall(b"012")
    line[1].close()
    assert taken(body, 9) == b"012"
    assert taken(body, 9) == b""


def test_who_sends_nothing_is_not_waited_for_and_the_line_is_not_used_again(line):
    body, _ = body_on(line[0], 10, seconds=0.05)
    with pytest.raises(TimeoutError):
        taken(body, 9)
    assert body.failed


def test_what_comes_gives_time_and_waiting_takes_it(line):
    body, arriving = body_on(line[0], BYTES_PER_SECOND, seconds=0.2)
    line[1].sendall(bytes(BYTES_PER_SECOND // 8))
    taken(body, BYTES_PER_SECOND)
    assert 0.2 < arriving._left <= 0.2 + 1 / 8
