"""Serves one object's allow-listed operations on a Unix socket, a thread for each connection.

Only processes of one user are answered (SO_PEERCRED), whatever the file's mode. Frames, waiting
times and the number of connections are bounded. What goes wrong is told as a code, never more.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from vault.agents import wire
from vault.agents.address import check_length, prepare_folder
from vault.errors import AgentError, BusyError, FormatError, SettingError, WitnessVaultError

if TYPE_CHECKING:
    from pathlib import Path

    from vault.agents.operations import Operations

MAX_CONNECTIONS = 128
IDLE_SECONDS = 600.0
FRAME_SECONDS = 5.0

_REFUSE_SECONDS = 0.2
_BACKLOG = 64
_REQUEST_PARTS = 2

_log = logging.getLogger(__name__)


class Server:
    """One agent on one socket.

    Args:
        path: the socket; its folder is made with mode 0700.
        target: has a method for every operation.
        operations: the allow-list.
        uid: whose processes are answered; by default our own user.
        max_connections: further ones are told BusyError.
    """

    def __init__(
        self,
        path: Path,
        target: object,
        operations: Operations,
        *,
        uid: int | None = None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        check_length(path)
        self._path = path
        self._operations = operations
        self._methods = {name: getattr(target, name) for name in operations}
        self._uid = os.geteuid() if uid is None else uid
        self._free = threading.BoundedSemaphore(max_connections)
        self._stopped = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._open: set[socket.socket] = set()

    def listen(self) -> None:
        """Take the socket; from here on clients can connect.

        Raises:
            SettingError: another agent answers there already, or the folder is not ours.
        """
        prepare_folder(self._path.parent)
        self._remove_stale()
        self._listener.bind(str(self._path))
        self._path.chmod(0o600)  # before listen(): until then nobody can connect
        self._listener.listen(_BACKLOG)

    def serve(self) -> None:
        """Answer until `stop` is called; then close everything and remove the socket."""
        try:
            while not self._stopped.is_set():
                try:
                    peer, _ = self._listener.accept()
                except OSError:
                    if self._stopped.is_set():
                        break
                    # Out of descriptors, for example: wait for some connection to end.
                    self._stopped.wait(_REFUSE_SECONDS)
                    continue
                self._admit(peer)
        finally:
            self._close()

    def stop(self) -> None:
        """End `serve`; may be called from any thread or signal handler."""
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def _admit(self, peer: socket.socket) -> None:
        if wire.peer_uid(peer) != self._uid:
            peer.close()
        elif self._free.acquire(blocking=False):
            self._open.add(peer)
            threading.Thread(target=self._converse, args=(peer,), daemon=True).start()
        else:
            self._refuse(peer)

    def _refuse(self, peer: socket.socket) -> None:
        # The request is read first: closing with unread data could take the answer back.
        with peer, suppress(OSError, FormatError):
            wire.receive(peer, _REFUSE_SECONDS, _REFUSE_SECONDS)
            wire.send(peer, {"error": BusyError.code})

    def _converse(self, peer: socket.socket) -> None:
        try:
            with peer, suppress(OSError, FormatError):
                while (request := wire.receive(peer, IDLE_SECONDS, FRAME_SECONDS)) is not None:
                    peer.sendall(self._answer(request))
        finally:
            self._open.discard(peer)
            self._free.release()

    def _answer(self, request: Any) -> bytes:
        try:
            name, operation, values = self._parse(request)
            result = self._methods[name](*operation.decode_arguments(values))
            return wire.frame({"ok": operation.gives.encode(result)})
        except WitnessVaultError as error:
            return wire.frame({"error": error.code})
        except Exception as error:  # noqa: BLE001 - one bad request must not end the agent
            # Its type alone: a message or a trace could show arguments.
            _log.error("an operation failed: %s", type(error).__name__)
            return wire.frame({"error": AgentError.code})

    def _parse(self, request: Any) -> tuple[str, Any, Any]:
        if not isinstance(request, list) or len(request) != _REQUEST_PARTS:
            raise FormatError("not a request")
        name, values = request
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is None:
            raise FormatError("no such operation")
        return name, operation, values

    def _remove_stale(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self._path))
            except FileNotFoundError:
                return
            except OSError:
                self._path.unlink()  # left behind by a process that was killed
                return
        raise SettingError(f"another agent answers at {self._path.name} already")

    def _close(self) -> None:
        self._path.unlink(missing_ok=True)
        self._listener.close()
        for peer in list(self._open):
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
