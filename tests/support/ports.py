"""Ports for servers of tests: two processes of tests never reach for the same one.

Each process has a range of its own, below those that the kernel gives to clients, and gives no
port twice: between looking and listening nobody else takes it.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator

FIRST, EACH, RANGES, IN_A_ROW = 12_000, 2_001, 8, 3


def free_ports() -> int:
    """Return the first of three ports in a row that nobody listens on."""
    for first in _STARTS:
        if all(_is_free(port) for port in range(first, first + IN_A_ROW)):
            return first
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _own() -> Iterator[int]:
    """Give the ports of this process in turn, from anywhere: another run may be under way."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % RANGES
    own = range(FIRST + worker * EACH, FIRST + (worker + 1) * EACH, IN_A_ROW)
    begin = random.randrange(len(own))
    yield from (*own[begin:], *own[:begin])


_STARTS = _own()
