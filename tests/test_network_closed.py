"""What every test relies on: nothing outside this machine can be reached."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_no_other_machine_can_be_reached():
    blocked = (SocketConnectBlockedError, UserWarning)  # it warns first, and warnings are errors
    with socket.socket() as outside, pytest.raises(blocked, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
