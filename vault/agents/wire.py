"""Frames between a client and an agent: length (4 bytes, big endian), then canonical JSON.

A request is `[operation, [argument, …]]`, a reply `{"ok": result}` or `{"error": code}`. One
request at a time on a connection. A frame that is not of this shape ends the connection.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

from vault import canonical
from vault.errors import FormatError, TooLongError

MAX_FRAME = 262_144

_LENGTH = struct.Struct(">I")
_PEER = struct.Struct("3i")


def send(peer: socket.socket, value: Any) -> None:
    """Send one value.

    Raises:
        FormatError: not expressible as canonical JSON.
        TooLongError: over MAX_FRAME bytes.
        OSError: the connection is gone or slow.
    """
    peer.sendall(frame(value))


def frame(value: Any) -> bytes:
    """Return the bytes that `send` sends."""
    body = canonical.dumps(value)
    if len(body) > MAX_FRAME:
        raise TooLongError("a request to an agent")
    return _LENGTH.pack(len(body)) + body


def receive(peer: socket.socket, idle: float, within: float) -> Any | None:
    """Return the next value, or None when the peer closed between two frames.

    Args:
        peer: a connected socket.
        idle: seconds to wait for a frame to begin.
        within: seconds to wait for each next piece of it.

    Raises:
        FormatError: too long, cut short, not canonical JSON.
        OSError: the connection is gone or slow (TimeoutError).
    """
    peer.settimeout(idle)
    first = peer.recv(1)
    if not first:
        return None
    peer.settimeout(within)
    (length,) = _LENGTH.unpack(first + _exactly(peer, _LENGTH.size - 1))
    if length > MAX_FRAME:
        raise FormatError("a frame is too long")
    return canonical.loads(_exactly(peer, length))


def peer_uid(peer: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel knows it (unix(7))."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(credentials)
    return int(uid)


def _exactly(peer: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = peer.recv(size - len(data))
        if not piece:
            raise FormatError("a frame is cut short")
        data += piece
    return bytes(data)
